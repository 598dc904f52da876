"""The mails of accounts. None repeats a name that its writer chose: an unproved address may be a stranger's."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from paraph.kit.mail import Letter, send_letter

if TYPE_CHECKING:
    from paraph.kit import Kit
    from paraph.kit.db import WriteTx

    from .account import Account

NOT_YOU = "If this was not you, you need do nothing: without the link nothing happens."


def confirmation_letter(tx: WriteTx, account: Account, token: str, *, kit: Kit) -> None:
    """Ask the person who signed up to confirm the address."""
    letter = Letter(
        to=account.email_address,
        subject="Confirm your address",
        paragraphs=(f"Someone signed up at {host(kit)} with this address. If it was you, confirm it.",),
        button="Confirm your address",
        link=confirm_link(token, kit),
        after=("The link works once, for 7 days.", NOT_YOU),
        footnotes=_footnotes(kit),
    )
    send_letter(tx, letter, kit=kit)


def invitation_letter(tx: WriteTx, account: Account, token: str, app_name: str | None, *, kit: Kit) -> None:
    """Invite the person to claim the account that was made for the address."""
    whom = f"The app “{app_name}”" if app_name else "Someone"
    explained = (
        f"{whom} made an account for you at {host(kit)}, where documents are signed.",
        "To use it, confirm your address and choose a password."
        + (" You then decide whether the app may act for you; before that it can do nothing." if app_name else ""),
    )
    letter = Letter(
        to=account.email_address,
        subject=f"Confirm your account at {host(kit)}",
        paragraphs=explained,
        button="Confirm your account",
        link=confirm_link(token, kit),
        after=("The link works once, for 30 days.", "If you did not expect this, you need do nothing."),
        footnotes=_footnotes(kit),
    )
    send_letter(tx, letter, kit=kit)


def change_letters(tx: WriteTx, account: Account, new_address: str, token: str, *, kit: Kit) -> None:
    """Ask at the new address for confirmation, and tell the old one."""
    letter = Letter(
        to=new_address,
        subject="Confirm your new address",
        paragraphs=(f"Someone wants to use this address for an account at {host(kit)}. If it was you, confirm it.",),
        button="Confirm new address",
        link=confirm_link(token, kit),
        after=("The link works once, for 24 hours.", NOT_YOU),
        footnotes=_footnotes(kit),
    )
    send_letter(tx, letter, kit=kit)
    notice = Letter(
        to=account.email_address,
        subject="A new address was asked for",
        paragraphs=(
            f"Someone who knows your password asked to change the address of your account at {host(kit)} "
            f"to {new_address}. It changes when the link that we sent there is opened.",
            "If this was not you, change your password now; that also stops the change.",
        ),
        button="Open your settings",
        link=f"{kit.settings.public_url}/settings",
        footnotes=_footnotes(kit),
    )
    send_letter(tx, notice, kit=kit)


def address_taken_letter(tx: WriteTx, to: str, *, kit: Kit) -> None:
    """Tell the owner of an address that somebody else asked for it (the asker is told nothing)."""
    letter = Letter(
        to=to,
        subject="You have an account already",
        paragraphs=(
            f"Someone asked to use this address for an account at {host(kit)}, but it belongs to yours.",
            "Nothing was changed. If it was you, log in with this address, or delete that account first.",
        ),
        button="Log in",
        link=f"{kit.settings.public_url}/login",
        footnotes=_footnotes(kit),
    )
    send_letter(tx, letter, kit=kit)


def address_changed_letter(tx: WriteTx, account: Account, new_address: str, *, kit: Kit) -> None:
    """Tell the old address that it is no longer the account's; ``account`` as it was."""
    letter = Letter(
        to=account.email_address,
        subject="Your address was changed",
        paragraphs=(
            f"Your account at {host(kit)} now has the address {new_address}. Mails go there from now on.",
            f"If this was not you, {_tell_operator(kit)}",
        ),
        footnotes=_footnotes(kit),
    )
    send_letter(tx, letter, kit=kit)


def reset_letter(tx: WriteTx, account: Account, token: str, *, kit: Kit) -> None:
    """Send the link by which a new password is set."""
    letter = Letter(
        to=account.email_address,
        subject="Choose a new password",
        paragraphs=(f"Someone asked for a new password for your account at {host(kit)}.",),
        button="Choose a new password",
        link=f"{kit.settings.public_url}/reset/{token}",
        after=("The link works once, for one hour.", NOT_YOU),
        footnotes=_footnotes(kit),
    )
    send_letter(tx, letter, kit=kit)


