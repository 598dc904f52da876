"""The signing pages. The address is the secret: no account, and no cookie gives any right here.

GET only shows (T14); each fact is a POST: opened, agreed, adopted, finished, declined, reported.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from paraph.kit.errors import Conflict, Deleted, NotFound
from paraph.kit.http import FileReply, Page, Raw, Redirect, form, page
from paraph.signature_requests import check_documents, download_name, load_for_signer, record_download

from . import answers
from .adopt import adopt, check_may_adopt
from .agree import Agree, agree
from .answers import LOCALE
from .decline import decline
from .finish import Finish, finish
from .intake import read_signature
from .open import open_document
from .pictures import page_picture, readable_document
from .queries import Kept, kept_signature, reports_of_abuse
from .refusals import NotYet
from .report import report_sender
from .screens import pdf_name
from .standings import LINK_IS_IN_THE_MAIL, REPORTED
from .values import Uploaded
from .withdraw import withdraw

if TYPE_CHECKING:
    from collections.abc import Callable

    from paraph.kit import Kit
    from paraph.kit.db import ReadTx, WriteTx
    from paraph.kit.http import Visit
    from paraph.signature_requests import SignerView

REQUEST_ID = re.compile(r"[0-9a-f]{40}")
TIME_ZONE = re.compile(r"[A-Za-z0-9_+/-]{1,64}")
KEPT_BY_THE_BROWSER = {"Cache-Control": "private, max-age=86400, immutable"}
PDF = "application/pdf"


@page("/sign/{token}", signed_in=False)
def show(tx: ReadTx, visit: Visit, kit: Kit) -> Page:
    """The document and the next thing to do, or how things stand."""
    if REQUEST_ID.fullmatch(visit.path["token"]):
        return answers.notice_page(LINK_IS_IN_THE_MAIL)
    try:
        view, kept = _load(tx, visit, kit)
    except NotFound:
        return answers.unknown_link_page()
    if view.standing != "your_turn":
        return answers.standing_page(view, _base(visit))
    return answers.sign_page(view, kept, _base(visit))


@form("/sign/{token}/view", signed_in=False, csrf=False)
async def opened(visit: Visit, kit: Kit) -> Raw | Redirect:
    """The pages are shown to a person: from the page's script, or from a button where scripts do not run."""
    by_script = visit.text("by") == "script"
    try:
        await _check_bytes(visit, kit)
        await kit.db.write(lambda tx: open_document(tx, visit.path["token"], visit.client, kit=kit))
    except (Conflict, Deleted):
        if by_script:
            raise
        return Redirect(_base(visit))
    return Raw(b"", "text/plain", 204) if by_script else Redirect(f"{_base(visit)}#read")


@form("/sign/{token}/consent", signed_in=False, csrf=False)
async def consented(visit: Visit, kit: Kit) -> Page | Redirect:
    """The box was ticked, and the button pressed."""
    command = Agree(visit.text("agree") == "yes", visit.text("disclosure"), LOCALE)
    token = visit.path["token"]
    return await _act(visit, kit, lambda tx: agree(tx, token, command, visit.client, kit=kit), then="#sign")


@form("/sign/{token}/withdraw", signed_in=False, csrf=False)
async def withdrawn(visit: Visit, kit: Kit) -> Page | Redirect:
    """Consent is taken back."""
    token = visit.path["token"]
    return await _act(visit, kit, lambda tx: withdraw(tx, token, visit.client, kit=kit), then="#agree")


@form("/sign/{token}/signature", signed_in=False, csrf=False)
async def adopted(visit: Visit, kit: Kit) -> Page | Redirect:
    """A signature was drawn, typed or chosen; the next page shows it in its place."""
    view, kept = await kit.db.read(lambda tx: _load(tx, visit, kit))
    try:
        check_may_adopt(view, visit.text("method"))
        made = await read_signature(visit, view, kept, kit)
    except NotYet as refused:
        return answers.sign_page(view, kept, _base(visit), (refused.problem,), _entered(visit, view))
    except (Conflict, Deleted):
        return Redirect(_base(visit))
    return await _act(visit, kit, lambda tx: adopt(tx, visit.path["token"], made, kit=kit), then="/review")


