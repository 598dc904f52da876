"""The vendor's operations on signature requests: parse, call one verb, render."""

from __future__ import annotations

import asyncio
import base64
from typing import TYPE_CHECKING, Any

from paraph.kit.errors import Forbidden
from paraph.kit.faults import fault_point
from paraph.kit.http import ApiRequest, FileReply, Reply, Told, prepares, reads, writes
from paraph.kit.wire import Notice, Page, list_info, with_warnings

from .answers import DataUriAnswer, FileUrlAnswer, RequestAnswer, RequestListAnswer
from .bundle import bundle_name, evidence_bundle
from .cancel import cancel_request
from .check import check_send
from .download import Fetched, download_name, fetched_by, file_key_of, record_download, sealed_zip, zip_of
from .handed_in import gets_attachments, zip_with_attachments
from .links import DAY_SECONDS, file_link
from .list_requests import list_requests
from .place_fields import check_places
from .queries import load_visible
from .remind import remind_signer
from .remove import remove_request
from .send import check_sender, send_request
from .text_link import check_texting
from .uploads import check_uploads, stored_uploads
from .wire import FilesQuery, FileUrlQuery, ListQuery, RemindBody, SendBody, request_json

if TYPE_CHECKING:
    from collections.abc import Sequence

    from paraph.kit import Kit
    from paraph.kit.caller import Caller
    from paraph.kit.db import ReadTx, WriteTx

    from .shapes import WholeRequest


@prepares("signatureRequestSend", body=SendBody, told=Told(answer=RequestAnswer))
async def send(request: ApiRequest[SendBody], kit: Kit) -> Reply:
    """POST /signature_request/send: files are stored first, then everything is recorded at once."""
    caller, body = request.caller, request.body
    plan = check_send(body, kit.clock.now())
    check_uploads(body.files, body.file_urls, kit)
    check_texting(plan, kit)
    mark = await kit.db.read(lambda tx: check_sender(tx, caller, plan))
    async with stored_uploads(body.files, kit) as uploads:
        warnings = await check_places(plan.form, uploads, kit)
        fault_point("send.files_stored")
        whole, notices = await kit.db.write(lambda tx: send_request(tx, caller, plan, uploads, mark, kit=kit))
    fault_point("send.committed")
    return _reply(whole, caller, kit, (*warnings, *notices))


@reads("signatureRequestGet", told=Told(answer=RequestAnswer))
def get(tx: ReadTx, request: ApiRequest[None], kit: Kit) -> Reply:
    """GET /signature_request/{id}."""
    return _reply(load_visible(tx, request.caller, _id(request)), request.caller, kit)


@reads("signatureRequestList", long=True, told=Told((Page, ListQuery), RequestListAnswer))
def list_(tx: ReadTx, request: ApiRequest[None], kit: Kit) -> Reply:
    """GET /signature_request/list."""
    page, asked = request.query_as(Page), request.query_as(ListQuery)
    if asked.account_id not in (None, "all", request.caller.account_id):
        raise Forbidden("Account does not belong to your team.", path="account_id")
    found, total = list_requests(tx, request.caller, page, asked.query)
    listed = [_json(whole, request.caller, kit) for whole in found]
    return Reply({"signature_requests": listed, "list_info": list_info(page, total)})


@writes("signatureRequestCancel")
def cancel(tx: WriteTx, request: ApiRequest[None], kit: Kit) -> Reply:
    """POST /signature_request/cancel/{id}: 200 without a body."""
    cancel_request(tx, request.caller, _id(request), kit=kit)
    return Reply()


@writes("signatureRequestRemind", body=RemindBody, told=Told(answer=RequestAnswer))
def remind(tx: WriteTx, request: ApiRequest[RemindBody], kit: Kit) -> Reply:
    """POST /signature_request/remind/{id}."""
    body = request.body
    whole = remind_signer(tx, request.caller, _id(request), body.email_address, body.name, kit=kit)
    return _reply(whole, request.caller, kit)


@writes("signatureRequestRemove")
def remove(tx: WriteTx, request: ApiRequest[None], kit: Kit) -> Reply:
    """POST /signature_request/remove/{id}: 200 without a body."""
    remove_request(tx, request.caller, _id(request), kit=kit)
    return Reply()


