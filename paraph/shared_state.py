"""The things that several hosts share, as commands see them: the store of files, the keys, who seals."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import inspect
from sqlalchemy.exc import SQLAlchemyError

from paraph.joining import SERVER_KEY, KeysDiffer, difference, sealed_with
from paraph.kit.crypto import Keyring
from paraph.kit.db import open_database
from paraph.kit.db.unfit import DatabaseUnfit
from paraph.kit.installation import installation_marks, marks

if TYPE_CHECKING:
    from paraph.documents import OwnSeals
    from paraph.kit.db import ReadTx
    from paraph.kit.settings import Settings

State = tuple[bool, str, str]
"""Whether it works, what is to be said, and what to do about it."""


async def files_state(settings: Settings) -> State:
    """Try the store of files."""
    if not settings.s3_bucket:
        return True, f"in {settings.data_dir / 'files'}; several hosts need PARAPH_S3_BUCKET", ""
    from paraph.kit.files.proof import bucket_problem

    where = f"bucket {settings.s3_bucket} at {settings.s3_endpoint or 'Amazon, ' + settings.s3_region}"
    if problem := await bucket_problem(settings):
        return False, f"{where}: {problem}", "check the PARAPH_S3_… settings and what the access key may do"
    return True, f"{where}: put, get, list and delete work", ""


async def server_key_state(settings: Settings) -> State | None:
    """Compare this machine's server key with the installation's; None while there is nothing to compare."""
    folder = settings.data_dir / "keys"
    if not settings.secret_key and not (folder / "server.key").exists():
        return None
    own = Keyring.load(settings.secret_key, folder).fingerprint
    found = await _marks(settings)
    if SERVER_KEY not in found:
        return None
    if problem := difference({SERVER_KEY: own}, found):
        return False, problem, "set PARAPH_SECRET_KEY (or _FILE) to the same secret on every host"
    return True, f"the one of this installation ({own})", ""


async def learn_seals(settings: Settings, seals: OwnSeals) -> bool:
    """Learn what the other hosts of this installation have sealed with, as a process that joins it does.

    False when the database did not say: it does not answer, or holds nothing yet. Raises KeysDiffer when it is the
    database of another installation, whose seals are not this one's.
    """
    folder = settings.data_dir / "keys"
    if not settings.secret_key and not (folder / "server.key").exists():
        return False
    found = await _marks(settings)
    if problem := difference({SERVER_KEY: Keyring.load(settings.secret_key, folder).fingerprint}, found):
        raise KeysDiffer(problem)
    seals.learn(sealed_with(found))
    return bool(found)


async def _marks(settings: Settings) -> dict[str, str]:
    if settings.sqlite_path is not None and not settings.sqlite_path.exists():
        return {}
    database = open_database(settings)
    try:
        await database.open()
        try:
            return await database.read(_marks_if_any)
        finally:
            await database.close()
    except (SQLAlchemyError, OSError, DatabaseUnfit):
        return {}  # the doctor's finding on the database says so


def _marks_if_any(tx: ReadTx) -> dict[str, str]:
    return marks(tx) if inspect(tx.connection).has_table(installation_marks.name) else {}
