"""The seven scopes of the vendor's OAuth, in the words that people read before they agree."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from paraph.kit.errors import BadRequest

BillingGroup = Literal["app_owner", "user"]

GROUPS: Mapping[BillingGroup, str] = {
    "app_owner": "The app's owner pays",
    "user": "The person who gives access pays",
}

SCOPES_PATH = "oauth.scopes"


@dataclass(frozen=True, slots=True)
class Scope:
    """One scope: who pays for what is done with it, what it allows, and what it does not."""

    name: str
    group: BillingGroup
    title: str
    sentence: str
    not_allowed: str


_TABLE = (
    Scope(
        "basic_account_info",
        "app_owner",
        "See who you are",
        "See your name, your e-mail address and your account number.",
        "It cannot change your account or see your documents.",
    ),
    Scope(
        "request_signature",
        "app_owner",
        "Send documents for signature in your name",
        "Send documents that people receive as coming from you, follow those it sent, remind the signers, cancel "
        "them, and download the files.",
        "It cannot sign for you, and it cannot see documents you sent yourself or through another app.",
    ),
    Scope(
        "account_access",
        "user",
        "See and change your account",
        "See your name, e-mail address and settings, change your language and the address that receives your "
        "events, check whether an address has an account, and invite people to open one.",
        "It cannot see your password or your API keys, and it cannot see your documents.",
    ),
    Scope(
        "signature_request_access",
        "user",
        "Send and manage documents for signature in your name",
        "Send documents that people receive as coming from you, correct and cancel them, follow those it sent, "
        "and download the files. What it sends counts against your account.",
        "It cannot sign for you, and it cannot see documents you sent yourself or through another app.",
    ),
    Scope(
        "template_access",
        "user",
        "Use and change your templates",
        "See, make, change, share and delete your templates.",
        "It cannot send documents for signature.",
    ),
    Scope(
        "team_access",
        "user",
        "See and change your team",
        "See who is in your team, add and remove people, and rename or delete the team.",
        "It cannot see what the people in your team send or sign.",
    ),
    Scope(
        "api_app_access",
        "user",
        "See and change your API apps",
        "See the apps you registered together with their secrets, register, change and delete apps.",
        "It cannot see your API keys, and it cannot use the access that other people gave to your apps.",
    ),
)

SCOPES: Mapping[str, Scope] = {scope.name: scope for scope in _TABLE}


def check_scopes(names: Iterable[str]) -> frozenset[str]:
    """Return the scopes; empty names are none at all. Raises BadRequest for an unknown one, or for both groups."""
    wanted = frozenset(name for name in names if name)
    unknown = sorted(wanted - SCOPES.keys())
    if unknown:
        raise BadRequest(f"Unknown scope: {unknown[0][:60]}. The scopes are {', '.join(SCOPES)}.", path=SCOPES_PATH)
    if len(_groups_of(wanted)) > 1:
        raise BadRequest(_mixed(wanted), path=SCOPES_PATH)
    return wanted


def billing_group(scopes: Iterable[str]) -> BillingGroup | None:
    """Return who pays for an app with these (checked) scopes; None for an app without scopes."""
    return next(iter(_groups_of(scopes)), None)


def in_order(scopes: Iterable[str]) -> list[str]:
    """Return the scopes as the vendor's table lists them."""
    wanted = frozenset(scopes)
    return [name for name in SCOPES if name in wanted]


def _groups_of(scopes: Iterable[str]) -> set[BillingGroup]:
    return {SCOPES[name].group for name in scopes}


def _mixed(wanted: frozenset[str]) -> str:
    owner, user = (
        ", ".join(name for name in in_order(wanted) if SCOPES[name].group == group) for group in ("app_owner", "user")
    )
    return (
        "Scopes of different billing groups cannot be combined: "
        f"with {owner} the app's owner pays, with {user} the user pays. Choose scopes of one group."
    )