@prepares(
    "signatureRequestFiles",
    told=Told((FilesQuery,), FileUrlAnswer | DataUriAnswer, ("application/pdf", "application/zip")),
)
async def files(request: ApiRequest[None], kit: Kit) -> Reply | FileReply:
    """GET /signature_request/files/{id}, and /final_copy/{id} with its old flags."""
    asked = request.query_as(FilesQuery)
    whole, key = await _downloadable(request, kit)
    if asked.get_url:
        return _file_url(whole, kit, download=True)
    if asked.get_data_uri:
        return await _data_uri(whole, key, request.caller, kit)
    await _record(whole, fetched_by(request.caller, asked.file_type), request.caller, kit)
    if asked.file_type == "pdf":
        return FileReply(download_name(whole.request, "pdf"), "application/pdf", key=key)
    name = download_name(whole.request, "zip")
    if gets_attachments(whole, request.caller):
        return FileReply(name, "application/zip", path=await zip_with_attachments(whole, kit))
    if whole.request.is_sealed:
        return FileReply(name, "application/zip", key=await sealed_zip(whole, kit))
    return FileReply(name, "application/zip", path=await zip_of(whole, kit))


@prepares("signatureRequestEvidence", told=Told(files=("application/zip",)))
async def evidence(request: ApiRequest[None], kit: Kit) -> FileReply:
    """GET /signature_request/evidence/{id}, an addition of ours: the evidence bundle (docs/evidence.md)."""
    whole, _ = await _downloadable(request, kit)
    await _record(whole, fetched_by(request.caller, "evidence"), request.caller, kit)
    return FileReply(bundle_name(whole), "application/zip", path=await evidence_bundle(whole, kit))


@prepares("signatureRequestFilesAsDataUri", told=Told(answer=DataUriAnswer))
async def files_as_data_uri(request: ApiRequest[None], kit: Kit) -> Reply:
    """GET /signature_request/files_as_data_uri/{id}."""
    whole, key = await _downloadable(request, kit)
    return await _data_uri(whole, key, request.caller, kit)


@reads("signatureRequestFilesAsFileUrl", told=Told((FileUrlQuery,), FileUrlAnswer))
def files_as_file_url(tx: ReadTx, request: ApiRequest[None], kit: Kit) -> Reply:
    """GET /signature_request/files_as_file_url/{id}: a link that needs no credentials, for three days."""
    asked = request.query_as(FileUrlQuery)
    whole = load_visible(tx, request.caller, _id(request))
    file_key_of(whole.request)
    return _file_url(whole, kit, download=asked.force_download)


async def _downloadable(request: ApiRequest[None], kit: Kit) -> tuple[WholeRequest, str]:
    whole = await kit.db.read(lambda tx: load_visible(tx, request.caller, _id(request)))
    return whole, file_key_of(whole.request)


async def _data_uri(whole: WholeRequest, key: str, caller: Caller, kit: Kit) -> Reply:
    await _record(whole, fetched_by(caller, "data_uri"), caller, kit)
    async with kit.files.local(key) as path:
        content = await asyncio.to_thread(path.read_bytes)
    return Reply({"data_uri": f"data:application/pdf;base64,{base64.b64encode(content).decode()}"})


async def _record(whole: WholeRequest, fetched: Fetched, caller: Caller, kit: Kit) -> None:
    if whole.request.is_sealed:
        await kit.db.write(lambda tx: record_download(tx, whole.request, fetched, caller.client, kit))


def _file_url(whole: WholeRequest, kit: Kit, *, download: bool) -> Reply:
    expires_at = kit.clock.now() + kit.settings.file_url_days * DAY_SECONDS
    link = file_link(kit, whole.request.signature_request_id, expires_at=expires_at, download=download)
    return Reply({"file_url": link, "expires_at": expires_at})


def _reply(whole: WholeRequest, caller: Caller, kit: Kit, notices: Sequence[Notice] = ()) -> Reply:
    return Reply(with_warnings({"signature_request": _json(whole, caller, kit)}, notices))


def _json(whole: WholeRequest, caller: Caller, kit: Kit) -> dict[str, Any]:
    return request_json(whole, kit, is_unmasked=whole.request.account_pk == caller.account_pk)


def _id(request: ApiRequest[Any]) -> str:
    return request.path["signature_request_id"]
