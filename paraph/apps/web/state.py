"""An app's state, in words for people."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from paraph.apps.app import App


@dataclass(frozen=True, slots=True)
class State:
    """``word`` and ``kind`` make the chip; ``sentence`` says what it means for the app's owner."""

    word: str
    kind: str
    sentence: str


_STATES = {
    "unapproved": State(
        "Not approved yet",
        "",
        "Only you can authorise this app and call the API with it. That is enough to build and test. Request "
        "approval when other people should be able to use it.",
    ),
    "requested": State(
        "Approval requested",
        "active",
        "The operator of this server will look at the app. Until then only you can authorise it. You get a mail "
        "when it is decided.",
    ),
    "approved": State("Approved", "done", "Everybody with an account on this server can authorise this app."),
    "refused": State(
        "Not approved",
        "danger",
        "The operator did not approve this app for production. You can still authorise it yourself, change it, and "
        "request approval again.",
    ),
}

_SUSPENDED = State(
    "Suspended",
    "danger",
    "The operator suspended this app. Nobody can authorise it, its tokens do not work, and it cannot send anything.",
)


def state_of(app: App) -> State:
    """Return the state that counts: a suspension comes before everything else."""
    return _SUSPENDED if app.is_suspended else _STATES[app.approval]
