"""The signing pages. The address is the secret: no account, and no cookie gives any right without it.

GET only shows (T14); each fact is a POST: opened, agreed, adopted, finished, declined, reported.
"""

from .access import at_the_door, entered, texted
from .declining import ask_to_decline, declined
from .reading import adopted_picture, document_as_pdf, final_document, opened, picture_of_page, show, statement
from .reports import ask_for_report, reported, reports
from .signing import adopted, consented, finished, review, withdrawn

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
    "final_document",
    "finished",
    "opened",
    "picture_of_page",
    "reported",
    "reports",
    "review",
    "show",
    "statement",
    "texted",
    "withdrawn",
]
