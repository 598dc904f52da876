"""An API app, as other rooms see it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from .names import display_name
from .scopes import billing_group, in_order

Approval = Literal["unapproved", "requested", "approved", "refused"]
Profile = Literal["walkthrough", "standard"]


@dataclass(frozen=True, slots=True)
class App:
    """A registered app. Its secret is not in here: see ``secret_matches`` and ``secrets_of``.

    ``access_token_seconds`` is None when the server's setting counts. ``white_labeling_options`` holds all
    fourteen elements, or is None when the owner chose none.
    """

    pk: int
    client_id: str
    name: str
    owner_pk: int
    oauth_callback_url: str | None
    scopes: frozenset[str]
    domains: tuple[str, ...]
    approval: Approval
    suspended_at: int | None
    profile: Profile
    refresh_needs_secret: bool
    access_token_seconds: int | None
    is_native: bool
    can_insert_everywhere: bool | None
    white_labeling_options: dict[str, Any] | None
    logo_key: str | None
    logo_media_type: str | None
    created_at: int

    @property
    def display_name(self) -> str:
        """The name as pages and mails show it: at most 100 characters."""
        return display_name(self.name)

    @property
    def is_approved(self) -> bool:
        """True when people other than the owner may authorise it, suspension aside."""
        return self.approval == "approved"

    @property
    def is_suspended(self) -> bool:
        return self.suspended_at is not None

    @property
    def has_oauth(self) -> bool:
        return self.oauth_callback_url is not None

    @property
    def charges_users(self) -> bool:
        """True when the person who gives access pays, not the app's owner."""
        return billing_group(self.scopes) == "user"

    @property
    def scopes_in_order(self) -> list[str]:
        return in_order(self.scopes)
