"""The parts of our OpenAPI document that many operations share: headers, failures, credentials."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

_WHOLE = {"type": "integer", "minimum": 0}

HEADERS: dict[str, Any] = {
    "X-RateLimit-Limit": {"description": "Calls that are allowed in a minute.", "required": True, "schema": _WHOLE},
    "X-RateLimit-Remaining": {
        "description": "Calls that are left in this minute.",
        "required": True,
        "schema": _WHOLE,
    },
    "X-Ratelimit-Reset": {
        "description": "When the minute is over, in seconds, UTC.",
        "required": True,
        "schema": _WHOLE,
    },
}
"""On every answer of the API (paraph/kit/http/failures.py: limit_headers)."""

_ENVELOPE: dict[str, Any] = {
    "title": "Failure",
    "type": "object",
    "required": ["error"],
    "properties": {
        "error": {
            "type": "object",
            "required": ["error_msg", "error_name"],
            "properties": {
                "error_msg": {"type": "string", "minLength": 1, "description": "What is wrong, in words."},
                "error_name": {"type": "string", "minLength": 1, "description": "What is wrong, for programs."},
                "error_path": {"type": "string", "description": "The parameter at fault: signers[0].name."},
            },
            "additionalProperties": False,
        }
    },
    "additionalProperties": False,
}
_OAUTH_ERROR: dict[str, Any] = {
    "title": "OAuthFailure",
    "type": "object",
    "required": ["error", "error_description"],
    "properties": {"error": {"type": "string", "minLength": 1}, "error_description": {"type": "string"}},
    "additionalProperties": False,
}

RESPONSES: dict[str, Any] = {
    "Failure": {
        "description": "The call failed and changed nothing, unless its operation says otherwise.",
        "content": {"application/json": {"schema": _ENVELOPE}},
    },
    "ProtocolFailure": {
        "description": "To a form: RFC 6749 section 5.2. To JSON and multipart: the API's own form.",
        "content": {"application/json": {"schema": {"anyOf": [_OAUTH_ERROR, _ENVELOPE]}}},
    },
}

STATUSES = {
    "400": "The call cannot be understood, or a parameter is wrong; error_path names it.",
    "401": "No credentials, or none that hold.",
    "403": "The caller may not do this.",
    "404": "Not there, or not the caller's; the two are never told apart.",
    "409": "Not now: still being prepared, or it clashes with what has happened meanwhile.",
    "410": "Cancelled or deleted.",
    "413": "Larger than this server takes.",
    "422": "Understood, but it cannot be carried out.",
    "429": "More calls than the limit allows; Retry-After says when to go on.",
    "503": "Not just now; try again in a few seconds.",
}
"""What each status of a failure means."""

_PROTOCOL: Mapping[str, tuple[str, ...]] = {
    "verify": ("400", "413", "429", "503"),
    "oauthServerMetadata": (),
    "oauthResourceMetadata": (),
    "oauthApiMetadata": (),
}
_TOKEN = ("400", "401", "413", "429", "503")


def failures() -> dict[str, Any]:
    """The failures of an operation of the API."""
    return {status: _failure("Failure") for status in STATUSES}


def protocol_failures(name: str) -> dict[str, Any]:
    """The failures of an endpoint that is no operation of the API proper."""
    kind = "Failure" if name == "verify" else "ProtocolFailure"
    return {status: _failure(kind) for status in _PROTOCOL.get(name, _TOKEN)}


def security_schemes(public_url: str, scopes: Mapping[str, str]) -> dict[str, Any]:
    """The credentials that are taken; ``scopes`` with what each allows."""
    flow = {
        "authorizationUrl": f"{public_url}/oauth/authorize",
        "tokenUrl": f"{public_url}/oauth/token",
        "refreshUrl": f"{public_url}/oauth/token",
        "scopes": dict(scopes),
    }
    return {
        "api_key": {
            "type": "http",
            "scheme": "basic",
            "description": "The API key as user name, with an empty password.",
        },
        "oauth2": {
            "type": "oauth2",
            "description": "An access token that a person gave an app: Authorization: Bearer ….",
            "flows": {"authorizationCode": flow},
        },
        "client_credentials": {
            "type": "http",
            "scheme": "basic",
            "description": "An app's client id and secret. They may stand in the body instead.",
        },
    }


def _failure(name: str) -> dict[str, str]:
    return {"$ref": f"#/components/responses/{name}"}
