"""The seal: one certification signature that forbids every later change. Runs in a child of its own, the
only one that opens the key."""

from paraph.documents.sealing.seal import seal

__all__ = ["seal"]
