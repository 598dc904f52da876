"""``paraph doctor``: examine an installation and say, for each problem, how to mend it."""

from __future__ import annotations

import os
import shutil
from datetime import UTC, datetime
from urllib.parse import urlsplit

from sqlalchemy.exc import SQLAlchemyError

from paraph.doctor_running import examine_certificate, examine_limits, examine_mail, examine_running
from paraph.documents import SealingIdentityError
from paraph.finding import Finding, Verdict
from paraph.kit.db import open_database
from paraph.kit.db.unfit import in_a_line
from paraph.kit.settings import Settings, describe_settings
from paraph.kit.sms import provider_of
from paraph.office_setup import office_state
from paraph.postgresql_setup import postgresql_state
from paraph.seal_setup import document_workers, sealing_identity
from paraph.shared_state import files_state, server_key_state

LOW_DISK_BYTES = 1 << 30


async def examine(settings: Settings) -> list[Finding]:
    """Return the findings, most basic first."""
    return [
        _data_folder(settings),
        _disk(settings),
        await _database(settings),
        await _files(settings),
        _keys(settings),
        *await _server_key(settings),
        *await _seal(settings),
        *examine_certificate(settings),
        await _office(settings),
        _address(settings),
        _mail(settings),
        *await examine_mail(settings),
        _text_messages(settings),
        *await examine_running(settings),
        *examine_limits(),
        Finding("settings", "ok", f"{len(describe_settings())} known, all given ones valid"),
    ]


def _data_folder(settings: Settings) -> Finding:
    folder = settings.data_dir.resolve()
    nearest = next(path for path in (folder, *folder.parents) if path.exists())
    if os.access(nearest, os.W_OK):
        return Finding("data folder", "ok", str(folder))
    return Finding(
        "data folder", "problem", f"{folder} cannot be written", "chown it to this user, or set PARAPH_DATA_DIR"
    )


def _disk(settings: Settings) -> Finding:
    folder = settings.data_dir.resolve()
    nearest = next(path for path in (folder, *folder.parents) if path.exists())
    free = shutil.disk_usage(nearest).free
    words = f"{free >> 20} MiB free"
    return Finding("disk", "ok", words) if free > LOW_DISK_BYTES else Finding("disk", "problem", words, "make room")


async def _database(settings: Settings) -> Finding:
    where = str(settings.sqlite_path) if settings.sqlite_path else "PostgreSQL"
    if settings.sqlite_path is not None and not settings.sqlite_path.exists():
        return Finding("database", "note", f"{where} is made at the first start")
    try:
        if settings.sqlite_path is None:
            return Finding("database", *await postgresql_state(settings))
        database = open_database(settings)
        await database.open()
        await database.close()
    except (SQLAlchemyError, OSError) as error:
        return Finding(
            "database",
            "problem",
            f"{where}: {in_a_line(error)}",
            "check PARAPH_DATABASE_URL and that the server runs",
        )
    return Finding("database", "ok", where)


async def _files(settings: Settings) -> Finding:
    works, says, fix = await files_state(settings)
    return Finding("files", "ok" if works else "problem", says, fix)


async def _server_key(settings: Settings) -> list[Finding]:
    state = await server_key_state(settings)
    return [] if state is None else [Finding("server key", "ok" if state[0] else "problem", *state[1:])]


def _keys(settings: Settings) -> Finding:
    folder = settings.data_dir / "keys"
    loose = [
        path.name for path in (*folder.glob("*.key"), *folder.glob("seal/*.key.pem")) if path.stat().st_mode & 0o077
    ]
    if loose:
        return Finding(
            "keys",
            "problem",
            f"{', '.join(loose)} can be read by others",
            f"chmod 600 {folder}/*.key {folder}/seal/*.key.pem",
        )
    if not folder.exists():
        return Finding("keys", "note", "made at the first start")
    return Finding("keys", "ok", "readable by this user only; back up this folder with the database")


async def _seal(settings: Settings) -> list[Finding]:
    """The key is tried, and each timestamp authority is asked for a timestamp of nothing."""
    if (
        not settings.seal_pkcs12
        and not settings.seal_pkcs11_module
        and not (settings.data_dir / "keys/seal").exists()
    ):
        return [Finding("seal", "note", "key and certificate are made at the first start")]
    try:
        identity = sealing_identity(settings)
        workers = document_workers(settings, identity)
    except SealingIdentityError as error:
        return [Finding("seal", "problem", str(error), _mend_seal(settings))]
    async with workers:
        problem = identity.problem(datetime.now(UTC)) or await workers.key_problem(identity)
        if problem:
            return [Finding("seal", "problem", problem, _mend_seal(settings))]
        words = f"{identity.subject}, issued by {identity.issuer}, {workers.policy.level}"
        return [Finding("seal", "ok", words), *_timestamps(settings, await workers.authority_problems())]


def _mend_seal(settings: Settings) -> str:
    if settings.seal_pkcs11_module is not None:
        return "check PARAPH_SEAL_PKCS11_MODULE, _TOKEN, _KEY and _PIN, and PARAPH_SEAL_CERTIFICATE"
    if settings.seal_pkcs12 is not None:
        return "set PARAPH_SEAL_PKCS12 to a readable file with a valid certificate, and its passphrase"
    return "restore keys/seal from your backup, or set PARAPH_SEAL_PKCS12 to a file with a key and certificate"


def _timestamps(settings: Settings, problems: dict[str, str]) -> list[Finding]:
    works = not all(problems.values())
    verdict: Verdict = "note" if works or not settings.seal_level_required else "problem"
    until_then = "nothing is sealed until then" if settings.seal_level_required else "seals are B-B until then"
    fix = f"check PARAPH_SEAL_TIMESTAMP_URLS and _ROOTS{'' if works else '; ' + until_then}"
    return [
        Finding(f"timestamps of {name}", verdict, problem, fix)
        if problem
        else Finding(f"timestamps of {name}", "ok", "good")
        for name, problem in problems.items()
    ]


async def _office(settings: Settings) -> Finding:
    works, says, fix = await office_state(settings)
    return Finding("office files", "ok" if works else "note", says, fix)


def _address(settings: Settings) -> Finding:
    if settings.is_development:
        return Finding(
            "public address",
            "note",
            f"{settings.public_url} is this machine only",
            "for others, set PARAPH_PUBLIC_URL to the https address of your proxy",
        )
    return Finding("public address", "ok", settings.public_url)


def _mail(settings: Settings) -> Finding:
    if settings.keeps_mail:
        return Finding("mail", "note", f"kept on {settings.public_url}/mailbox", "to send it, set PARAPH_SMTP_HOST")
    return Finding("mail", "ok", f"sent through {settings.smtp_host}:{settings.smtp_port} ({settings.smtp_security})")


def _text_messages(settings: Settings) -> Finding:
    """The gateway by its host alone: credentials may stand in the rest of its address."""
    may_ask = (
        "senders may ask for a code by text message before signing, or for the link on a phone, not in test mode"
    )
    gateway = "to send them, set PARAPH_SMS_URL, and PARAPH_SMS_BODY and PARAPH_SMS_HEADER as the gateway wants them"
    if settings.sms_url:
        return Finding("text messages", "ok", f"sent through {urlsplit(settings.sms_url).hostname}; {may_ask}")
    if provider_of(settings) is not None:
        return Finding("text messages", "note", f"kept on {settings.public_url}/mailbox; {may_ask}", gateway)
    refused = "none; a request with a signer's sms_phone_number is refused, an access code (pin) works"
    return Finding("text messages", "note", refused, gateway)
