"""What signers handed in, for the sender alone: passports and payslips are nobody else's business."""

from __future__ import annotations

import asyncio
import os
import shutil
import tempfile
import zipfile
from contextlib import AsyncExitStack
from pathlib import Path
from typing import TYPE_CHECKING

from paraph.kit.errors import NotFound
from paraph.kit.http import FileReply, Visit, page

from .attach import handed_in
from .download import safe_name, sealed_zip, zip_of
from .queries import load_sent

if TYPE_CHECKING:
    from collections.abc import Sequence

    from paraph.kit import Kit
    from paraph.kit.caller import Caller
    from paraph.kit.db import ReadTx

    from .shapes import RequestAttachment, WholeRequest

FOLDER = "attachments"
UNOPENED = "application/octet-stream"
SHUT_IN = {"Content-Security-Policy": "default-src 'none'; sandbox"}
"""Whatever a signer uploads is never a page of ours."""


@page("/requests/{signature_request_id}/attachments/{attachment}")
def attachment_file(tx: ReadTx, visit: Visit, kit: Kit) -> FileReply:
    """One file that a signer handed in, to the sender."""
    whole = load_sent(tx, visit.signed_in, visit.path["signature_request_id"])
    wanted = visit.path["attachment"]
    found = next((one for one in handed_in(whole) if one.attachment_id == wanted), None)
    if found is None:
        raise NotFound("Not found")
    return FileReply(found.filename or "file", UNOPENED, key=found.file_key, headers=SHUT_IN)


def gets_attachments(whole: WholeRequest, caller: Caller) -> bool:
    """True when this caller's ZIP holds what signers handed in."""
    return caller.account_pk == whole.request.account_pk and bool(handed_in(whole))


async def zip_with_attachments(whole: WholeRequest, kit: Kit) -> Path:
    """A temporary ZIP, the caller's to remove: what everybody gets, and a folder with what signers handed in."""
    target = await _zip_of_documents(whole, kit)
    try:
        async with AsyncExitStack() as stack:
            entries = [
                (_entry_name(one), await stack.enter_async_context(kit.files.local(one.file_key or "")))
                for one in handed_in(whole)
            ]
            await asyncio.to_thread(_append, target, entries)
    except BaseException:
        target.unlink(missing_ok=True)
        raise
    return target


async def _zip_of_documents(whole: WholeRequest, kit: Kit) -> Path:
    if not whole.request.is_sealed:
        return await zip_of(whole, kit)
    async with kit.files.local(await sealed_zip(whole, kit)) as kept:
        return await asyncio.to_thread(_copy, kept)


def _copy(source: Path) -> Path:
    handle, name = tempfile.mkstemp(prefix="paraph-", suffix=".zip")
    with os.fdopen(handle, "wb") as target, source.open("rb") as file:
        shutil.copyfileobj(file, target)
    return Path(name)


def _append(target: Path, entries: Sequence[tuple[str, Path]]) -> None:
    with zipfile.ZipFile(target, "a", zipfile.ZIP_STORED) as archive:
        for entry, path in entries:
            archive.write(path, entry)


def _entry_name(attachment: RequestAttachment) -> str:
    """Distinct by its number, and never a path out of the folder (T25)."""
    return f"{FOLDER}/{attachment.position + 1:02} {safe_name(attachment.filename or '') or 'file'}"
