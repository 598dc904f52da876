"""Reads: the load is the authorisation. What a caller may not see is not found (404), whatever the reason."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import Select, and_, bindparam, exists, func, not_, or_, select

from paraph.kit.db import Prepared
from paraph.kit.errors import Deleted, NotFound

from .access_models import request_attachments
from .form import RequestField, field_of
from .lifecycle import NOT_SENT_YET, RequestState
from .models import request_documents, request_fields, request_removals, signature_requests, signatures
from .shapes import (
    SignatureRequest,
    WholeRequest,
    attachment_of,
    document_of,
    request_of,
    signature_of,
)

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from sqlalchemy import ColumnElement, Row, Table

    from paraph.kit.caller import Caller
    from paraph.kit.db import ReadTx, WriteTx

KEYS_AT_ONCE = 500
HIDDEN_FROM_SIGNERS = (*NOT_SENT_YET, RequestState.FAILED)

_BY_PK = Prepared(select(signature_requests).where(signature_requests.c.id == bindparam("request_pk")))
_OF_A_REQUEST = {
    table: Prepared(
        select(table).where(table.c.request_pk == bindparam("request_pk")).order_by(table.c.position),
    )
    for table in (signatures, request_documents, request_attachments)
}


def load_visible(tx: ReadTx, caller: Caller, signature_request_id: str) -> WholeRequest:
    """The request, if this caller sent it or was asked to sign it; Deleted once it was cancelled, else NotFound."""
    return _alive(_found(tx, _by_id(signature_request_id).where(visible_to(caller))))


def load_sent(tx: ReadTx, caller: Caller, signature_request_id: str) -> WholeRequest:
    """The request, if this caller sent it: what signers may see but not change."""
    whole = load_visible(tx, caller, signature_request_id)
    if whole.request.account_pk != caller.account_pk:
        raise NotFound("Not found")
    return whole


def lock_visible(tx: WriteTx, caller: Caller, signature_request_id: str) -> WholeRequest:
    """As ``load_visible``, with the request's row locked until the transaction ends."""
    _lock(tx, signature_requests.c.signature_request_id == signature_request_id)
    return load_visible(tx, caller, signature_request_id)


def lock_sent(tx: WriteTx, caller: Caller, signature_request_id: str) -> WholeRequest:
    """As ``load_sent``, with the request's row locked until the transaction ends."""
    _lock(tx, signature_requests.c.signature_request_id == signature_request_id)
    return load_sent(tx, caller, signature_request_id)


def load_whole(tx: ReadTx, request_pk: int) -> WholeRequest:
    """The request of this internal key, for jobs; LookupError when there is none."""
    row = _BY_PK.one_or_none(tx, request_pk=request_pk)
    if row is None:
        raise LookupError(f"no signature request {request_pk}")
    return whole_of(tx, request_of(row))


def lock_whole(tx: WriteTx, request_pk: int) -> WholeRequest:
    """As ``load_whole``, with the request's row locked until the transaction ends."""
    _lock(tx, signature_requests.c.id == request_pk)
    return load_whole(tx, request_pk)


def app_of_request(tx: ReadTx, request_pk: int) -> int | None:
    """Return the internal key of the app that this request was made with, if it has one that still exists."""
    found: int | None = tx.scalar(select(signature_requests.c.app_pk).where(signature_requests.c.id == request_pk))
    return found


def find_request(tx: ReadTx, signature_request_id: str) -> SignatureRequest | None:
    """The request of a public id, without asking who wants to know: callers hold a link that names it."""
    row = tx.one_or_none(_by_id(signature_request_id))
    return None if row is None else request_of(row)


def whole_of(tx: ReadTx, request: SignatureRequest) -> WholeRequest:
    """Everything that belongs to one request."""
    return wholes_of(tx, [request])[0]


def wholes_of(tx: ReadTx, requests: list[SignatureRequest]) -> list[WholeRequest]:
    """Everything that belongs to these requests, in four queries however many they are."""
    keys = [request.id for request in requests]
    signed, parts, asked = (_of_requests(tx, table, keys) for table in _OF_A_REQUEST)
    filled = _fields_of_signed(tx, [row.id for row in signed if row.signed_at is not None])
    return [
        WholeRequest(
            request,
            tuple(signature_of(row) for row in signed if row.request_pk == request.id),
            tuple(document_of(row) for row in parts if row.request_pk == request.id),
            tuple(attachment_of(row) for row in asked if row.request_pk == request.id),
            tuple(field_of(row) for row in filled if row.request_pk == request.id),
        )
        for request in requests
    ]


