"""Paraph: an open, self-hosted e-signature server."""

__version__ = "0.1.0"
