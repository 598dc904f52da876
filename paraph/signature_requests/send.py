"""Send a signature request: rows, the first link of the evidence, and the job that prepares the files."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import msgspec
from sqlalchemy import bindparam, func, select

from paraph.accounts import load_account
from paraph.apps import find_app, hold_app, load_app
from paraph.fields import as_json
from paraph.kit import ids
from paraph.kit.db import Prepared
from paraph.kit.errors import Conflict, Forbidden, TooManyRequests
from paraph.kit.faults import fault_point
from paraph.kit.limits import count
from paraph.kit.wire import Notice

from . import audit
from .ask import ask_of_signers
from .asking_limit import check_may_ask
from .audit import GENESIS
from .blocks import not_cancelled
from .lifecycle import RequestState, begin
from .models import request_documents, request_words, signature_requests, signatures
from .queries import load_whole
from .response_data import custom_fields_of
from .search import searchable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from paraph.accounts import Account
    from paraph.apps import App
    from paraph.kit import Kit
    from paraph.kit.caller import Caller
    from paraph.kit.db import ReadTx, WriteTx
    from paraph.kit.queue import Lane

    from .check import SendPlan
    from .lifecycle import Lifecycle
    from .shapes import WholeRequest
    from .uploads import Upload

DAY_SECONDS = 86_400
NEW_ACCOUNT_DAYS = 7
NEW_ACCOUNT_MAILS_A_DAY = 500
"""People a new account may write to in a day: an abuse brake (T15), far above honest use."""

UNCONFIRMED = Notice(
    "Your account's e-mail address is not confirmed yet. The request is on hold and is sent once you confirm it.",
    "unconfirmed",
)

_REQUEST = signature_requests.c
# of what is not cancelled, for that has an index by account and key: else both are linear in the account on SQLite
_NEWEST = Prepared(
    select(func.max(_REQUEST.id).label("newest")).where(
        _REQUEST.account_pk == bindparam("account_pk"), not_cancelled()
    )
)
_TWIN = Prepared(
    select(_REQUEST.id)
    .where(
        _REQUEST.account_pk == bindparam("account_pk"),
        _REQUEST.id > bindparam("mark"),
        _REQUEST.fingerprint == bindparam("fingerprint"),
        not_cancelled(),
    )
    .limit(1)
)


def check_sender(tx: ReadTx, caller: Caller, plan: SendPlan) -> int:
    """Refuse, before any file is stored, who may not send this; returns the mark for ``send_request``.

    The mark is the newest request of the account but for cancelled ones, so that an identical one that arrives
    meanwhile can be told.
    """
    _sending_app(tx, caller, plan.client_id)
    return int(_NEWEST.scalar(tx, account_pk=caller.account_pk) or 0)


def send_request(
    tx: WriteTx, caller: Caller, plan: SendPlan, uploads: Sequence[Upload], mark: int, *, kit: Kit
) -> tuple[WholeRequest, list[Notice]]:
    """Record the request and return it with the warnings for its answer.

    Raises Forbidden for an app that is not the caller's or is suspended, Conflict when an identical request arrived
    while this one was on its way, TooManyRequests for a new account that writes to too many people, and for anybody
    who asks the same person too often.
    """
    app = _sending_app(tx, caller, plan.client_id)
    if app is not None:
        _refuse_suspended(hold_app(tx, app.pk))
    sender = load_account(tx, caller.account_pk)
    _count_people(tx, sender, plan, kit)  # locks the counter, so that two sends of an account follow each other
    check_may_ask(tx, sender.pk, [signer.email_address for signer in plan.signers], kit)
    fingerprint = _fingerprint(plan, uploads, app, kit)
    _refuse_twin(tx, caller, fingerprint, mark)
    lifecycle = begin([signer.turn for signer in plan.signers], hold=not sender.is_confirmed)
    titles = _titles(plan, uploads)
    request_pk = _insert_request(tx, sender, plan, titles | _app(app) | {"fingerprint": fingerprint}, kit)
    _insert_signatures(tx, request_pk, sender, plan, lifecycle)
    ask_of_signers(tx, request_pk, plan, kit)
    _insert_documents(tx, request_pk, sender, plan, uploads)
    whole = load_whole(tx, request_pk)
    _insert_words(tx, whole)
    audit.record(tx, request_pk, "created", _created(whole, caller), kit=kit, client=caller.client)
    # a slow server behind a file_url must not hold up the work of others
    lane: Lane = "network" if plan.file_urls else "work"
    kit.queue.enqueue(tx, "signature_requests.prepare", lane=lane, request_pk=request_pk)
    fault_point("send.recorded")
    return whole, [*plan.notices, *([] if sender.is_confirmed else [UNCONFIRMED])]


def _sending_app(tx: ReadTx, caller: Caller, client_id: str | None) -> App | None:
    """The app that the request is made with: the token's own, or one of the caller's (by client_id)."""
    if caller.kind == "bearer":
        if client_id is not None and client_id != caller.client_id:
            raise Forbidden("This access token belongs to another app than client_id.", path="client_id")
        app = load_app(tx, caller.app_pk or 0)
    elif client_id is None:
        return None
    else:
        found = find_app(tx, client_id)
        if found is None or found.owner_pk != caller.account_pk:
            raise Forbidden("client_id is not an app of this account.", path="client_id")
        app = found
    _refuse_suspended(app)
    return app


def _refuse_suspended(app: App) -> None:
    if app.is_suspended:
        raise Forbidden("This app is suspended; nothing can be sent with it.", path="client_id")


def _count_people(tx: WriteTx, sender: Account, plan: SendPlan, kit: Kit) -> None:
    now = kit.clock.now()
    people = len(plan.signers) + len(plan.cc_email_addresses)
    used = count(tx, f"people:{sender.pk}", now, DAY_SECONDS, add=people)
    is_new = now - sender.created_at < NEW_ACCOUNT_DAYS * DAY_SECONDS
    if is_new and used > NEW_ACCOUNT_MAILS_A_DAY:
        raise TooManyRequests(
            f"New accounts may write to {NEW_ACCOUNT_MAILS_A_DAY} people a day. Go on tomorrow, or ask the operator."
        )


def _fingerprint(plan: SendPlan, uploads: Sequence[Upload], app: App | None, kit: Kit) -> str:
    files = [(upload.filename, upload.sha256) for upload in uploads]
    parts = [msgspec.to_builtins(asdict(plan)), files, app.client_id if app else None]
    # under a key: the plan holds access codes, which a bare hash would give away to whoever tries them all
    return kit.keyring.keyed_hash("send", msgspec.json.encode(parts, order="deterministic").decode()).hex()


def _refuse_twin(tx: WriteTx, caller: Caller, fingerprint: str, mark: int) -> None:
    """An identical request that was recorded after this one had begun was in flight together with it."""
    if _TWIN.scalar(tx, account_pk=caller.account_pk, mark=mark, fingerprint=fingerprint) is not None:
        raise Conflict("An identical request is already being processed.")


def _titles(plan: SendPlan, uploads: Sequence[Upload]) -> dict[str, Any]:
    """Title and original title, defaulting as the vendor's do: the subject, else the name of the first file."""
    title = plan.title or plan.subject or _names(plan, uploads)[0]
    return {"title": title, "original_title": plan.subject or title}


