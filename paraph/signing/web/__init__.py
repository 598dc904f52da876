"""The signing pages. The address is the secret: no account, and no cookie gives any right without it.

GET only shows (T14); each fact is a POST: opened, agreed, adopted, finished, declined, reported.
"""

from .access import at_the_door, entered, texted
from .attachments import attachments, handed_in, handed_in_file, taken_back
from .declining import ask_to_decline, declined
from .filling import adopted, filled, saved
from .phone import drawn, pad, phone, phone_asked_for, phone_state
from .reading import (
    adopted_picture,
    document_as_pdf,
    evidence,
    final_document,
    given_picture,
    initials_picture,
    opened,
    picture_of_page,
    show,
    statement,
    text_of_page,
)
from .reassign import ask_to_reassign, reassigned
from .reports import ask_for_report, handled, reported, reports
from .signing import consented, finished, review, withdrawn

__all__ = [
    "adopted",
    "adopted_picture",
    "ask_for_report",
    "ask_to_decline",
    "ask_to_reassign",
    "at_the_door",
    "attachments",
    "consented",
    "declined",
    "document_as_pdf",
    "drawn",
    "entered",
    "evidence",
    "filled",
    "final_document",
    "finished",
    "given_picture",
    "handed_in",
    "handed_in_file",
    "handled",
    "initials_picture",
    "opened",
    "pad",
    "phone",
    "phone_asked_for",
    "phone_state",
    "picture_of_page",
    "reassigned",
    "reported",
    "reports",
    "review",
    "saved",
    "show",
    "statement",
    "taken_back",
    "text_of_page",
    "texted",
    "withdrawn",
]
