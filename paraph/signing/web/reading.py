"""What the signer reads: the document with the next thing to do, its pages, the files, the disclosure.

GET only shows (T14).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from paraph.kit.errors import Conflict, Deleted, NotFound
from paraph.kit.http import FileReply, Page, Raw, Redirect
from paraph.kit.i18n import gettext as _
from paraph.signature_requests import (
    bundle_name,
    download_name,
    evidence_bundle,
    fetched_by_signer,
    is_passed_on,
    record_download,
)
from paraph.signing import answers
from paraph.signing.filling import Shown, text_page
from paraph.signing.open import open_document
from paraph.signing.pictures import given_content, page_picture, page_words, readable_document
from paraph.signing.screens import pdf_name
from paraph.signing.standings import link_is_in_the_mail, passed_on
from paraph.signing.values import Uploaded

from .door import signer_form, signer_page
from .link import again, base_of, check_bytes, load

if TYPE_CHECKING:
    from paraph.kit import Kit
    from paraph.kit.db import ReadTx
    from paraph.kit.http import Visit
    from paraph.signature_requests import SignerView
    from paraph.signing.values import Adopted

REQUEST_ID = re.compile(r"[0-9a-f]{40}")
KEPT_BY_THE_BROWSER = {"Cache-Control": "private, max-age=86400, immutable"}
PDF = "application/pdf"


@signer_page()
def show(tx: ReadTx, visit: Visit, kit: Kit) -> Page:
    """The document and the next thing to do, or how things stand."""
    if REQUEST_ID.fullmatch(visit.path["token"]):
        return answers.notice_page(link_is_in_the_mail())
    try:
        view, draft = load(tx, visit, kit)
    except NotFound:
        if is_passed_on(tx, visit.path["token"], kit):
            return answers.notice_page(passed_on())
        return answers.unknown_link_page()
    if view.standing != "your_turn":
        return answers.standing_page(view, base_of(visit))
    return again(visit, kit, view, draft, Shown())


@signer_form("/view")
async def opened(visit: Visit, kit: Kit) -> Raw | Redirect:
    """The pages are shown to a person: from the page's script, or from a button where scripts do not run."""
    by_script = visit.text("by") == "script"
    try:
        await check_bytes(visit, kit)
        await kit.db.write(lambda tx: open_document(tx, visit.path["token"], visit.client, kit=kit))
    except (Conflict, Deleted):
        if by_script:
            raise
        return Redirect(base_of(visit))
    return Raw(b"", "text/plain", 204) if by_script else Redirect(f"{base_of(visit)}#read")


@signer_page("/statement")
def statement(tx: ReadTx, visit: Visit, kit: Kit) -> Page:
    """The whole disclosure, to read or print."""
    load(tx, visit, kit)
    return answers.statement_page(base_of(visit))


@signer_page("/documents/{document}/pages/{page}.jpg")
async def picture_of_page(visit: Visit, kit: Kit) -> Raw:
    """A page as a picture, drawn when first asked for."""
    view, _kept = await kit.db.read(lambda tx: load(tx, visit, kit))
    document = readable_document(view, visit.path["document"])
    content = await page_picture(document, visit.path["page"], visit.query.get("w", ""), kit)
    return Raw(content, "image/jpeg", headers=KEPT_BY_THE_BROWSER)


@signer_page("/documents/{document}/pages/{page}/text")
async def text_of_page(visit: Visit, kit: Kit) -> Page:
    """What a page says, in reading order."""
    view, draft = await kit.db.read(lambda tx: load(tx, visit, kit))
    document = readable_document(view, visit.path["document"])
    words = await page_words(document, visit.path["page"], kit)
    number = int(visit.path["page"])
    return text_page(view, draft, document, number, words, base_of(visit))


@signer_page("/documents/{document}.pdf")
def document_as_pdf(tx: ReadTx, visit: Visit, kit: Kit) -> FileReply:
    """A document as it was sent, to read with another program."""
    view, _kept = load(tx, visit, kit)
    document = readable_document(view, visit.path["document"])
    return FileReply(pdf_name(document), PDF, key=document.pdf_key)


@signer_page("/signature.png")
def adopted_picture(tx: ReadTx, visit: Visit, kit: Kit) -> FileReply:
    """The signer's own uploaded picture, as it will be stamped."""
    _view, draft = load(tx, visit, kit)
    return _picture(draft.signature, "signature.png")


@signer_page("/initials.png")
def initials_picture(tx: ReadTx, visit: Visit, kit: Kit) -> FileReply:
    """The same for uploaded initials."""
    _view, draft = load(tx, visit, kit)
    return _picture(draft.initials, "initials.png")


@signer_page("/given/{number}.png")
def given_picture(tx: ReadTx, visit: Visit, kit: Kit) -> FileReply:
    """A picture with which somebody else has signed before, as it stands on the page."""
    view, _draft = load(tx, visit, kit)
    content = given_content(view, visit.path["number"])
    return FileReply("mark.png", "image/png", key=content.key, inline=True, headers=KEPT_BY_THE_BROWSER)


@signer_page("/evidence.zip")
async def evidence(visit: Visit, kit: Kit) -> FileReply:
    """Everything that proves the finished document, to be checked without this server."""
    view = await _finished(visit, kit)
    fetched = fetched_by_signer(view.signature, "evidence")
    await kit.db.write(lambda tx: record_download(tx, view.request, fetched, visit.client, kit))
    return FileReply(bundle_name(view.whole), "application/zip", path=await evidence_bundle(view.whole, kit))


@signer_page("/final.pdf")
async def final_document(visit: Visit, kit: Kit) -> FileReply:
    """The same sealed file that everyone gets, for as long as it is kept; that it was fetched is evidence too."""
    view = await _finished(visit, kit)
    fetched = fetched_by_signer(view.signature)
    await kit.db.write(lambda tx: record_download(tx, view.request, fetched, visit.client, kit))
    return FileReply(download_name(view.request, "pdf"), PDF, key=view.request.file_key)


async def _finished(visit: Visit, kit: Kit) -> SignerView:
    """The view of somebody who signed what is sealed by now; NotFound for anybody else."""
    view, _kept = await kit.db.read(lambda tx: load(tx, visit, kit))
    if view.standing == "signed" and view.request.files_deleted_at is not None:
        raise Deleted(_("The files of this request are no longer kept here. Ask the sender for a copy."))
    if view.standing != "signed" or not view.file_is_ready:
        raise NotFound(
            _("The finished document is not here yet. It is mailed to you as soon as everyone has signed.")
        )
    return view


def _picture(adopted: Adopted | None, name: str) -> FileReply:
    if not isinstance(adopted, Uploaded):
        raise NotFound(_("There is no picture."))
    return FileReply(name, "image/png", key=adopted.key, inline=True, headers=KEPT_BY_THE_BROWSER)
