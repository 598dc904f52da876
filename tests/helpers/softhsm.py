"""A PKCS#11 token in software: one for each test process.

The driver finds its token through the environment, and reads that once: children that live on would go on looking
into the folder of a token that another test has made since.
"""

from __future__ import annotations

import atexit
import os
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from paraph.documents import TokenKey
from tests.helpers.pki import Holder

MODULE = next(
    path
    for path in map(
        Path,
        (
            "/usr/lib/softhsm/libsofthsm2.so",
            "/usr/lib/x86_64-linux-gnu/softhsm/libsofthsm2.so",
            "/usr/lib/aarch64-linux-gnu/softhsm/libsofthsm2.so",
            "/usr/lib64/pkcs11/libsofthsm2.so",
            "/usr/local/lib/softhsm/libsofthsm2.so",
        ),
    )
    if path.exists()
)
PIN = "246810"
TOKEN = "paraph-test"


@dataclass
class SoftToken:
    """One token with several keys."""

    folder: Path
    keys: int = 0

    @classmethod
    @cache
    def of_this_process(cls) -> SoftToken:
        """The token, made at the first call; its configuration goes into the environment, and stays there."""
        folder = Path(tempfile.mkdtemp(prefix="paraph-token-"))
        atexit.register(shutil.rmtree, folder, ignore_errors=True)
        (folder / "tokens").mkdir()
        configuration = folder / "softhsm2.conf"
        configuration.write_text(f"directories.tokendir = {folder / 'tokens'}\nobjectstore.backend = file\n")
        os.environ["SOFTHSM2_CONF"] = str(configuration)
        _run("--init-token", "--free", "--label", TOKEN, "--so-pin", "135790", "--pin", PIN)
        return cls(folder)

    def take(self, holder: Holder, label: str) -> TokenKey:
        """Put the holder's key into the token, under a label of its own that begins with ``label``."""
        self.keys += 1
        label = f"{label}-{self.keys}"
        key = self.folder / "key.pem"
        key.write_bytes(holder.key_pem)
        _run("--import", str(key), "--token", TOKEN, "--label", label, "--id", f"{self.keys:02}", "--pin", PIN)
        key.unlink()
        return TokenKey(MODULE, TOKEN, label, PIN)


def _run(*arguments: str) -> None:
    subprocess.run(["softhsm2-util", *arguments], check=True, capture_output=True)
