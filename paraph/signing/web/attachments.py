"""Files that the sender asks the signer for: hand in, look at, replace, take back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from paraph.kit.errors import Conflict, Deleted, NotFound
from paraph.kit.http import FileReply, Page, Redirect
from paraph.kit.i18n import gettext as _
from paraph.signature_requests import attachment_of, attachments_of
from paraph.signing.hand_in import ACCEPT, MOST_BYTES, hand_in, stored_file, take_back
from paraph.signing.refusals import NotYet
from paraph.signing.screens import screen_of

from .door import signer_form, signer_page
from .link import base_of, load

if TYPE_CHECKING:
    from paraph.kit import Kit
    from paraph.kit.db import ReadTx
    from paraph.kit.http import Visit
    from paraph.signature_requests import SignerView
    from paraph.signing.refusals import Problem

UNOPENED = "application/octet-stream"
SHUT_IN = {"Content-Security-Policy": "default-src 'none'; sandbox"}
"""Whatever a stranger uploads is never a page of ours."""


@signer_page("/attachments")
def attachments(tx: ReadTx, visit: Visit, kit: Kit) -> Page | Redirect:
    """What is asked for, and what is there."""
    view = load(tx, visit, kit)[0]
    if not _may_change(view):
        return Redirect(base_of(visit))
    return _page(view, visit, kit)


@signer_form("/attachments/{attachment}")
async def handed_in(visit: Visit, kit: Kit) -> Page | Redirect:
    """A file was chosen."""
    view = (await kit.db.read(lambda tx: load(tx, visit, kit)))[0]
    wanted = attachment_of(view, visit.path["attachment"])
    if not _may_change(view):
        return Redirect(base_of(visit))
    try:
        file = await stored_file(visit, view, kit)
        await kit.db.write(lambda tx: hand_in(tx, visit.path["token"], file, visit.client, kit=kit))
    except NotYet as refused:
        return _page(view, visit, kit, refused.problem, wanted.attachment_id)
    except (Conflict, Deleted):
        return Redirect(base_of(visit))  # what was stored is nobody's, and swept
    return Redirect(f"{base_of(visit)}/attachments")


@signer_form("/attachments/{attachment}/remove")
async def taken_back(visit: Visit, kit: Kit) -> Redirect:
    """The file is not to be sent after all."""
    place = visit.path["attachment"]
    try:
        await kit.db.write(lambda tx: take_back(tx, visit.path["token"], place, visit.client, kit=kit))
    except (Conflict, Deleted):
        return Redirect(base_of(visit))
    return Redirect(f"{base_of(visit)}/attachments")


@signer_page("/attachments/{attachment}/file")
def handed_in_file(tx: ReadTx, visit: Visit, kit: Kit) -> FileReply:
    """The signer's own file, to make sure that it is the right one."""
    found = attachment_of(load(tx, visit, kit)[0], visit.path["attachment"])
    if found.file_key is None:
        raise NotFound(_("Nothing was handed in here yet."))
    return FileReply(found.filename or "file", UNOPENED, key=found.file_key, headers=SHUT_IN)


def _may_change(view: SignerView) -> bool:
    is_asked = bool(attachments_of(view))
    return is_asked and view.standing == "your_turn" and view.signature.consented_at is not None


def _page(view: SignerView, visit: Visit, kit: Kit, problem: Problem | None = None, at: str = "") -> Page:
    base = base_of(visit)
    context = {
        "screen": screen_of(view, base),
        "base": base,
        "attachments": attachments_of(view),
        "problem": problem,
        "at": at,
        "accept": ACCEPT,
        "most_mb": min(MOST_BYTES, kit.settings.max_file_bytes) >> 20,
    }
    return Page("signing/attachments.html", context, status=400 if problem else 200)
