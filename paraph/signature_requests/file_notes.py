"""What intake changed in a file, in words for its sender; pure.

A digital signature that an upload carried cannot stay valid once the file is stamped: it is kept as it looks, counted
in the audit chain, and the sender is told by mail, on the request's page and in the ``signature_request_sent`` event.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from .shapes import WholeRequest

FLATTENED = "signatures_flattened"
NOTES = {
    FLATTENED: "It carried digital signatures. They stay visible, but can no longer be checked in this file.",
    "owner_password_removed": "It was locked against changes with a password. The lock was removed.",
    "form_flattened": "Its form was made part of the page, as it was filled in.",
    "form_appearance_incomplete": "Not everything in its form may look as in other programs.",
    "layers_frozen": "Its layers can no longer be switched; they stay as they were shown at first.",
    "repaired": "It was damaged and has been repaired.",
    "text_encoding_guessed": "It does not say how its letters are encoded. Check that they are the right ones.",
    "removed_external_content": "Pictures or other parts that lie elsewhere are left out.",
    "removed_form": "Its form elements are left out.",
    "content_damaged": "A page is damaged; what could be read of it is shown.",
    "no_media_box": "A page had no size and became a Letter page.",
    "odd_rotation_ignored": "A page was turned by an angle that no program shows; it stands upright.",
}
REMOVED = "Scripts, automatic actions, attachments or comments that a paper would not show were taken out."
_OF_A_PAGE = re.compile(r"page_\d+_")


def notes_of(warnings: Iterable[str]) -> tuple[str, ...]:
    """Sentences for the codes of one file, each once."""
    codes = (_OF_A_PAGE.sub("", warning) for warning in warnings)
    return tuple(dict.fromkeys(NOTES.get(code, REMOVED) for code in codes))


def flattened_files(whole: WholeRequest) -> Sequence[str]:
    """The names of the files whose digital signatures were made part of the page."""
    return [one.filename for one in whole.documents if FLATTENED in (one.warnings or ())]


def flattened_message(whole: WholeRequest) -> str | None:
    """The warning for whoever listens to events, or None."""
    names = ", ".join(f"“{name}”" for name in flattened_files(whole))
    return f"Warning: {names} carried digital signatures, which are now part of the page." if names else None
