"""The offline verifier: one file that leaves with every evidence bundle and needs nothing of this server."""

from pathlib import Path
from typing import Final

OFFLINE_VERIFIER: Final = Path(__file__).with_name("verify_evidence.py")
"""A program for others, never imported here: only public packages, no word of `paraph`."""

__all__ = ["OFFLINE_VERIFIER"]
