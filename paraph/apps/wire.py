"""JSON in and out: schemas ApiAppCreateRequest, ApiAppUpdateRequest and ApiAppResponse."""

from __future__ import annotations

from typing import Annotated, Any

from msgspec import UNSET, Meta, UnsetType

from paraph.kit.wire import FilePart, Request, rule

from .app import App

MOST_OPTIONS = 40


class OAuthOptions(Request):
    """Schema SubOAuth; ``scopes`` may be ``a,b`` or ``[""]``, which is none."""

    callback_url: Annotated[str | UnsetType, rule(empty_clears=True)] = UNSET
    scopes: Annotated[list[str] | UnsetType, rule(comma=True, empty_clears=True)] = UNSET


class AppOptions(Request):
    """Schema SubOptions."""

    can_insert_everywhere: bool = False


WhiteLabeling = Annotated[dict[str, str | bool], Meta(max_length=MOST_OPTIONS)]


class CreateAppBody(Request):
    """Schema ApiAppCreateRequest."""

    name: Annotated[str, rule(missing="Must specify name")]
    domains: Annotated[list[str], Meta(min_length=1), rule(aliases=("domain",), missing="Must specify domain")]
    callback_url: str | None = None
    custom_logo_file: FilePart | None = None
    oauth: OAuthOptions | None = None
    options: AppOptions | None = None
    white_labeling_options: WhiteLabeling | None = None


class UpdateAppBody(Request):
    """Schema ApiAppUpdateRequest: what is not given stays, an empty text clears."""

    name: Annotated[str | UnsetType, rule(empty_clears=True)] = UNSET
    domains: Annotated[list[str] | UnsetType, rule(aliases=("domain",))] = UNSET
    callback_url: Annotated[str | UnsetType, rule(empty_clears=True)] = UNSET
    custom_logo_file: Annotated[FilePart | UnsetType | None, rule(empty_clears=True)] = UNSET
    oauth: Annotated[OAuthOptions | UnsetType | None, rule(empty_clears=True)] = UNSET
    options: Annotated[AppOptions | UnsetType | None, rule(empty_clears=True)] = UNSET
    white_labeling_options: Annotated[WhiteLabeling | UnsetType, rule(empty_clears=True)] = UNSET


def app_response(
    app: App, *, callback_url: str | None, secret: str | None, owner_id: str, owner_address: str
) -> dict[str, Any]:
    """Schema ApiAppResponse; ``secret`` is None unless the owner asks."""
    return {
        "callback_url": callback_url,
        "client_id": app.client_id,
        "created_at": app.created_at,
        "domains": list(app.domains),
        "is_approved": app.is_approved and not app.is_suspended,
        "name": app.name,
        "oauth": _oauth(app, secret),
        "options": None
        if app.can_insert_everywhere is None
        else {"can_insert_everywhere": app.can_insert_everywhere},
        "owner_account": {"account_id": owner_id, "email_address": owner_address},
        "white_labeling_options": app.white_labeling_options,
    }


def _oauth(app: App, secret: str | None) -> dict[str, Any] | None:
    if not app.has_oauth:
        return None
    return {
        "callback_url": app.oauth_callback_url,
        "secret": secret,
        "scopes": app.scopes_in_order,
        "charges_users": app.charges_users,
    }
