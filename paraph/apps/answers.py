"""The shapes of what the operations on apps answer, for our own OpenAPI document (paraph/web/openapi.py)."""

from __future__ import annotations

from typing import Any, NotRequired, TypedDict

from paraph.kit.wire import ListInfo, Notice


class AppOAuth(TypedDict):
    """The app's OAuth settings; the secret is told to the owner only."""

    callback_url: str | None
    secret: str | None
    scopes: list[str]
    charges_users: bool


class ShownOptions(TypedDict):
    """Further options."""

    can_insert_everywhere: bool


class AppOwner(TypedDict):
    """Whose app it is."""

    account_id: str
    email_address: str


class ApiApp(TypedDict):
    """An API app."""

    callback_url: str | None
    client_id: str
    created_at: int
    domains: list[str]
    is_approved: bool
    name: str
    oauth: AppOAuth | None
    options: ShownOptions | None
    owner_account: AppOwner
    white_labeling_options: dict[str, Any] | None


class AppAnswer(TypedDict):
    """One app."""

    api_app: ApiApp
    warnings: NotRequired[list[Notice]]


class AppListAnswer(TypedDict):
    """A page of the caller's apps."""

    api_apps: list[ApiApp]
    list_info: ListInfo