@page("/sign/{token}/review", signed_in=False)
def review(tx: ReadTx, visit: Visit, kit: Kit) -> Page | Redirect:
    """The last look before signing."""
    view, kept = _load(tx, visit, kit)
    if view.standing != "your_turn" or view.signature.consented_at is None or kept is None:
        return Redirect(_base(visit))
    return answers.review_page(view, kept, _base(visit))


@form("/sign/{token}/finish", signed_in=False, csrf=False)
async def finished(visit: Visit, kit: Kit) -> Page | Redirect:
    """Signed. The sender's own page follows, if there is one; only its stored address is ever used."""
    zone = visit.text("time_zone")
    command = Finish(
        visit.text("fingerprint"), visit.text("button"), LOCALE, zone if TIME_ZONE.fullmatch(zone) else ""
    )
    await _check_bytes(visit, kit)
    token = visit.path["token"]
    try:
        whole = await kit.db.write(lambda tx: finish(tx, token, command, visit.client, kit=kit))
    except NotYet as refused:
        return await _once_more(visit, kit, refused)
    except (Conflict, Deleted):
        return Redirect(_base(visit))
    return Redirect(answers.leads_to(whole.request.signing_redirect_url) or _base(visit))


@page("/sign/{token}/decline", signed_in=False)
def ask_to_decline(tx: ReadTx, visit: Visit, kit: Kit) -> Page | Redirect:
    """Why the signer declines."""
    view, _ = _load(tx, visit, kit)
    if view.standing != "your_turn" or not view.request.allow_decline:
        return Redirect(_base(visit))
    return answers.reason_page(view, _base(visit), answers.decline_question(view))


@form("/sign/{token}/decline", signed_in=False, csrf=False)
async def declined(visit: Visit, kit: Kit) -> Page | Redirect:
    """The signer declined."""
    reason = visit.text("reason")
    try:
        await kit.db.write(lambda tx: decline(tx, visit.path["token"], reason, visit.client, kit=kit))
    except NotYet as refused:
        view, _ = await kit.db.read(lambda tx: _load(tx, visit, kit))
        question = answers.decline_question(view)
        return answers.reason_page(view, _base(visit), question, (refused.problem,), reason)
    except (Conflict, Deleted):
        pass  # the page says how things stand
    return Redirect(_base(visit))


@page("/sign/{token}/report", signed_in=False)
def ask_for_report(tx: ReadTx, visit: Visit, kit: Kit) -> Page:
    """What is wrong with the sender."""
    view, _ = _load(tx, visit, kit)
    return answers.reason_page(view, _base(visit), answers.REPORT_QUESTION)


@form("/sign/{token}/report", signed_in=False, csrf=False)
async def reported(visit: Visit, kit: Kit) -> Page:
    """The operator is told."""
    reason = visit.text("reason")
    try:
        await kit.db.write(lambda tx: report_sender(tx, visit.path["token"], reason, visit.client, kit=kit))
    except NotYet as refused:
        view, _ = await kit.db.read(lambda tx: _load(tx, visit, kit))
        return answers.reason_page(view, _base(visit), answers.REPORT_QUESTION, (refused.problem,), reason)
    return answers.notice_page(REPORTED, ways=[answers.Way("Go back to the document", _base(visit))])


@page("/operator/reports", operator=True)
def reports(tx: ReadTx, _visit: Visit, _kit: Kit) -> Page:
    """What signers reported, for operators."""
    return Page("signing/reports.html", {"reports": reports_of_abuse(tx)})


