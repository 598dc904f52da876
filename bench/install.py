"""Builds the peers, pinned with hashes in ``bench/peers``, each in an environment of its own in ``bench/.peers``."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent
SOURCES = HERE / "peers"
BUILT = HERE / ".peers"
PIP = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--require-hashes", "-r"]
NPM = ["npm", "ci", "--no-audit", "--no-fund", "--silent"]


def python_peer(name: str) -> Path:
    """Return the ``bin`` folder of the peer's environment, made anew when its lock file has changed."""
    lock, folder = SOURCES / name / "requirements.lock", BUILT / name
    if _is_stale(folder, lock):
        print(f"building {name} (once) ...", flush=True)
        shutil.rmtree(folder, ignore_errors=True)
        subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)
        subprocess.run([str(folder / "bin" / "python"), *PIP, str(lock)], check=True)
        _mark(folder, lock)
    return folder / "bin"


def node_peer(name: str) -> Path:
    """Return a folder with the peer's own files and its ``node_modules``."""
    lock, folder = SOURCES / name / "package-lock.json", BUILT / name
    stale = _is_stale(folder, lock)
    if stale:
        print(f"building {name} (once) ...", flush=True)
        shutil.rmtree(folder, ignore_errors=True)
    # the modules of a file are looked for beside it
    shutil.copytree(SOURCES / name, folder, dirs_exist_ok=True)
    if stale:
        if shutil.which("npm") is None:
            raise SystemExit("Node.js is missing: apt-get install nodejs npm, then run again")
        subprocess.run(NPM, cwd=folder, check=True)
        _mark(folder, lock)
    return folder


def wrk() -> str:
    """Return the load generator's path; stop with what to do where it is missing."""
    found = shutil.which("wrk")
    if found is None:
        raise SystemExit("The load generator wrk is missing: apt-get install wrk, then run again")
    return found


def _is_stale(folder: Path, lock: Path) -> bool:
    mark = folder / ".built-from"
    return not mark.exists() or mark.read_text() != _hash(lock)


def _mark(folder: Path, lock: Path) -> None:
    (folder / ".built-from").write_text(_hash(lock))


def _hash(lock: Path) -> str:
    return hashlib.sha256(lock.read_bytes() + sys.version.encode()).hexdigest()
