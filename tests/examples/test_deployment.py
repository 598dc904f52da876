"""The files of examples/deployment: every setting exists, and each program that reads one of them takes it."""

from __future__ import annotations

import re
import shutil
import subprocess
from datetime import UTC, datetime
from pathlib import Path

import pytest
import yaml

from paraph.documents import SealingIdentity
from paraph.kit.settings import Settings, load_settings

FOLDER = Path(__file__).parents[2] / "examples/deployment"


def given_in_environment_file() -> dict[str, str]:
    lines = (FOLDER / "paraph.env").read_text().splitlines()
    return dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))


def given_in_compose_file() -> dict[str, str]:
    settings: dict[str, str] = yaml.safe_load((FOLDER / "compose.yaml").read_text())["x-paraph"]["environment"]
    return settings


@pytest.mark.parametrize("given", [given_in_environment_file(), given_in_compose_file()], ids=["systemd", "compose"])
def test_the_settings_are_ours_and_fit_together(given: dict[str, str], tmp_path: Path) -> None:
    secrets = {name: tmp_path / name for name in given if name.endswith("_FILE")}
    for name, path in secrets.items():
        path.write_text("postgresql://paraph@db/paraph" if "DATABASE" in name else "x" * 40)
    settings = load_settings(given | {name: str(path) for name, path in secrets.items()})
    assert settings.s3_bucket
    assert settings.secret_key
    assert settings.seal_pkcs12
    assert settings.sqlite_path is None
    assert settings.drain_seconds > 2 * 2, "the proxy has to notice first: inter 2s, fall 2"


def test_services_ask_for_the_time_that_an_end_takes() -> None:
    compose = yaml.safe_load((FOLDER / "compose.yaml").read_text())
    assert compose["services"]["web"]["stop_grace_period"] == "90s"
    for kind, seconds in (("web", 90), ("worker", 60)):
        assert f"TimeoutStopSec={seconds}" in (FOLDER / f"paraph-{kind}@.service").read_text()
    assert Settings().drain_seconds == 0  # nobody waits who has no proxy


@pytest.mark.parametrize("unit", ["paraph-web@.service", "paraph-worker@.service"])
def test_systemd_takes_the_units(unit: str, tmp_path: Path) -> None:
    program = shutil.which("systemd-analyze")
    if program is None:
        pytest.skip("no systemd here")
    text = (FOLDER / unit).read_text().replace("/opt/paraph/bin/paraph", "/bin/true")
    instance = tmp_path / unit.replace("@", "@8000")
    instance.write_text(text)
    done = subprocess.run([program, "verify", "--man=no", str(instance)], capture_output=True, text=True)
    assert unit.replace("@", "@8000") not in done.stderr, done.stderr


def test_the_proxies_take_their_configuration(tmp_path: Path) -> None:
    key, certificate = tmp_path / "sign.key", tmp_path / "sign.pem"
    made = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=sign.example.com"]
    subprocess.run([*made, "-keyout", str(key), "-out", str(certificate)], check=True, capture_output=True)
    both = tmp_path / "tls"
    both.mkdir()
    (both / "sign.pem").write_bytes(certificate.read_bytes() + key.read_bytes())
    haproxy, nginx = tmp_path / "haproxy.cfg", tmp_path / "nginx.conf"
    haproxy.write_text((FOLDER / "haproxy.cfg").read_text().replace("/etc/haproxy/tls", str(both)))
    nginx.write_text(
        f"pid {tmp_path}/pid; error_log stderr;\n"
        + (FOLDER / "nginx.conf").read_text().replace("/etc/nginx/tls", str(tmp_path))
    )
    for command in (["haproxy", "-c", "-f", str(haproxy)], ["nginx", "-t", "-c", str(nginx)]):
        done = subprocess.run(command, capture_output=True, text=True)
        assert done.returncode == 0, done.stdout + done.stderr


def test_the_secrets_are_made_as_the_page_says(tmp_path: Path) -> None:
    page = (FOLDER / "README.md").read_text()
    commands = re.search(r"```sh\n(openssl rand.*?)```", page, re.DOTALL)
    assert commands is not None
    script = commands[1].replace("/etc/paraph/", f"{tmp_path}/")
    subprocess.run(["sh", "-euc", script], check=True, capture_output=True, cwd=tmp_path)
    assert len((tmp_path / "secret-key").read_text().strip()) == 64
    passphrase = (tmp_path / "seal-passphrase").read_text().strip()
    seal = SealingIdentity.from_pkcs12(tmp_path / "seal.p12", passphrase)
    assert seal.problem(datetime.now(UTC)) is None
    assert not (tmp_path / "seal.key").exists()
