"""What is asked of an app, as plain data: the same from the API and from the pages. UNSET leaves a thing as it is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from msgspec import UNSET, UnsetType

from paraph.kit.errors import BadRequest

from .addresses import CALLBACK_PATH, check_callback, check_domains
from .names import clean_name, name_key
from .scopes import SCOPES_PATH, check_scopes, in_order
from .white_label import merge_options

if TYPE_CHECKING:
    from collections.abc import Sequence

    from paraph.kit.settings import Settings

    from .app import App


@dataclass(frozen=True, slots=True)
class Logo:
    """A picture that the file store holds already."""

    key: str
    media_type: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AppChanges:
    """Changes of an app. An empty text or list, or None, clears; ``event_callback_url`` is the events room's."""

    name: str | UnsetType = UNSET
    domains: Sequence[str] | UnsetType = UNSET
    event_callback_url: str | UnsetType | None = UNSET
    oauth_callback_url: str | UnsetType | None = UNSET
    scopes: Sequence[str] | UnsetType = UNSET
    can_insert_everywhere: bool | UnsetType | None = UNSET
    white_labeling_options: Mapping[str, str | bool] | UnsetType = UNSET
    logo: Logo | UnsetType | None = UNSET
    is_native: bool | UnsetType = UNSET


def columns_of(changes: AppChanges, app: App | None, settings: Settings) -> dict[str, Any]:
    """Return the columns of ``api_apps`` to write, checked; ``app`` is None for a new one. Raises BadRequest."""
    columns: dict[str, Any] = {}
    if not isinstance(changes.name, UnsetType):
        name = clean_name(changes.name)
        columns |= {"name": name, "name_key": name_key(name)}
    columns |= _oauth_columns(changes, app, settings)
    if not isinstance(changes.domains, UnsetType):
        native = _or_stored(changes.is_native, bool(app and app.is_native))
        columns["domains"] = check_domains(changes.domains, loopback=settings.is_development or native)
    if not isinstance(changes.can_insert_everywhere, UnsetType):
        columns["can_insert_everywhere"] = changes.can_insert_everywhere
    if not isinstance(changes.white_labeling_options, UnsetType):
        columns["white_labeling_options"] = _white_label(changes.white_labeling_options, app)
    if not isinstance(changes.logo, UnsetType):
        logo = changes.logo
        columns |= {"logo_key": logo and logo.key, "logo_media_type": logo and logo.media_type}
    return columns


def _oauth_columns(changes: AppChanges, app: App | None, settings: Settings) -> dict[str, Any]:
    """Callback and scopes are judged together, as they will stand after the change."""
    asked = (changes.oauth_callback_url, changes.scopes, changes.is_native)
    if all(isinstance(one, UnsetType) for one in asked):
        return {}
    callback = _or_stored(changes.oauth_callback_url, app and app.oauth_callback_url) or None
    scopes = check_scopes(_or_stored(changes.scopes, app.scopes if app else ()))
    native = bool(_or_stored(changes.is_native, bool(app and app.is_native)))
    if callback and not scopes:
        raise BadRequest("An OAuth callback URL needs scopes: choose at least one.", path=SCOPES_PATH)
    if scopes and not callback:
        raise BadRequest("Scopes need an OAuth callback URL: give both, or neither.", path=CALLBACK_PATH)
    if callback:
        check_callback(callback, development=settings.is_development, native=native)
    return {"oauth_callback_url": callback, "scopes": in_order(scopes), "is_native": native}


def _or_stored(asked: Any, stored: Any) -> Any:
    return stored if isinstance(asked, UnsetType) else asked


def _white_label(given: Mapping[str, str | bool], app: App | None) -> dict[str, str] | None:
    if not given:
        return None
    return merge_options(app.white_labeling_options if app else None, given)