def _of_requests(tx: ReadTx, table: Table, request_pks: list[int]) -> Sequence[Any]:
    if len(request_pks) == 1:  # most loads are of one, and every send and every step of a signer is
        return _OF_A_REQUEST[table].all(tx, request_pk=request_pks[0])
    return tx.all(select(table).where(table.c.request_pk.in_(request_pks)).order_by(table.c.position))


def fields_of(tx: ReadTx, request_pk: int) -> tuple[RequestField, ...]:
    """The fields of a request, in the order they were placed."""
    columns = request_fields.c
    rows = tx.all(select(request_fields).where(columns.request_pk == request_pk).order_by(columns.id))
    return tuple(field_of(row) for row in rows)


def ended_signatures(tx: ReadTx, signature_pks: Sequence[int]) -> set[int]:
    """Those of the signatures that are given, or never will be."""
    found: set[int] = set()
    for start in range(0, len(signature_pks), KEYS_AT_ONCE):
        rows = tx.all(
            select(signatures.c.id)
            .join(signature_requests, signature_requests.c.id == signatures.c.request_pk)
            .where(signatures.c.id.in_(signature_pks[start : start + KEYS_AT_ONCE]))
            .where(or_(signature_requests.c.closed_at.is_not(None), signatures.c.signed_at.is_not(None)))
        )
        found |= {row.id for row in rows}
    return found


def _fields_of_signed(tx: ReadTx, signature_keys: list[int]) -> Sequence[Row[Any]]:
    if not signature_keys:
        return ()
    columns = request_fields.c
    return tx.all(select(request_fields).where(columns.signature_pk.in_(signature_keys)).order_by(columns.id))


def visible_to(caller: Caller) -> ColumnElement[bool]:
    """The condition on ``signature_requests`` for what this caller may see.

    Sent by the account, or to its address once that is confirmed: anybody can sign up with a foreign address.
    Under a token, only what was made with its app (walkthrough, "Making API Calls With Access Tokens").
    """
    columns = signature_requests.c
    removed = select(request_removals.c.request_pk).where(
        request_removals.c.account_pk == caller.account_pk, request_removals.c.request_pk == columns.id
    )
    asked = exists(_asked(caller).where(signatures.c.request_pk == columns.id))
    received = and_(asked, columns.state.not_in(HIDDEN_FROM_SIGNERS))
    conditions = [or_(columns.account_pk == caller.account_pk, received), not_(exists(removed))]
    if caller.kind == "bearer":
        conditions.append(columns.app_pk == (caller.app_pk or 0))
    return and_(*conditions)


def received_by(caller: Caller, *, from_others: bool = False) -> ColumnElement[bool]:
    """The condition for requests that this caller was asked to sign, by somebody else if so."""
    asked, mine = _asked(caller), signatures.c.account_pk
    if from_others:  # two ranges of an index, where "is not" would be none
        asked = asked.where(or_(mine < caller.account_pk, mine > caller.account_pk))
    return and_(
        signature_requests.c.id.in_(asked),
        signature_requests.c.state.not_in(HIDDEN_FROM_SIGNERS),
    )


def _asked(caller: Caller) -> Select[Any]:
    """Keys of requests that this caller was asked to sign.

    An account shows that somebody reads the mailbox, no more: what opens with a code is theirs once they have signed.
    """
    columns = signatures.c
    address = caller.email_address.casefold() if caller.is_confirmed else ""
    by_phone = func.coalesce(columns.sms_phone_number_type, "") == "authentication"
    needs_code = or_(columns.pin_hash.is_not(None), by_phone)
    is_open = or_(columns.signed_at.is_not(None), not_(needs_code))
    return select(columns.request_pk).where(columns.email_folded == address, is_open)


def _by_id(signature_request_id: str) -> Select[Any]:
    return select(signature_requests).where(signature_requests.c.signature_request_id == signature_request_id)


def _found(tx: ReadTx, statement: Select[Any]) -> WholeRequest:
    row = tx.one_or_none(statement)
    if row is None:
        raise NotFound("Not found")
    return whole_of(tx, request_of(row))


def _alive(whole: WholeRequest) -> WholeRequest:
    if whole.request.state is RequestState.CANCELLED:
        raise Deleted
    return whole


def _lock(tx: WriteTx, which: ColumnElement[bool]) -> None:
    tx.all(select(signature_requests.c.id).where(which).with_for_update(key_share=True))