def _app(app: App | None) -> dict[str, Any]:
    if app is None:
        return {}
    return {"app_pk": app.pk, "client_id": app.client_id, "app_name": app.display_name}


def _insert_request(tx: WriteTx, sender: Account, plan: SendPlan, more: dict[str, Any], kit: Kit) -> int:
    values: dict[str, Any] = {
        "signature_request_id": ids.long_id(),
        "account_pk": sender.pk,
        "requester_name": sender.name,
        "requester_email": sender.email_address,
        "subject": plan.subject,
        "message": plan.message,
        "metadata": dict(plan.metadata),
        "cc_email_addresses": list(plan.cc_email_addresses),
        "signing_options": asdict(plan.signing_options),
        "date_format": plan.date_format,
        "test_mode": plan.test_mode,
        "allow_decline": plan.allow_decline,
        "allow_reassign": plan.allow_reassign,
        "is_ordered": plan.is_ordered,
        "signing_redirect_url": plan.signing_redirect_url,
        "signer_experience": plan.signer_experience,
        "form_plan": as_json(plan.form),
        "custom_fields": custom_fields_of(plan.form.plan.form.fields),
        "expires_at": plan.expires_at,
        "state": RequestState.PREPARING.value,
        "created_at": kit.clock.now(),
        "chain_head": GENESIS,
    }
    return tx.insert(signature_requests, values | more)


