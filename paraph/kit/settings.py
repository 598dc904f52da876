"""Settings: one frozen object, read from ``PARAPH_*``; a bad or unknown one stops the start with a sentence.

Every secret may come from a file instead: ``PARAPH_SMTP_PASSWORD_FILE=/run/secrets/smtp``.
"""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass, field, fields
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, get_type_hints
from urllib.parse import urlsplit

from .faults import fault_problem
from .load_settings import load_problem
from .s3_settings import s3_problem
from .seal_settings import seal_problem
from .settings_text import SettingsError, check_network, convert, days_in, name_and_text
from .sms_template import gateway_problem

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["Settings", "SettingsError", "describe_settings", "load_settings"]

MIB = 1024 * 1024
DAY = 86_400
OF_CLIENTS = frozenset({"PARAPH_URL", "PARAPH_API_KEY"})
"""What programs that call a Paraph server read (examples/): often set in the same shell, and not a typing error."""
_ADDRESS = re.compile(r"[^\s@,;<>\"]+@[^\s@,;<>\"]+")


def _setting(default: Any, doc: str) -> Any:
    return field(default=default, metadata={"doc": doc})


def _secret(default: Any, doc: str) -> Any:
    return field(default=default, metadata={"doc": doc}, repr=False)


@dataclass(frozen=True, kw_only=True)
class Settings:
    """All settings of a Paraph process; each field is ``PARAPH_<NAME>`` in the environment."""

    host: str = _setting("localhost", "Address to listen on; `0.0.0.0` for all.")
    port: int = _setting(8000, "Port to listen on.")
    public_url: str = _setting("", "Address people and apps reach this server by; default `http://localhost:<port>`.")
    data_dir: Path = _setting(Path("data"), "Folder for the database, files and keys.")
    database_url: str = _secret("", "`postgresql://user:password@host/name`; empty: SQLite in the data folder.")
    database_pool: int = _setting(10, "PostgreSQL connections a process may hold.")
    database_statement_seconds: int = _setting(
        15, "Seconds a PostgreSQL statement of a call may take, and on SQLite a list."
    )
    secret_key: str = _secret(
        "", "Server secret (at least 32 characters); empty: made on first run in the data folder."
    )
    s3_bucket: str = _setting("", "Bucket of an S3-compatible store for all files; empty: the data folder.")
    s3_endpoint: str = _setting("", "Address of that store, such as `https://s3.example.com`; empty: Amazon's.")
    s3_region: str = _setting("us-east-1", "Region of the bucket.")
    s3_access_key_id: str = _setting("", "Name of the access key.")
    s3_secret_access_key: str = _secret("", "The access key's secret.")
    s3_prefix: str = _setting("", "Path in the bucket under which all files stand.")
    s3_addressing: Literal["auto", "path", "virtual"] = _setting(
        "auto", "Bucket as a `path` or as a `virtual` host name; `auto`: virtual at Amazon only."
    )
    s3_encryption: Literal["none", "AES256", "aws:kms"] = _setting(
        "none", "Encryption that the store is asked for with each file; `none`: the bucket's own default."
    )
    s3_kms_key: str = _setting("", "Id of the key for `aws:kms`; empty: the bucket's own.")
    s3_seconds: int = _setting(10, "Seconds the store may take to answer one request.")
    s3_cache_bytes: int = _setting(1024 * MIB, "Space on local disk for copies of files in the store, in bytes.")
    smtp_host: str = _setting("", "Mail server; empty: mail is kept and shown on /mailbox.")
    smtp_port: int = _setting(587, "Port of the mail server.")
    smtp_username: str = _setting("", "User name at the mail server.")
    smtp_password: str = _secret("", "Password at the mail server.")
    smtp_security: Literal["starttls", "tls", "none"] = _setting("starttls", "How the mail connection is protected.")
    mail_from: str = _setting("", "Sender address of all mail; default `paraph@<public host>`.")
    sms_url: str = _setting("", "Gateway that text messages are posted to; empty: only a local server has them.")
    sms_body: str = _setting('{"to": "{to}", "text": "{text}"}', "What is posted: JSON or a form with both blanks.")
    sms_header: str = _secret("", "Header that identifies you at the gateway, such as `Authorization: Bearer …`.")
    operator_contact: str = _setting(
        "", "How people reach whoever runs this server; shown in mails and certificates."
    )
    trusted_proxies: str = _setting("", "Comma-separated addresses or networks whose X-Forwarded-For is believed.")
    insecure_http: bool = _setting(
        False, "Accept an http public address that is not localhost: for test networks only."
    )
    allow_private_callbacks: bool = _setting(False, "Let callbacks and file_urls reach private addresses.")
    api_rate_limit: int = _setting(2000, "API calls a minute an account may make.")
    api_rate_limit_costly: int = _setting(0, "Of these, calls that send or make documents; 0: no limit of their own.")
    api_rate_limit_test: int = _setting(0, "Of these, calls in test mode; 0: no limit of their own.")
    token_rate_limit: int = _setting(0, "Token calls a minute an app may make; 0: as PARAPH_API_RATE_LIMIT.")
    asks_per_hour: int = _setting(200, "Mails an hour in which one account may ask one address to sign.")
    calls_at_once: int = _setting(500, "Calls and pages a process works on at once; more are told to come again.")
    sends_at_once: int = _setting(32, "Of these, calls that send or make documents.")
    upload_bytes_at_once: int = _setting(1024 * MIB, "Space for what these upload, in bytes.")
    waiting_jobs: int = _setting(10_000, "Jobs waiting for a worker beyond which nothing is sent; 0: no bound.")
    login_attempts: int = _setting(10, "Failed log-ins an address may collect in 15 minutes.")
    access_token_seconds: int = _setting(3600, "Life of an access token; at most 86400.")
    authorization_code_seconds: int = _setting(300, "Life of an authorization code; at most 600.")
    account_verify_enabled: bool = _setting(True, "Answer POST /v3/account/verify.")
    max_file_bytes: int = _setting(40 * MIB, "Largest document accepted, in bytes.")
    max_files: int = _setting(25, "Most documents in one signature request.")
    max_pages: int = _setting(500, "Most pages in one document.")
    office: Literal["auto", "off"] = _setting(
        "auto", "Convert Office files and web pages if LibreOffice and bubblewrap are installed; `off`: refuse them."
    )
    file_url_days: int = _setting(3, "Days a link from files_as_file_url works.")
    reminder_days: str = _setting(
        "3,7", "Days after the invitation on which a signer is reminded, comma-separated; `none`: never."
    )
    expiry_reminder_days: str = _setting(
        "7,3", "Days before a request expires on which its signers are reminded; `none`: never."
    )
    retention_days: int = _setting(0, "Days after its end when a request's files are deleted; 0: kept for ever.")
    verifications_per_hour: int = _setting(60, "Files a network may have checked on /verify in an hour.")
    embedded_worker: bool = _setting(True, "Run background work inside `paraph serve`.")
    drain_seconds: int = _setting(
        0, "Seconds for which a server told to end (SIGTERM) still takes calls while `/readyz` answers 503."
    )
    worker_concurrency: int = _setting(4, "Jobs a worker runs at once.")
    worker_port: int = _setting(0, "Port on which `paraph worker` answers /healthz, /readyz, /metrics; 0: none.")
    log_format: Literal["text", "json"] = _setting("text", "Shape of log lines.")
    log_level: Literal["debug", "info", "warning", "error"] = _setting("info", "Least weight of a line to be logged.")
    metrics_token: str = _secret("", "Bearer token for /metrics; empty: only this machine may read it.")
    seal_name: str = _setting("Paraph document seal", "Common name in the sealing certificate made on first run.")
    seal_pkcs12: Path | None = _setting(None, "PKCS#12 file with your own sealing key and certificate.")
    seal_pkcs12_passphrase: str = _secret("", "Passphrase of that file.")
    seal_pkcs11_module: Path | None = _setting(None, "Driver (`.so`) of a PKCS#11 token that holds your sealing key.")
    seal_pkcs11_token: str = _setting("", "Label of the token.")
    seal_pkcs11_key: str = _setting("", "Label of the private key in the token.")
    seal_pkcs11_pin: str = _secret("", "PIN of the token.")
    seal_certificate: Path | None = _setting(None, "PEM file for the token's key: its certificate, then the chain.")
    seal_former_roots: Path | None = _setting(
        None, "PEM file: roots and certificates of earlier seals that stay believed."
    )
    seal_level: Literal["B-B", "B-T", "B-LT", "B-LTA"] = _setting("B-B", "PAdES level of the seal.")
    seal_level_required: bool = _setting(False, "Wait rather than seal at a lower level.")
    seal_timestamp_urls: str = _secret("", "Comma-separated timestamp authorities (RFC 3161), asked in turn.")
    seal_timestamp_roots: Path | None = _setting(None, "PEM file with the root certificates of these authorities.")
    seal_timestamp_seconds: int = _setting(10, "Seconds an authority may take to answer.")
    testing: bool = _setting(False, "This server is there to be broken by tests; allows the two settings below.")
    fault_points: str = _setting("", "Steps at which a test kills, stops or fails the process (docs/durability.md).")
    clock_offset_seconds: int = _setting(0, "Seconds by which a test sets the server's clock forward.")

    def __post_init__(self) -> None:
        if not 1 <= self.port <= 65_535 or not 1 <= self.smtp_port <= 65_535:
            raise SettingsError("PARAPH_PORT and PARAPH_SMTP_PORT must lie between 1 and 65535.")
        if not 0 <= self.worker_port <= 65_535:
            raise SettingsError("PARAPH_WORKER_PORT must lie between 0 (none) and 65535.")
        if not self.public_url:
            object.__setattr__(self, "public_url", f"http://localhost:{self.port}")
        object.__setattr__(self, "public_url", self.public_url.rstrip("/"))
        # the children that open documents run in another folder
        object.__setattr__(self, "data_dir", self.data_dir.absolute())
        self._check_public_url()
        self._check_ranges()
        self._check_pairs()
        if self.metrics_token and len(self.metrics_token) < 16:
            raise SettingsError("PARAPH_METRICS_TOKEN is too short: give at least 16 random characters.")
        if self.secret_key and len(self.secret_key) < 32:
            raise SettingsError("PARAPH_SECRET_KEY is too short: give at least 32 random characters.")
        if self.database_url and not self.database_url.startswith(("postgresql://", "postgres://", "sqlite:///")):
            raise SettingsError("PARAPH_DATABASE_URL must start with postgresql:// or sqlite:///.")
        for network in self.trusted_networks_text:
            check_network(network)
        _ = self.reminds_after, self.reminds_before_expiry

    def _check_public_url(self) -> None:
        try:
            parts = urlsplit(self.public_url)
            plain = parts.port != 0 and parts.scheme in ("http", "https") and bool(parts.hostname)
        except ValueError:
            plain = False
        if not plain or parts.path or parts.query or parts.fragment or parts.username is not None:
            raise SettingsError(
                "PARAPH_PUBLIC_URL must be a plain http or https address, such as https://sign.example.com."
            )
        if parts.scheme == "http" and not (self.is_development or self.insecure_http):
            raise SettingsError(
                "PARAPH_PUBLIC_URL must be https unless it is on localhost: OAuth needs it. "
                "In a closed test network, set PARAPH_INSECURE_HTTP=true."
            )

    def _check_ranges(self) -> None:
        if not 60 <= self.access_token_seconds <= DAY:
            raise SettingsError("PARAPH_ACCESS_TOKEN_SECONDS must lie between 60 and 86400.")
        if not 10 <= self.authorization_code_seconds <= 600:
            raise SettingsError("PARAPH_AUTHORIZATION_CODE_SECONDS must lie between 10 and 600.")
        if self.retention_days < 0 or self.drain_seconds < 0:
            raise SettingsError("PARAPH_RETENTION_DAYS and PARAPH_DRAIN_SECONDS must be 0 or more.")
        for name in (
            "api_rate_limit",
            "login_attempts",
            "max_file_bytes",
            "max_files",
            "max_pages",
            "file_url_days",
            "verifications_per_hour",
            "worker_concurrency",
            "database_pool",
            "database_statement_seconds",
        ):
            if getattr(self, name) < 1:
                raise SettingsError(f"PARAPH_{name.upper()} must be at least 1.")

    def _check_pairs(self) -> None:
        """Settings that mean something only together."""
        if (self.smtp_username or self.smtp_password) and not self.smtp_host:
            raise SettingsError("PARAPH_SMTP_USERNAME and PARAPH_SMTP_PASSWORD need PARAPH_SMTP_HOST.")
        if bool(self.smtp_username) != bool(self.smtp_password):
            raise SettingsError("Give PARAPH_SMTP_USERNAME and PARAPH_SMTP_PASSWORD together.")
        if unfit_part := seal_problem(self) or s3_problem(self) or load_problem(self):
            raise SettingsError(unfit_part)
        unfit = gateway_problem(self.sms_url, self.sms_body, self.sms_header, http=self.is_development)
        if unfit:
            raise SettingsError(unfit)
        if unfit := fault_problem(self.fault_points, self.clock_offset_seconds, testing=self.testing):
            raise SettingsError(unfit)
        if self.mail_from and not _ADDRESS.fullmatch(self.mail_from):
            raise SettingsError("PARAPH_MAIL_FROM must be one plain address, such as sign@example.com.")

    @cached_property
    def is_development(self) -> bool:
        """True while the public address is on this very machine: http and loopback callbacks are then allowed."""
        host = urlsplit(self.public_url).hostname or ""
        return host == "localhost" or host.endswith(".localhost") or _is_loopback(host)

    @property
    def sqlite_path(self) -> Path | None:
        """Path of the embedded database, or None on PostgreSQL."""
        if not self.database_url:
            return self.data_dir / "paraph.sqlite3"
        if self.database_url.startswith("sqlite:///"):
            return Path(self.database_url.removeprefix("sqlite:///"))
        return None

    @property
    def sender_address(self) -> str:
        """The From address of mail."""
        return self.mail_from or f"paraph@{urlsplit(self.public_url).hostname}"

    @property
    def keeps_mail(self) -> bool:
        """True when no mail server is configured: mail is shown on /mailbox instead of sent."""
        return not self.smtp_host

    @property
    def reminds_after(self) -> tuple[int, ...]:
        """Days after an invitation on which its signer is reminded, ascending."""
        return days_in("PARAPH_REMINDER_DAYS", self.reminder_days)

    @property
    def reminds_before_expiry(self) -> tuple[int, ...]:
        """Days before its end on which the signers of a request are reminded, ascending."""
        return days_in("PARAPH_EXPIRY_REMINDER_DAYS", self.expiry_reminder_days)

    @property
    def trusted_networks_text(self) -> tuple[str, ...]:
        return tuple(part.strip() for part in self.trusted_proxies.split(",") if part.strip())


def load_settings(environ: Mapping[str, str]) -> Settings:
    """Return the settings that the environment asks for; raises SettingsError."""
    hints = get_type_hints(Settings)
    known = {f"PARAPH_{f.name.upper()}": f.name for f in fields(Settings)}
    values: dict[str, Any] = {}
    for key, text in environ.items():
        if not key.startswith("PARAPH_") or key in OF_CLIENTS:
            continue
        name, raw = name_and_text(key, text, known)
        if name in values:
            raise SettingsError(f"PARAPH_{name.upper()} and PARAPH_{name.upper()}_FILE are both set; keep one.")
        if not raw:
            continue  # as compose files write a variable that is not set
        values[name] = convert(f"PARAPH_{name.upper()}", raw, hints[name])
    return Settings(**values)


def describe_settings() -> list[tuple[str, str, str]]:
    """Rows (variable, default, meaning) for the README, ``paraph doctor`` and the test that compares the two."""
    return [
        (f"PARAPH_{f.name.upper()}", "" if f.default in ("", None) else str(f.default), f.metadata["doc"])
        for f in fields(Settings)
    ]


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
