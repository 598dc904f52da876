"""The database: synchronous functions over a transaction; how it is driven is the rim's business.

Rooms see ``ReadTx`` and ``WriteTx`` (different types, so a signature shows whether a function writes), declare
tables on ``metadata`` and never open or commit a transaction: routing and the worker do.
"""

from .batches import delete_some, update_some
from .engine import Database, open_database
from .guarded import Guarded, GuardedChain, prepared_insert
from .lookup import Asked, Lookup
from .patience import unhurried
from .prepared import Prepared
from .tables import BigId, FileKey, Json, Utc, metadata
from .together import NextKeys, insert_together
from .traced import traced
from .tx import ReadTx, WriteTx, insert_all_or_ignore, insert_or_ignore, oldest_write_seconds, upsert

__all__ = [
    "Asked",
    "BigId",
    "Database",
    "FileKey",
    "Guarded",
    "GuardedChain",
    "Json",
    "Lookup",
    "NextKeys",
    "Prepared",
    "ReadTx",
    "Utc",
    "WriteTx",
    "delete_some",
    "insert_all_or_ignore",
    "insert_or_ignore",
    "insert_together",
    "metadata",
    "oldest_write_seconds",
    "open_database",
    "prepared_insert",
    "traced",
    "unhurried",
    "update_some",
    "upsert",
]
