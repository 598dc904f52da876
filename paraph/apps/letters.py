"""Letters to the owner of an app."""

from __future__ import annotations

from typing import TYPE_CHECKING

from paraph.accounts import load_account
from paraph.kit.mail import Letter, send_letter

if TYPE_CHECKING:
    from paraph.kit import Kit
    from paraph.kit.db import WriteTx

    from .app import App

# kind -> (subject, paragraph, what to do next)
_WORDS = {
    "approved": (
        "{name} is approved",
        "Your app {name} is approved for production: everybody with an account can authorise it now.",
        "Nothing else changes. Its client id and secret stay the same.",
    ),
    "refused": (
        "{name} is not approved",
        "Your app {name} was not approved for production. You can still authorise it yourself. The reason:",
        "When you have changed what was asked, request approval again on the page of the app.",
    ),
    "suspended": (
        "{name} is suspended",
        "Your app {name} is suspended. From now on nobody can authorise it, its access tokens do not work, and it "
        "cannot send anything. The reason:",
        "To have this looked at again, contact the operator of this server.",
    ),
    "resumed": (
        "{name} is no longer suspended",
        "The suspension of your app {name} has ended.",
        "Its earlier tokens stay revoked: people have to authorise the app again.",
    ),
}


def tell_owner(tx: WriteTx, app: App, kind: str, *, reason: str | None, kit: Kit) -> None:
    """Tell the owner that the app is ``approved``, ``refused``, ``suspended`` or ``resumed``."""
    subject, paragraph, after = (words.format(name=f"“{app.display_name}”") for words in _WORDS[kind])
    _send(tx, app, subject, paragraph, quote=reason or "", after=after, page=app_page(app, kit), kit=kit)


def tell_delivery_given_up(tx: WriteTx, app: App, *, url: str, event_type: str, kit: Kit) -> None:
    """Tell the owner that an event could not be delivered, and where to send it again."""
    name = f"“{app.display_name}”"
    _send(
        tx,
        app,
        f"An event could not be delivered to {name}",
        f"The event {event_type} for your app {name} could not be delivered. Every try failed, the last one too, so "
        "there will be no more.",
        facts=(("Event callback URL", url),),
        after="The page of deliveries shows what your server answered, and sends the event again when you ask.",
        page=f"{app_page(app, kit)}/deliveries",
        button="See the deliveries",
        kit=kit,
    )


def tell_switched_off(tx: WriteTx, app: App, *, url: str, failed: int, kit: Kit) -> None:
    """Tell the owner that the app gets no events until its callback is switched on."""
    name = f"“{app.display_name}”"
    _send(
        tx,
        app,
        f"The event callback of {name} is switched off",
        f"The event callback URL of your app {name} did not take {failed} events in a row, each tried 7 times. It is "
        "switched off: nothing is sent to it.",
        facts=(("Event callback URL", url),),
        after="What happens meanwhile is kept. Mend the URL, then switch it on; all that was kept is sent then.",
        page=f"{app_page(app, kit)}/deliveries",
        button="Switch it on",
        kit=kit,
    )


def app_page(app: App, kit: Kit) -> str:
    """The address of the app's page."""
    return f"{kit.settings.public_url}/settings/api/apps/{app.client_id}"


def _send(
    tx: WriteTx,
    app: App,
    subject: str,
    paragraph: str,
    *,
    page: str,
    after: str,
    kit: Kit,
    button: str = "Open the app",
    quote: str = "",
    facts: tuple[tuple[str, str], ...] = (),
) -> None:
    letter = Letter(
        to=load_account(tx, app.owner_pk).email_address,
        subject=subject,
        paragraphs=(paragraph,),
        facts=facts,
        quote=quote,
        button=button,
        link=page,
        after=(after,),
        footnotes=(f"You get this mail because you registered the app with the client id {app.client_id}.",),
    )
    send_letter(tx, letter, kit=kit)
