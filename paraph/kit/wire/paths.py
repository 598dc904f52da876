"""Paths of parameters as the vendor writes them: ``signers[0].email_address``."""

from __future__ import annotations

ROOT = ""


def child(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name


def place(path: str, key: int | str) -> str:
    return f"{path}[{key}]"
