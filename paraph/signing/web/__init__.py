"""The signing pages. The address is the secret: no account, and no cookie gives any right without it.

GET only shows (T14); each fact is a POST: opened, agreed, adopted, finished, declined, reported.
"""

from .access import at_the_door, entered, texted
from .declining import ask_to_decline, declined
from .filling import adopted, filled, saved
from .reading import (
    adopted_picture,
    document_as_pdf,
    final_document,
    given_picture,
    initials_picture,
    opened,
    picture_of_page,
    show,
    statement,
)
from .reports import ask_for_report, reported, reports
from .signing import consented, finished, review, withdrawn

__all__ = [
    "adopted",
    "adopted_picture",
    "ask_for_report",
    "ask_to_decline",
    "at_the_door",
    "consented",
    "declined",
    "document_as_pdf",
    "entered",
    "filled",
    "final_document",
    "finished",
    "given_picture",
    "initials_picture",
    "opened",
    "picture_of_page",
    "reported",
    "reports",
    "review",
    "saved",
    "show",
    "statement",
    "texted",
    "withdrawn",
]
