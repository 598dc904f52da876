"""Home, and the mailbox of an embedded server."""

from __future__ import annotations

from typing import TYPE_CHECKING

from paraph.kit.errors import NotFound
from paraph.kit.http import Page, Raw, Reply, Visit, page
from paraph.kit.http.headers import CSP
from paraph.kit.mail import KeptMail, kept_mails
from paraph.signature_requests import waiting_for_me

if TYPE_CHECKING:
    from paraph.kit import Kit
    from paraph.kit.db import ReadTx

# mails are styled on their elements; in their frame they may do nothing but open links
MAIL_CSP = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'self'; form-action 'none'; "
    "frame-ancestors 'self'; "
    "sandbox allow-popups allow-popups-to-escape-sandbox allow-top-navigation-by-user-activation"
)
FRAME_CSP = f"{CSP}; frame-src 'self'"
LINKS_LEAVE_FRAME = '<head><base target="_top">'


@page("/", signed_in=False)
def show_home(tx: ReadTx, visit: Visit, kit: Kit) -> Page:
    """Signed out: what this is, and the ways in. Signed in: what waits for the person, and the ways on."""
    if visit.caller is None:
        return Page("web/welcome.html")
    return Page("web/home.html", {"waiting": [whole.request for whole in waiting_for_me(tx, visit.caller)]})


@page("/mailbox", signed_in=False, loopback=True)
def show_mailbox(tx: ReadTx, visit: Visit, kit: Kit) -> Page:
    """The kept mails, newest first."""
    return Page("web/mailbox.html", {"mails": list(reversed(_mails(tx, kit)))})


@page("/mailbox.json", signed_in=False, loopback=True)
def list_mails(tx: ReadTx, visit: Visit, kit: Kit) -> Reply:
    """The kept mails for programs, newest last; ``sent_at`` in seconds, UTC."""
    return Reply([_mail_json(mail) for mail in _mails(tx, kit)])


@page("/mailbox/{number}", signed_in=False, loopback=True)
def show_mail(tx: ReadTx, visit: Visit, kit: Kit) -> Page:
    """One mail, as HTML and as text."""
    mail = _mail(tx, visit, kit)
    return Page("web/kept_mail.html", {"mail": mail}, headers={"Content-Security-Policy": FRAME_CSP})


@page("/mailbox/{number}/html", signed_in=False, loopback=True)
def show_mail_html(tx: ReadTx, visit: Visit, kit: Kit) -> Raw:
    """The HTML of one mail, for the frame on its page."""
    html = _mail(tx, visit, kit).html.replace("<head>", LINKS_LEAVE_FRAME, 1)
    headers = {"Content-Security-Policy": MAIL_CSP, "X-Frame-Options": "SAMEORIGIN"}
    return Raw(html.encode(), "text/html; charset=utf-8", headers=headers)


def _mails(tx: ReadTx, kit: Kit) -> list[KeptMail]:
    if not kit.settings.keeps_mail:
        raise NotFound("There is no page at this address.")
    return kept_mails(tx, kit=kit)


def _mail(tx: ReadTx, visit: Visit, kit: Kit) -> KeptMail:
    for mail in _mails(tx, kit):
        if str(mail.number) == visit.path["number"]:
            return mail
    raise NotFound("There is no such mail, or it is too old to be kept.")


def _mail_json(mail: KeptMail) -> dict[str, object]:
    return {
        "to": mail.to,
        "from": mail.sender,
        "subject": mail.subject,
        "text": mail.text,
        "html": mail.html,
        "sent_at": mail.sent_at,
    }
