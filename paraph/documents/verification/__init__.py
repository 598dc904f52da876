"""Is a file sealed by a root we trust, and unchanged since?"""

from paraph.documents.verification.parts import seal_parts
from paraph.documents.verification.verify import verify

__all__ = ["seal_parts", "verify"]
