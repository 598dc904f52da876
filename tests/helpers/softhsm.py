"""A PKCS#11 token in software, made anew in a folder."""

from __future__ import annotations

import os
import subprocess
from dataclasses import dataclass
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
    def made_in(cls, folder: Path) -> SoftToken:
        """Make the token; its configuration goes into the environment, where the driver looks for it."""
        (folder / "tokens").mkdir()
        configuration = folder / "softhsm2.conf"
        configuration.write_text(f"directories.tokendir = {folder / 'tokens'}\nobjectstore.backend = file\n")
        os.environ["SOFTHSM2_CONF"] = str(configuration)
        _run("--init-token", "--free", "--label", TOKEN, "--so-pin", "135790", "--pin", PIN)
        return cls(folder)

    def take(self, holder: Holder, label: str) -> TokenKey:
        """Put the holder's key into the token."""
        self.keys += 1
        key = self.folder / "key.pem"
        key.write_bytes(holder.key_pem)
        _run("--import", str(key), "--token", TOKEN, "--label", label, "--id", f"{self.keys:02}", "--pin", PIN)
        key.unlink()
        return TokenKey(MODULE, TOKEN, label, PIN)


def _run(*arguments: str) -> None:
    subprocess.run(["softhsm2-util", *arguments], check=True, capture_output=True)
