"""Facts to events: who is told, and the state as it is at this moment (T34)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from paraph.accounts import find_account, load_account, primary_api_key
from paraph.apps import load_app
from paraph.events import Audience, callback_url, record_event

from .access import methods_of
from .wire import request_json

if TYPE_CHECKING:
    from collections.abc import Iterator

    from paraph.accounts import Account
    from paraph.kit import Kit
    from paraph.kit.db import WriteTx

    from .shapes import Signature, SignatureRequest, WholeRequest


def announce(
    tx: WriteTx,
    whole: WholeRequest,
    event_type: str,
    *,
    kit: Kit,
    related: Signature | None = None,
    message: str | None = None,
) -> None:
    """Record ``event_type`` for everybody who has a callback and a part in this request.

    The app that made it, the account that sent it, and the accounts of people who were asked to sign.
    """
    for is_unmasked, audience in _audiences(tx, whole, kit).items():
        record_event(
            tx,
            event_type=event_type,
            body={"signature_request": request_json(whole, kit, is_unmasked=is_unmasked)},
            audience=audience,
            message=message,
            related_signature_id=related.signature_id if related else None,
            kit=kit,
        )


def _audiences(tx: WriteTx, whole: WholeRequest, kit: Kit) -> dict[bool, list[Audience]]:
    """Who is told, by whether they may read masked values and phones: the app and the sender may, signers may not."""
    found: dict[bool, list[Audience]] = {}
    hides = any(one.field.masked for one in whole.answered) or any(one.sms_phone_number for one in whole.signatures)
    for audience in (*_app(tx, whole.request, kit), *_accounts(tx, whole, kit)):
        is_sender = audience.app_pk is not None or audience.account_pk == whole.request.account_pk
        found.setdefault(is_sender or not hides, []).append(audience)
    return found


def _app(tx: WriteTx, request: SignatureRequest, kit: Kit) -> Iterator[Audience]:
    if request.app_pk is None or callback_url(tx, app_pk=request.app_pk) is None:
        return
    app = load_app(tx, request.app_pk)
    sender = load_account(tx, request.account_pk)
    yield Audience(
        app_pk=app.pk,
        account_id=sender.account_id,
        client_id=app.client_id,
        # the key of the app's owner signs, also when the request is another account's (behaviour sheet, E.4)
        hash_key=primary_api_key(tx, app.owner_pk, kit),
    )


def _accounts(tx: WriteTx, whole: WholeRequest, kit: Kit) -> Iterator[Audience]:
    for account in _people(tx, whole):
        if callback_url(tx, account_pk=account.pk) is not None:
            yield Audience(
                account_pk=account.pk,
                account_id=account.account_id,
                hash_key=primary_api_key(tx, account.pk, kit),
            )


def _people(tx: WriteTx, whole: WholeRequest) -> list[Account]:
    """The sender, and invited signers with a confirmed account: anybody can sign up with a foreign address.

    Who has to prove more than that first is told once they have signed (``queries.received_by``).
    """
    found = {whole.request.account_pk: load_account(tx, whole.request.account_pk)}
    for signature in whole.signatures:
        is_told = signature.invited_at and (signature.signed_at or not methods_of(signature))
        account = find_account(tx, email_address=signature.email_address) if is_told else None
        if account is not None and account.confirmed_at is not None:
            found.setdefault(account.pk, account)
    return list(found.values())
