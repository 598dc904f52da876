"""Settings: each from its variable or file; what is wrong stops the start with a sentence."""

from __future__ import annotations

from dataclasses import FrozenInstanceError
from pathlib import Path

import pytest

from paraph.kit.settings import Settings, SettingsError, describe_settings, load_settings


def test_the_defaults_are_a_working_development_server() -> None:
    settings = load_settings({"HOME": "/root", "PATH": "/bin"})
    assert (settings.public_url, settings.is_development, settings.keeps_mail) == (
        "http://localhost:8000",
        True,
        True,
    )
    assert settings.sqlite_path == Path.cwd() / "data" / "paraph.sqlite3"
    assert settings.sender_address == "paraph@localhost"


def test_the_data_folder_is_the_same_for_children_that_run_elsewhere() -> None:
    assert load_settings({}).data_dir == Path.cwd() / "data"
    assert load_settings({"PARAPH_DATA_DIR": "elsewhere"}).data_dir == Path.cwd() / "elsewhere"


def test_each_kind_of_value_is_read() -> None:
    settings = load_settings(
        {
            "PARAPH_PORT": "9000",
            "PARAPH_DATA_DIR": "/var/lib/paraph",
            "PARAPH_PUBLIC_URL": "https://sign.example.com/",
            "PARAPH_ALLOW_PRIVATE_CALLBACKS": "yes",
            "PARAPH_LOG_FORMAT": "json",
            "PARAPH_SEAL_PKCS12": "/etc/seal.p12",
        }
    )
    assert settings.port == 9000
    assert settings.data_dir == Path("/var/lib/paraph")
    assert settings.public_url == "https://sign.example.com"
    assert settings.allow_private_callbacks is True
    assert settings.log_format == "json"
    assert settings.seal_pkcs12 == Path("/etc/seal.p12")
    assert not settings.is_development


def test_an_empty_variable_is_one_that_is_not_set() -> None:
    empty = {name: "" for name, _, _ in describe_settings()}
    assert load_settings(empty) == load_settings({})