def _insert_signatures(tx: WriteTx, request_pk: int, sender: Account, plan: SendPlan, lifecycle: Lifecycle) -> None:
    rows = [
        {
            "signature_id": ids.short_id(),
            "account_pk": sender.pk,
            "request_pk": request_pk,
            "position": position,
            "turn": signer.turn,
            "name": signer.name,
            "email_address": signer.email_address,
            "email_folded": signer.email_address.casefold(),
            "status": lifecycle.signers[position].status.value,
        }
        for position, signer in enumerate(plan.signers)
    ]
    tx.execute(signatures.insert(), rows)


def _insert_documents(
    tx: WriteTx, request_pk: int, sender: Account, plan: SendPlan, uploads: Sequence[Upload]
) -> None:
    fixed = {"account_pk": sender.pk, "request_pk": request_pk, "kind": "upload"}
    names = _names(plan, uploads)
    uploaded = [
        {
            "upload_key": upload.key,
            "upload_sha256": upload.sha256,
            "upload_bytes": upload.size,
            "media_type": upload.media_type,
        }
        for upload in uploads
    ]
    linked = [{"source_url": url} for url in plan.file_urls]
    sources: list[dict[str, Any]] = [*uploaded, *linked]
    rows = [
        {**fixed, "position": position, "filename": names[position], **source}
        for position, source in enumerate(sources)
    ]
    tx.execute(request_documents.insert(), rows)


def _names(plan: SendPlan, uploads: Sequence[Upload]) -> list[str]:
    if uploads:
        return [upload.filename for upload in uploads]
    return [_last_segment(url) or f"Document {place}" for place, url in enumerate(plan.file_urls, 1)]


def _last_segment(url: str) -> str:
    """What a person would call the file at this address; display only."""
    path = url.partition("#")[0].partition("?")[0].partition("://")[2]
    name = path.rpartition("/")[2] if "/" in path else ""
    return "".join(character for character in name if character.isprintable())


def _insert_words(tx: WriteTx, whole: WholeRequest) -> None:
    request = whole.request
    people = [f"{one.name} {one.email_address}" for one in whole.signatures]
    texts = {
        "to": "\n".join(people),
        "from": f"{request.requester_name} {request.requester_email}",
        "title": request.title,
        "subject": request.subject or "",
        "message": request.message or "",
        "metadata": msgspec.json.encode(request.metadata).decode(),
        "filename": "\n".join(document.filename for document in whole.documents),
    }
    words = {name: searchable(text) for name, text in texts.items()}
    tx.insert(request_words, {"request_pk": request.id, "account_pk": request.account_pk, **words})


def _created(whole: WholeRequest, caller: Caller) -> dict[str, Any]:
    request = whole.request
    return {
        "title": request.title,
        "sender": {"name": request.requester_name, "email_address": request.requester_email},
        "by": caller.kind,
        **audit.caller_facts(caller),
        "app": {"client_id": request.client_id, "name": request.app_name} if request.client_id else None,
        "test_mode": request.test_mode,
        "signers": [
            {
                "signature": one.signature_id,
                "name": one.name,
                "email_address": one.email_address,
                "turn": one.turn,
            }
            for one in whole.signatures
        ],
        "files": [
            {"name": document.filename, "sha256": document.upload_sha256, "from": document.source}
            for document in whole.documents
        ],
    }
