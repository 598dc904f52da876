"""The public page that says whether a file was sealed by this server and is unchanged. Nothing of it is kept."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from paraph.accounts import network_of
from paraph.kit.errors import BadRequest, ParaphError
from paraph.kit.http import Page, Visit, form, page
from paraph.kit.http.failures import too_many
from paraph.kit.i18n import gettext as _
from paraph.kit.wire import FilePart, TooLarge
from paraph.signature_requests import Finding, note_in_words, reason_in_words, sentence_for, verify_file

if TYPE_CHECKING:
    from paraph.kit import Kit
    from paraph.kit.db import ReadTx
    from paraph.kit.limits import Allowance

HOUR = 3600
MIB = 1024 * 1024
TEMPLATE = "web/verify.html"


@page("/verify", signed_in=False, translated=True)
def show_verify(tx: ReadTx, visit: Visit, kit: Kit) -> Page:
    """Ask for a file."""
    return Page(TEMPLATE, _context(kit))


@form("/verify", signed_in=False, one_file=True, translated=True)
async def verify_form(visit: Visit, kit: Kit) -> Page:
    """Say in plain words what the file is worth, and show what that rests on."""
    allowance = await count_verification(visit.client.address, kit)
    try:
        if not allowance.allowed:
            raise too_many(allowance, kit.clock.now())
        finding, name = await examine(visit.form.get("file"), kit)
    except ParaphError as refused:
        return Page(TEMPLATE, _context(kit) | {"problem": refused.message}, refused.status, headers=refused.headers)
    words = {
        "name": name,
        "sentence": sentence_for(finding),
        "reasons": [reason_in_words(code) for code in finding.reasons],
        "notes": [note_in_words(code) for code in finding.verdict.notes],
        "sealed_at": _moment(finding.verdict.sealed_at),
    }
    return Page(TEMPLATE, _context(kit) | {"finding": finding} | words)


async def count_verification(address: str, kit: Kit) -> Allowance:
    """Count one file against the network that brings it."""
    return await kit.limits.take(f"verify-file:{network_of(address)}", kit.settings.verifications_per_hour, HOUR)


async def examine(part: object, kit: Kit) -> tuple[Finding, str]:
    """The finding on an uploaded file, and the name it came under; raises BadRequest and TooLarge."""
    if not isinstance(part, FilePart) or part.size == 0:
        raise BadRequest(_("Choose the PDF file that is to be checked."), path="file")
    limit = kit.settings.max_file_bytes
    if part.size > limit:
        raise TooLarge(
            _(
                "The file is larger than %(limit)s MB. Its owner can check it with `paraph verify`.",
                limit=f"{limit / MIB:g}",
            )
        )
    async with kit.files.workspace() as folder:
        path = part.path
        if path is None:
            path = folder / "file.pdf"
            with part.open() as held:
                path.write_bytes(held.read())
        return await verify_file(path, part.sha256, kit), part.filename


def _moment(written: str) -> int | None:
    return int(datetime.fromisoformat(written).timestamp()) if written else None


def _context(kit: Kit) -> dict[str, object]:
    largest = f"{kit.settings.max_file_bytes / MIB:g}"
    return {"largest": largest, "finding": None, "problem": None, "name": "", "reasons": [], "notes": []}