def test_a_secret_from_a_file(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("s" * 40 + "\n")
    assert load_settings({"PARAPH_SECRET_KEY_FILE": str(secret)}).secret_key == "s" * 40


@pytest.mark.parametrize(
    ("environ", "sentence"),
    [
        ({"PARAPH_PROT": "1"}, "PARAPH_PROT is not a setting of Paraph"),
        ({"PARAPH_PROT_FILE": "/x"}, "PARAPH_PROT_FILE is not a setting of Paraph"),
        ({"PARAPH_PORT": "many"}, "PARAPH_PORT must be a whole number"),
        ({"PARAPH_PORT": "0"}, "PARAPH_PORT and PARAPH_SMTP_PORT must lie"),
        ({"PARAPH_PORT": "70000"}, "PARAPH_PORT and PARAPH_SMTP_PORT must lie"),
        ({"PARAPH_EMBEDDED_WORKER": "perhaps"}, "PARAPH_EMBEDDED_WORKER must be true or false"),
        ({"PARAPH_LOG_FORMAT": "xml"}, "PARAPH_LOG_FORMAT must be one of text, json"),
        ({"PARAPH_SMTP_SECURITY": "ssl"}, "PARAPH_SMTP_SECURITY must be one of"),
        ({"PARAPH_SECRET_KEY": "short"}, "PARAPH_SECRET_KEY is too short"),
        ({"PARAPH_SECRET_KEY_FILE": "/no/such/file"}, "PARAPH_SECRET_KEY_FILE names a file that cannot be read"),
        ({"PARAPH_PUBLIC_URL": "http://sign.example.com"}, "PARAPH_PUBLIC_URL must be https"),
        ({"PARAPH_PUBLIC_URL": "sign.example.com"}, "PARAPH_PUBLIC_URL must be a plain"),
        ({"PARAPH_PUBLIC_URL": "https://sign.example.com/path"}, "PARAPH_PUBLIC_URL must be a plain"),
        ({"PARAPH_PUBLIC_URL": "https://u:p@sign.example.com"}, "PARAPH_PUBLIC_URL must be a plain"),
        ({"PARAPH_PUBLIC_URL": "https://[::1"}, "PARAPH_PUBLIC_URL must be a plain"),
        ({"PARAPH_PUBLIC_URL": "https://sign.example.com:x"}, "PARAPH_PUBLIC_URL must be a plain"),
        ({"PARAPH_DATABASE_URL": "mysql://x"}, "PARAPH_DATABASE_URL must start with"),
        ({"PARAPH_TRUSTED_PROXIES": "10.0.0.1, proxy"}, "PARAPH_TRUSTED_PROXIES holds 'proxy'"),
        ({"PARAPH_ACCESS_TOKEN_SECONDS": "100000"}, "PARAPH_ACCESS_TOKEN_SECONDS must lie between"),
        ({"PARAPH_AUTHORIZATION_CODE_SECONDS": "5"}, "PARAPH_AUTHORIZATION_CODE_SECONDS must lie between"),
        ({"PARAPH_WORKER_CONCURRENCY": "0"}, "PARAPH_WORKER_CONCURRENCY must be at least 1"),
        ({"PARAPH_SMTP_USERNAME": "u", "PARAPH_SMTP_PASSWORD": "p"}, "need PARAPH_SMTP_HOST"),
        ({"PARAPH_SMTP_HOST": "h", "PARAPH_SMTP_USERNAME": "u"}, "together"),
        ({"PARAPH_SEAL_PKCS12_PASSPHRASE": "p"}, "PARAPH_SEAL_PKCS12_PASSPHRASE needs PARAPH_SEAL_PKCS12"),
        ({"PARAPH_MAIL_FROM": "a@example.com, b@example.com"}, "PARAPH_MAIL_FROM must be one plain address"),
        ({"PARAPH_MAIL_FROM": "a@example.com\nBcc: b@example.com"}, "PARAPH_MAIL_FROM must be one plain address"),
    ],
)
def test_a_bad_setting_stops_the_start_with_a_sentence(environ: dict[str, str], sentence: str) -> None:
    with pytest.raises(SettingsError) as refusal:
        load_settings(environ)
    assert sentence in str(refusal.value)


def test_a_value_and_a_file_contradict_each_other(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("s" * 40)
    for environ in (
        {"PARAPH_SECRET_KEY": "t" * 40, "PARAPH_SECRET_KEY_FILE": str(secret)},
        {"PARAPH_SECRET_KEY_FILE": str(secret), "PARAPH_SECRET_KEY": "t" * 40},
    ):
        with pytest.raises(SettingsError, match="both set; keep one"):
            load_settings(environ)


@pytest.mark.parametrize(("content", "words"), [(b"", "empty"), (b" \n", "empty"), (b"\xff\xfe", "not text")])
def test_a_useless_file_is_named(tmp_path: Path, content: bytes, words: str) -> None:
    secret = tmp_path / "secret"
    secret.write_bytes(content)
    with pytest.raises(SettingsError, match=f"PARAPH_SECRET_KEY_FILE names a file that is {words}"):
        load_settings({"PARAPH_SECRET_KEY_FILE": str(secret)})


def test_settings_are_frozen_and_their_text_shows_no_secret() -> None:
    secrets = {
        "secret_key": "k" * 40,
        "smtp_password": "smtp-secret",
        "database_url": "postgresql://paraph:db-secret@db/paraph",
    }
    settings = Settings(smtp_host="h", smtp_username="u", **secrets)  # type: ignore[arg-type]
    for secret in ("k" * 40, "smtp-secret", "db-secret"):
        assert secret not in repr(settings)
    with pytest.raises(FrozenInstanceError):
        settings.port = 1  # type: ignore[misc]


@pytest.mark.parametrize(
    ("url", "development"),
    [
        ("http://localhost:8000", True),
        ("http://paraph.localhost", True),
        ("http://127.0.0.1:1", True),
        ("http://[::1]:1", True),
        ("https://localhost", True),
        ("https://sign.example.com", False),
        ("https://localhost.example.com", False),
        ("https://10.0.0.1", False),
    ],
)
def test_development_means_this_very_machine(url: str, development: bool) -> None:
    assert Settings(public_url=url).is_development is development


def test_every_setting_is_described() -> None:
    for name, _, meaning in describe_settings():
        assert name.startswith("PARAPH_")
        assert meaning.endswith(".")
