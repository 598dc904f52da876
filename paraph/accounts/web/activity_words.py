"""Activity and browsers in words."""

from __future__ import annotations

from typing import Any

_WORDS = {
    "signed_up": "Signed up",
    "logged_in": "Logged in",
    "logged_out_everywhere": "Logged out everywhere",
    "confirmed": "Address confirmed",
    "email_change_asked": "New address asked for: {to}",
    "email_changed": "Address changed; before: {from}",
    "password_changed": "Password changed",
    "password_reset": "Password reset by mail",
    "api_key_created": "API key made, ending in {ending}",
    "api_key_regenerated": "API key replaced, now ending in {ending}",
    "api_key_made_primary": "Primary API key changed",
    "api_key_deleted": "API key deleted, ending in {ending}",
}

# looked for in this order: each browser also names those it descends from
_BROWSERS = (("Edg", "Edge"), ("OPR", "Opera"), ("Firefox", "Firefox"), ("Chrome", "Chrome"), ("Safari", "Safari"))
_SYSTEMS = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("Mac OS", "Mac"),
    ("Linux", "Linux"),
)


def activity_words(what: str, detail: dict[str, Any] | None) -> str:
    """One entry of the activity as a sentence."""
    return _WORDS.get(what, what.replace("_", " ").capitalize()).format_map(detail or {})


def browser_words(user_agent: str) -> str:
    """``Firefox on Windows``, or what there is to say."""
    browser = next((name for mark, name in _BROWSERS if mark in user_agent), None)
    system = next((name for mark, name in _SYSTEMS if mark in user_agent), None)
    if browser and system:
        return f"{browser} on {system}"
    return browser or system or "Another program"
