"""Which actions may stay: a jump inside the document, and a link that a mail reader would allow too."""

from typing import Final

import pikepdf

from paraph.documents.intake.facts import Facts

SCHEMES: Final = ("http://", "https://", "mailto:", "tel:")


def text_of(value: object) -> str:
    """A name or string of the file as text, "" when there is none, "?" when it cannot be decoded."""
    try:
        return "" if value is None else str(value)
    except UnicodeDecodeError:
        return "?"


def keep_action(action: pikepdf.Object, facts: Facts) -> bool:
    """Whether this action may stay. What follows it (/Next) never does."""
    if "/Next" in action:
        del action["/Next"]
        facts.took_out("chained_action")
    kind = text_of(action.get("/S"))
    if kind == "/GoTo":
        return True
    if kind == "/URI" and text_of(action.get("/URI")).lower().startswith(SCHEMES):
        return True
    facts.took_out("action")
    return False
