"""Running one task on untrusted bytes in a child of its own, so that the caller's process is safe.

A nursery process with the heavy modules loaded forks a fresh child for each task. It is our own program,
not multiprocessing's: that one would import the caller's main module again in every child.
"""

from paraph.documents.sandbox.line import Fetched, FetchOrder
from paraph.documents.sandbox.pool import Network, Pool

__all__ = ["FetchOrder", "Fetched", "Network", "Pool"]