def password_changed_letter(tx: WriteTx, account: Account, *, kit: Kit) -> None:
    """Tell the person that the password is another one."""
    letter = Letter(
        to=account.email_address,
        subject="Your password was changed",
        paragraphs=(
            f"The password of your account at {host(kit)} was changed, and other browsers were logged out.",
            "If this was not you, choose a new password now.",
        ),
        button="Choose a new password",
        link=f"{kit.settings.public_url}/reset",
        footnotes=_footnotes(kit),
    )
    send_letter(tx, letter, kit=kit)


def delivery_given_up_letter(tx: WriteTx, account: Account, url: str, event_type: str, *, kit: Kit) -> None:
    """Tell the person that their callback URL did not take an event."""
    letter = Letter(
        to=account.email_address,
        subject="Your callback URL does not answer",
        paragraphs=(
            "An event could not be delivered to the callback URL of your account. It was tried 7 times over "
            "31 hours, and is not tried again.",
            "The URL has to answer with status 200 and the text “Hello API Event Received”.",
        ),
        facts=(("Event", event_type), ("Callback URL", url)),
        button="Check the callback URL",
        link=f"{kit.settings.public_url}/settings",
        footnotes=_footnotes(kit),
    )
    send_letter(tx, letter, kit=kit)


def suspended_letter(tx: WriteTx, account: Account, reason: str, *, kit: Kit) -> None:
    """Tell the person that their account was stopped, and why."""
    letter = Letter(
        to=account.email_address,
        subject="Your account is suspended",
        paragraphs=(
            f"Whoever runs {host(kit)} suspended your account. Nobody can log in to it, its API keys and apps do not "
            "work, and nobody can sign what you sent. Nothing was deleted.",
            "This is the reason they gave:",
        ),
        quote=reason,
        after=(f"If you think that this is a mistake, {_tell_operator(kit, 'tell us')}",),
        footnotes=_footnotes(kit),
    )
    send_letter(tx, letter, kit=kit)


def resumed_letter(tx: WriteTx, account: Account, *, kit: Kit) -> None:
    """Tell the person that their account works again."""
    letter = Letter(
        to=account.email_address,
        subject="Your account works again",
        paragraphs=(
            f"Your account at {host(kit)} is no longer suspended. Your API keys and apps work, what you sent can be "
            "signed again, and what had not been sent goes out now. You have to log in again.",
        ),
        button="Log in",
        link=f"{kit.settings.public_url}/login",
        footnotes=_footnotes(kit),
    )
    send_letter(tx, letter, kit=kit)


def callback_switched_off_letter(tx: WriteTx, account: Account, url: str, failed: int, *, kit: Kit) -> None:
    """Tell the person that their callback URL gets no events until they switch it on."""
    letter = Letter(
        to=account.email_address,
        subject="Your callback URL is switched off",
        paragraphs=(
            f"The callback URL of your account did not take {failed} events in a row, each tried 7 times. It is "
            "switched off: nothing is sent to it.",
            "What happens meanwhile is kept. Mend the URL, then switch it on; everything that was kept is sent then.",
        ),
        facts=(("Callback URL", url),),
        button="Switch it on",
        link=f"{kit.settings.public_url}/settings/callback",
        footnotes=_footnotes(kit),
    )
    send_letter(tx, letter, kit=kit)


def confirm_link(token: str, kit: Kit) -> str:
    """The address that a confirmation mail leads to."""
    return f"{kit.settings.public_url}/confirm/{token}"


def host(kit: Kit) -> str:
    """The name of this server as people know it."""
    return urlsplit(kit.settings.public_url).netloc


def _tell_operator(kit: Kit, ask: str = "tell us at once") -> str:
    contact = kit.settings.operator_contact
    return f"{ask}: {contact}." if contact else f"{ask.replace('us', 'whoever runs this server', 1)}."


def _footnotes(kit: Kit) -> tuple[str, ...]:
    sent = f"This mail came from Paraph at {kit.settings.public_url} because of your account or address."
    contact = kit.settings.operator_contact
    return (sent, f"Report abuse: {contact}") if contact else (sent,)
