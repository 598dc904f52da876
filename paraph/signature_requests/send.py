"""Send a signature request: rows, the first link of the evidence, and the job that prepares the files."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import msgspec
from sqlalchemy import bindparam, func, select

from paraph.accounts import load_account
from paraph.apps import find_app, hold_app, load_app
from paraph.kit.db import NextKeys, Prepared, insert_together
from paraph.kit.errors import Conflict, Forbidden, TooManyRequests
from paraph.kit.faults import fault_point
from paraph.kit.limits import Count, count_all
from paraph.kit.wire import Notice

from . import audit
from .access_models import request_attachments
from .asking_limit import asked_of, refuse_asking, too_often
from .blocks import not_cancelled
from .draft import draft_request
from .models import audit_events, request_documents, request_words, signature_requests, signatures
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
    from .draft import Draft
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

_KEYS = NextKeys(signature_requests, signatures, request_documents, request_attachments)
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
    _count(tx, sender, plan, kit)  # locks the counter, so that two sends of an account follow each other
    fingerprint = _fingerprint(plan, uploads, app, kit)
    _refuse_twin(tx, caller, fingerprint, mark)
    draft = _draft(tx, sender, plan, uploads, kit)
    draft.request |= _app(app) | {"fingerprint": fingerprint}
    whole = draft.whole()
    created = audit.next_event(draft.head, "created", _created(whole, caller), kit=kit, client=caller.client)
    chain = {"chain_length": created["sequence"], "chain_head": created["hash"]}
    draft.request |= chain
    # a slow server behind a file_url must not hold up the work of others
    lane: Lane = "network" if plan.file_urls else "work"
    job = kit.queue.row(tx, "signature_requests.prepare", lane=lane, request_pk=draft.head.request_pk)
    # all at once: on PostgreSQL each of them alone is a round trip
    insert_together(tx, [*draft.rows(), (request_words, _words(whole)), (audit_events, created), job])
    fault_point("send.recorded")
    whole = replace(whole, request=replace(whole.request, **chain))
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


def _count(tx: WriteTx, sender: Account, plan: SendPlan, kit: Kit) -> None:
    now = kit.clock.now()
    people = Count(f"people:{sender.pk}", DAY_SECONDS, len(plan.signers) + len(plan.cc_email_addresses))
    asked = asked_of(sender.pk, [signer.email_address for signer in plan.signers], kit)
    totals = count_all(tx, [people, *(count for one in asked.values() for count in one)], now)
    is_new = now - sender.created_at < NEW_ACCOUNT_DAYS * DAY_SECONDS
    if is_new and totals[people.key] > NEW_ACCOUNT_MAILS_A_DAY:
        raise TooManyRequests(
            f"New accounts may write to {NEW_ACCOUNT_MAILS_A_DAY} people a day. Go on tomorrow, or ask the operator."
        )
    refuse_asking(too_often(asked, totals, kit), kit)


def _fingerprint(plan: SendPlan, uploads: Sequence[Upload], app: App | None, kit: Kit) -> str:
    files = [(upload.filename, upload.sha256) for upload in uploads]
    parts = [plan, files, app.client_id if app else None]
    # under a key: the plan holds access codes, which a bare hash would give away to whoever tries them all
    return kit.keyring.keyed_hash("send", msgspec.json.encode(parts, order="deterministic").decode()).hex()


def _refuse_twin(tx: WriteTx, caller: Caller, fingerprint: str, mark: int) -> None:
    """An identical request that was recorded after this one had begun was in flight together with it."""
    if _TWIN.scalar(tx, account_pk=caller.account_pk, mark=mark, fingerprint=fingerprint) is not None:
        raise Conflict("An identical request is already being processed.")


def _app(app: App | None) -> dict[str, Any]:
    if app is None:
        return {}
    return {"app_pk": app.pk, "client_id": app.client_id, "app_name": app.display_name}


def _draft(tx: WriteTx, sender: Account, plan: SendPlan, uploads: Sequence[Upload], kit: Kit) -> Draft:
    counts = {"signatures": len(plan.signers), "request_attachments": len(plan.attachments)}
    counts["request_documents"] = len(uploads) or len(plan.file_urls)
    keys = _KEYS.reserve(tx, signature_requests=1, **counts)
    return draft_request(sender, plan, uploads, keys, kit)


def _words(whole: WholeRequest) -> dict[str, Any]:
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
    return {"request_pk": request.id, "account_pk": request.account_pk, **words}


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
