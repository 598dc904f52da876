"""The seal: one certification signature that forbids every later change, and what makes it last. Runs in a
child of its own, the only one that opens the key; timestamps and proofs are fetched for it by the caller."""

from paraph.documents.sealing.seal import seal
from paraph.documents.sealing.trial import try_authority, try_key

__all__ = ["seal", "try_authority", "try_key"]
