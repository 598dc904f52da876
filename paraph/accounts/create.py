"""Make an account."""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING

from paraph.kit import ids
from paraph.kit.db import insert_or_ignore
from paraph.kit.errors import BadRequest

from .account import Account, NewAccount
from .addresses import read_address
from .api_keys import add_api_key
from .locales import read_locale
from .models import accounts
from .queries import find_account

if TYPE_CHECKING:
    from paraph.kit import Kit
    from paraph.kit.db import WriteTx

LONGEST_NAME_CHARACTERS = 100
_BIDI_CONTROLS = dict.fromkeys((*range(0x202A, 0x202F), *range(0x2066, 0x206A)))
"""They turn the words around a name about, in mails and on certificates; names need none of them."""


class AccountExists(BadRequest):
    """400: an account has this address already."""

    def __init__(self) -> None:
        super().__init__("Account already exists.", path="email_address")


def create_account(tx: WriteTx, wanted: NewAccount, kit: Kit) -> tuple[Account, str]:
    """Return the new account and its (primary) API key; raises AccountExists, BadRequest."""
    account = add_account(tx, wanted, kit=kit)
    return account, add_api_key(tx, account.pk, kit=kit)


def add_account(tx: WriteTx, wanted: NewAccount, *, kit: Kit) -> Account:
    """Return the new account, without a key; raises AccountExists, BadRequest."""
    address = read_address(wanted.email_address)
    now = kit.clock.now()
    values = {
        "account_id": ids.long_id(),
        "email_address": address.shown,
        "email_key": address.key,
        "name": read_name(wanted.name) if wanted.name else "",
        "locale": read_locale(wanted.locale),
        "password_hash": wanted.password_hash,
        "confirmed_at": now if wanted.confirmed else None,
        "operator_since": now if wanted.operator else None,
        "created_at": now,
    }
    if not insert_or_ignore(tx, accounts, values, unique=("email_key",)):
        raise AccountExists
    account = find_account(tx, account_id=str(values["account_id"]))
    assert account is not None
    return account


def read_name(text: str) -> str:
    """Return the name without control characters and double spaces; raises BadRequest for none or too long a one."""
    plain = text.translate(_BIDI_CONTROLS)
    shown = "".join(" " if unicodedata.category(ch) in ("Cc", "Cs", "Zl", "Zp") else ch for ch in plain)
    name = " ".join(unicodedata.normalize("NFC", shown).split())
    if not name:
        raise BadRequest("Give your name.", path="name")
    if len(name) > LONGEST_NAME_CHARACTERS:
        raise BadRequest(f"The name may have at most {LONGEST_NAME_CHARACTERS} characters.", path="name")
    return name