@page("/sign/{token}/statement", signed_in=False)
def statement(tx: ReadTx, visit: Visit, kit: Kit) -> Page:
    """The whole disclosure, to read or print."""
    _load(tx, visit, kit)
    return answers.statement_page(_base(visit))


@page("/sign/{token}/documents/{document}/pages/{page}.jpg", signed_in=False)
async def picture_of_page(visit: Visit, kit: Kit) -> Raw:
    """A page as a picture, drawn when first asked for."""
    view, _ = await kit.db.read(lambda tx: _load(tx, visit, kit))
    document = readable_document(view, visit.path["document"])
    content = await page_picture(document, visit.path["page"], visit.query.get("w", ""), kit)
    return Raw(content, "image/jpeg", headers=KEPT_BY_THE_BROWSER)


@page("/sign/{token}/documents/{document}.pdf", signed_in=False)
def document_as_pdf(tx: ReadTx, visit: Visit, kit: Kit) -> FileReply:
    """A document as it was sent, to read with another program."""
    view, _ = _load(tx, visit, kit)
    document = readable_document(view, visit.path["document"])
    return FileReply(pdf_name(document), PDF, key=document.pdf_key)


@page("/sign/{token}/signature.png", signed_in=False)
def adopted_picture(tx: ReadTx, visit: Visit, kit: Kit) -> FileReply:
    """The signer's own uploaded picture, as it will be stamped."""
    _, kept = _load(tx, visit, kit)
    if kept is None or not isinstance(kept.adopted, Uploaded):
        raise NotFound("There is no picture.")
    return FileReply("signature.png", "image/png", key=kept.adopted.key, inline=True, headers=KEPT_BY_THE_BROWSER)


@page("/sign/{token}/final.pdf", signed_in=False)
async def final_document(visit: Visit, kit: Kit) -> FileReply:
    """The same sealed file that everyone gets, for as long as it is kept; that it was fetched is evidence too."""
    view, _ = await kit.db.read(lambda tx: _load(tx, visit, kit))
    if view.standing != "signed" or not view.file_is_ready:
        raise NotFound("The finished document is not here yet. It is mailed to you as soon as everyone has signed.")
    by = view.signature.signature_id
    await kit.db.write(lambda tx: record_download(tx, view.request, by, visit.client, kit))
    return FileReply(download_name(view.request, "pdf"), PDF, key=view.request.file_key)


def _load(tx: ReadTx, visit: Visit, kit: Kit) -> tuple[SignerView, Kept | None]:
    view = load_for_signer(tx, visit.path["token"], kit)
    return view, kept_signature(tx, view.signature.id, kit=kit)


async def _check_bytes(visit: Visit, kit: Kit) -> None:
    view, _ = await kit.db.read(lambda tx: _load(tx, visit, kit))
    if view.standing == "your_turn":
        await check_documents(view, kit)


async def _act(visit: Visit, kit: Kit, verb: Callable[[WriteTx], None], *, then: str) -> Page | Redirect:
    """Run the verb; go on to ``then``, or show what to mend, or how things stand."""
    try:
        await kit.db.write(verb)
    except NotYet as refused:
        return await _once_more(visit, kit, refused)
    except (Conflict, Deleted):
        return Redirect(_base(visit))
    return Redirect(f"{_base(visit)}{then}")


async def _once_more(visit: Visit, kit: Kit, refused: NotYet) -> Page:
    view, kept = await kit.db.read(lambda tx: _load(tx, visit, kit))
    return answers.sign_page(view, kept, _base(visit), (refused.problem,))


def _entered(visit: Visit, view: SignerView) -> answers.Entered:
    """What was entered, so that nobody types twice; a drawing that was refused is not worth keeping."""
    method = visit.text("method")
    allowed = view.signing_options.allowed
    known = next((way for way in allowed if way == method), view.signing_options.default)
    return answers.Entered(known, text=visit.text("text"), face=visit.text("face"))


def _base(visit: Visit) -> str:
    return f"/sign/{visit.path['token']}"
