"""A letter: the words of a mail, written once and rendered twice, so that text and HTML cannot differ."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from paraph.kit.i18n import gettext as _
from paraph.kit.templates import render, template_environment

from .send import Mail, send_mail

if TYPE_CHECKING:
    from paraph.kit import Kit
    from paraph.kit.db import WriteTx

TEMPLATE = "web/mail.html"


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """A mail in plain words, in this order.

    ``heading`` (default: the subject) · ``paragraphs`` · ``facts``, short lines "name: value" · ``quote``, words
    of another person, set apart · one ``link`` with the verb on its ``button`` · paragraphs ``after`` it ·
    ``footnotes``: why this mail came, on whose behalf, how to report abuse.
    """

    to: str
    subject: str
    heading: str = ""
    paragraphs: tuple[str, ...] = ()
    facts: tuple[tuple[str, str], ...] = ()
    quote: str = ""
    button: str = ""
    link: str = ""
    after: tuple[str, ...] = ()
    footnotes: tuple[str, ...] = ()
    refused_job: str | None = None
    refused_payload: dict[str, Any] = field(default_factory=dict)
    accepted_job: str | None = None
    accepted_payload: dict[str, Any] = field(default_factory=dict)


def send_letter(tx: WriteTx, letter: Letter, *, kit: Kit) -> None:
    """Put the letter into the transaction as a mail of text and HTML."""
    mail = Mail(
        to=letter.to,
        subject=letter.subject,
        text=letter_text(letter),
        html=render(template_environment(), TEMPLATE, {"letter": letter}),
        refused_job=letter.refused_job,
        refused_payload=letter.refused_payload,
        accepted_job=letter.accepted_job,
        accepted_payload=letter.accepted_payload,
    )
    send_mail(tx, mail, kit=kit)


def letter_text(letter: Letter) -> str:
    """The plain text of a letter."""
    parts = [letter.heading or letter.subject, *letter.paragraphs]
    if letter.facts:
        parts.append("\n".join(f"{_('%(name)s:', name=name)} {value}" for name, value in letter.facts))
    if letter.quote:
        parts.append("\n".join(f"> {line}" for line in letter.quote.splitlines()))
    if letter.link:
        parts.append(f"{_('%(name)s:', name=letter.button)}\n{letter.link}")
    parts.extend(letter.after)
    if letter.footnotes:
        parts.append("-- \n" + "\n".join(letter.footnotes))
    return "\n\n".join(parts) + "\n"
