"""Tell people what happened to the access they gave."""

from __future__ import annotations

from typing import TYPE_CHECKING

from paraph.accounts import load_account
from paraph.kit.mail import Letter, send_letter

if TYPE_CHECKING:
    from paraph.apps import App
    from paraph.kit import Kit
    from paraph.kit.db import WriteTx


def tell_user_of_reuse(tx: WriteTx, account_pk: int, app: App, *, kit: Kit) -> None:
    """A replaced refresh token was used: a copy is in other hands, so the person hears of it (R2)."""
    account = load_account(tx, account_pk)
    name = app.display_name
    letter = Letter(
        to=account.email_address,
        subject=f"We disconnected {name} from your account",
        paragraphs=(
            f"Someone used an old key of {name} to reach your account. {name} had replaced that key before, so a "
            "copy of it may be in other hands. To be safe, we ended the access that the key belonged to.",
            f"You need not do anything. If you use {name}, open it and connect it again.",
        ),
        button="See connected apps",
        link=f"{kit.settings.public_url}/settings/connected-apps",
        footnotes=(f"You get this mail because you let {name} use your account.",),
    )
    send_letter(tx, letter, kit=kit)
