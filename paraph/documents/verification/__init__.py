"""Is a file sealed by a root we trust, and unchanged since?"""

from paraph.documents.verification.verify import timestamp_of, verify

__all__ = ["timestamp_of", "verify"]
