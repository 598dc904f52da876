"""Record a released schema with data in it, to be kept: ``python -m tests.upgrade.record CHECKOUT``.

CHECKOUT is a folder with the code of that release. Its own server makes the data, through HTTP and the command line
only; what is kept is a text dump of the database for each engine, the stored files, the seal's certificates (never a
key) and what was promised to clients. ``test_upgrade`` brings each of them up to the present schema.
"""

from __future__ import annotations

import asyncio
import gzip
import json
import shutil
import sqlite3
import subprocess
import sys
import tarfile
import tempfile
from contextlib import closing
from pathlib import Path
from typing import Any

import httpx

from tests.harness import Cluster
from tests.helpers.process import Installation, installation, serving
from tests.upgrade.kept import RELEASES, SECRET_KEY, connection_arguments
from tests.wire.live import authorise, log_in, mailed_link, mails_to, sign

CALLBACK = "https://app.example.com/callback"
PDF = Path(__file__).parents[2] / "examples" / "nda.pdf"


def main(checkout: Path) -> None:
    """Record both engines."""
    folder = Path(tempfile.mkdtemp(prefix="record-"))
    folder.chmod(0o755)
    cluster = Cluster(folder / "cluster")
    cluster.start()
    try:
        record(checkout, "sqlite", "", folder / "lite")
        record(checkout, "postgresql", cluster.empty_database(), folder / "big")
    finally:
        cluster.stop()
        shutil.rmtree(folder)


def record(checkout: Path, engine: str, database_url: str, folder: Path) -> None:
    """Serve with the old code, do what people do, and keep what is left."""
    place = installation(folder, secret_key=SECRET_KEY, database_url=database_url)
    place.environment.update(PYTHONPATH=str(checkout), PYTHONSAFEPATH="1")
    facts = history(place)
    dump, schema = dump_of(place, database_url)
    kept = RELEASES / schema
    kept.mkdir(parents=True, exist_ok=True)
    (kept / f"{engine}.sql.gz").write_bytes(gzip.compress(dump.encode(), mtime=0))
    (kept / f"{engine}.json").write_text(json.dumps(facts, indent=2) + "\n")
    with tarfile.open(kept / f"{engine}.tar.xz", "w:xz") as archive:
        data = folder / "data"
        for path in sorted([*data.glob("files/??/??/*"), *data.glob("keys/**/*")]):
            if path.is_file() and b"PRIVATE KEY" not in path.read_bytes():
                archive.add(path, path.relative_to(data).as_posix(), filter=_plain)
    print(f"kept {engine} at schema {schema}: {sum(path.stat().st_size for path in kept.iterdir())} bytes")


def history(place: Installation) -> dict[str, Any]:
    """An app with tokens, and requests in every state that can wait for an upgrade."""
    owner = place.create_account("olga@example.com", operator=True)
    with serving(place) as server:
        url = server.url
        api = httpx.Client(base_url=url, auth=(owner["api_key"], ""), timeout=60)
        scopes = ["basic_account_info", "request_signature"]
        wanted = {
            "name": "Acme",
            "domains": ["app.example.com"],
            "oauth": {"callback_url": CALLBACK, "scopes": scopes},
        }
        app = api.post("/v3/api_app", json=wanted).raise_for_status().json()["api_app"]
        place.cli("app", "approve", app["client_id"])
        client = {"client_id": app["client_id"], "client_secret": app["oauth"]["secret"]}
        browser = log_in(url, "olga@example.com")
        code = authorise(browser, app["client_id"])["code"]
        exchange = {"grant_type": "authorization_code", "code": code, **client}
        tokens = httpx.post(f"{url}/oauth/token", data=exchange).raise_for_status().json()
        requests = {name: send(api, name) for name in ("complete", "half", "waiting", "declined", "canceled")}
        bearer = httpx.Client(base_url=url, headers={"Authorization": f"Bearer {tokens['access_token']}"}, timeout=60)
        requests["of_app"] = send(bearer, "of_app")
        for name, signer in (("complete", "ann"), ("complete", "bob"), ("half", "ann")):
            sign(url, f"{signer}.{name}@example.com", signer.title())
        decline(url, "ann.declined@example.com")
        api.post(f"/v3/signature_request/cancel/{requests['canceled']}").raise_for_status()
        wait_for_seal(api, requests["complete"])
        links = {
            f"{signer}.{name}": mailed_link(url, f"{signer}.{name}@example.com", "/sign/")
            for name in ("half", "waiting", "of_app")
            for signer in ("ann", "bob")
        }
        mails = len(mails_to(url, "olga@example.com"))
        shown = {name: api.get(f"/v3/signature_request/{one}").json() for name, one in requests.items()}
    return {
        "api_key": owner["api_key"],
        "client": client,
        "tokens": tokens,
        "requests": requests,
        "links": links,
        "mails": mails,
        "shown": shown,
    }


def send(client: httpx.Client, name: str) -> str:
    """Send to Ann and Bob; return the request's id."""
    fields = {"title": name, "test_mode": "1", "allow_decline": "1"}
    for index, signer in enumerate(("ann", "bob")):
        fields[f"signers[{index}][name]"] = signer.title()
        fields[f"signers[{index}][email_address]"] = f"{signer}.{name}@example.com"
    files = {"files[0]": ("nda.pdf", PDF.read_bytes())}
    answer = client.post("/v3/signature_request/send", data=fields, files=files).raise_for_status().json()
    return str(answer["signature_request"]["signature_request_id"])


def decline(url: str, email: str) -> None:
    base = mailed_link(url, email, "/sign/")
    with httpx.Client(base_url=url, timeout=30) as browser:
        browser.post(f"{base}/view", data={"by": "script"})
        answer = browser.post(f"{base}/decline", data={"reason": "Not for me"})
        assert answer.status_code == 303, answer.text


def wait_for_seal(api: httpx.Client, request_id: str) -> None:
    for _ in range(600):
        if api.get(f"/v3/signature_request/{request_id}").json()["signature_request"]["is_complete"]:
            return
        asyncio.run(asyncio.sleep(0.1))
    raise AssertionError("it was never sealed")


def dump_of(place: Installation, database_url: str) -> tuple[str, str]:
    """Return the database as SQL text, and the migration it stands at."""
    if not database_url:
        with closing(sqlite3.connect(place.folder / "data" / "paraph.sqlite3")) as connection:
            text = "\n".join(connection.iterdump())
            return text, str(connection.execute("SELECT version_num FROM alembic_version").fetchone()[0])
    command = ["pg_dump", "--no-owner", "--no-privileges", "--inserts", *connection_arguments(database_url)]
    text = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    query = ["psql", "-qtA", *connection_arguments(database_url), "-c", "SELECT version_num FROM alembic_version"]
    return text, subprocess.run(query, capture_output=True, text=True, check=True).stdout.strip()


def _plain(entry: tarfile.TarInfo) -> tarfile.TarInfo:
    entry.uid = entry.gid = 0
    entry.uname = entry.gname = ""
    return entry


if __name__ == "__main__":
    main(Path(sys.argv[1]).resolve())
