"""The sender's and signers' pages about requests, and the address of download links."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from paraph.kit.errors import Deleted, NotFound, ParaphError
from paraph.kit.http import FileReply, Page, Redirect, Visit, form, page
from paraph.kit.wire import Page as ListPage
from paraph.kit.wire import decode, list_info

from .attach import handed_in
from .audit import chain_of
from .bundle import bundle_name, evidence_bundle
from .cancel import cancel_request
from .download import Fetched, download_name, fetched_by, file_key_of, record_download
from .file_notes import notes_of
from .lifecycle import UNFINISHED, RequestState
from .links import read_file_token
from .list_requests import sent_by_me, waiting_for_me
from .queries import find_request, load_visible
from .remind import remind_signer
from .response_data import entries_of
from .words import event_words, request_word, signature_word

if TYPE_CHECKING:
    from paraph.kit import Kit
    from paraph.kit.caller import Caller, Client
    from paraph.kit.db import ReadTx, WriteTx

    from .shapes import SignatureRequest, WholeRequest

LINK_IS_OVER = "This download link is not valid, or its time is over. Ask the sender, or open a newer mail."


@page("/requests")
def requests_page(tx: ReadTx, visit: Visit, kit: Kit) -> Page:
    """What waits for me, and what I sent."""
    caller = visit.signed_in
    listed = decode({"page": visit.query.get("page")}, ListPage)
    sent, total = sent_by_me(tx, caller, listed)
    waiting = waiting_for_me(tx, caller) if listed.page == 1 else []
    context = {
        "waiting": [_summary(whole) for whole in waiting],
        "sent": [_summary(whole) for whole in sent],
        "pages": list_info(listed, total),
    }
    return Page("signature_requests/list.html", context)


@page("/requests/{signature_request_id}")
def request_page(tx: ReadTx, visit: Visit, kit: Kit) -> Page:
    """One request: state, signers, files, evidence."""
    return _request_page(tx, visit.signed_in, visit.path["signature_request_id"], kit)


@form("/requests/{signature_request_id}/cancel")
def cancel_form(tx: WriteTx, visit: Visit, kit: Kit) -> Redirect:
    """Cancel as the sender."""
    cancel_request(tx, visit.signed_in, visit.path["signature_request_id"], kit=kit)
    return Redirect("/requests", notice="The request is cancelled. Everybody who was asked to sign is told.")


@form("/requests/{signature_request_id}/remind")
def remind_form(tx: WriteTx, visit: Visit, kit: Kit) -> Redirect | Page:
    """Remind one signer."""
    own_id = visit.path["signature_request_id"]
    try:
        remind_signer(tx, visit.signed_in, own_id, visit.text("email_address"), visit.text("name") or None, kit=kit)
    except NotFound:
        raise
    except ParaphError as refused:
        return _request_page(tx, visit.signed_in, own_id, kit, problem=refused)
    return Redirect(f"/requests/{own_id}", notice="The reminder is on its way.")


@page("/requests/{signature_request_id}/file")
async def file_page(visit: Visit, kit: Kit) -> FileReply:
    """Download as a party."""
    caller = visit.signed_in
    whole = await kit.db.read(lambda tx: load_visible(tx, caller, visit.path["signature_request_id"]))
    return await _file(whole.request, fetched_by(caller), visit.client, kit)


@page("/requests/{signature_request_id}/evidence")
async def evidence_page(visit: Visit, kit: Kit) -> FileReply:
    """Download the evidence bundle as a party."""
    caller = visit.signed_in
    whole = await kit.db.read(lambda tx: load_visible(tx, caller, visit.path["signature_request_id"]))
    file_key_of(whole.request)
    fetched = fetched_by(caller, "evidence")
    await kit.db.write(lambda tx: record_download(tx, whole.request, fetched, visit.client, kit))
    return FileReply(bundle_name(whole), "application/zip", path=await evidence_bundle(whole, kit))


@page("/files/{token}", signed_in=False)
async def linked_file(visit: Visit, kit: Kit) -> FileReply:
    """Download with a link that carries its own right (T4)."""
    link = read_file_token(kit, visit.path["token"])
    if link is None:
        raise NotFound(LINK_IS_OVER)
    request = await kit.db.read(lambda tx: find_request(tx, link.signature_request_id))
    if request is None:
        raise NotFound(LINK_IS_OVER)
    if request.state is RequestState.CANCELLED:
        raise Deleted("The sender cancelled this request. Its files can no longer be fetched.")
    return await _file(request, Fetched("link", "link"), visit.client, kit, inline=not link.download)


async def _file(
    request: SignatureRequest, fetched: Fetched, client: Client, kit: Kit, *, inline: bool = False
) -> FileReply:
    key = file_key_of(request)
    if request.is_sealed:
        await kit.db.write(lambda tx: record_download(tx, request, fetched, client, kit))
    return FileReply(download_name(request, "pdf"), "application/pdf", key=key, inline=inline)


def _request_page(
    tx: ReadTx, caller: Caller, signature_request_id: str, kit: Kit, *, problem: ParaphError | None = None
) -> Page:
    whole = load_visible(tx, caller, signature_request_id)
    request = whole.request
    is_sender = request.account_pk == caller.account_pk
    context = {
        "request": request,
        "state": request_word(whole),
        "signers": [_signer(whole, place, is_sender) for place in range(len(whole.signatures))],
        "attachments": whole.attachments if is_sender else (),
        "handed_in": {one.id for one in handed_in(whole)},
        "entries": entries_of(whole, kit.keyring) if is_sender else (),
        "signer_names": {one.id: one.name for one in whole.signatures},
        "documents": [
            (document, notes_of(document.warnings or ())) for document in whole.documents if document.kind == "upload"
        ],
        "events": [(event, event_words(whole, event)) for event in chain_of(tx, request.id)],
        "is_sender": is_sender,
        "can_cancel": is_sender and request.state in UNFINISHED,
        "has_file": _has_file(request),
        "problem": problem.message if problem else None,
    }
    return Page("signature_requests/request.html", context, status=problem.status if problem else 200)


def _signer(whole: WholeRequest, place: int, is_sender: bool) -> dict[str, Any]:
    signature = whole.signatures[place]
    return {
        "signature": signature,
        "state": signature_word(whole, signature),
        "can_remind": is_sender and whole.lifecycle.is_turn_of(place),
    }


def _summary(whole: WholeRequest) -> dict[str, Any]:
    return {
        "request": whole.request,
        "state": request_word(whole),
        "signed": sum(signature.signed_at is not None for signature in whole.signatures),
        "signers": len(whole.signatures),
        "names": ", ".join(signature.name for signature in whole.signatures),
    }


def _has_file(request: SignatureRequest) -> bool:
    try:
        return bool(file_key_of(request))
    except ParaphError:
        return False
