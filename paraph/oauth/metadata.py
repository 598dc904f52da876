"""What clients can discover (RFC 8414, RFC 9728). Only what works is announced."""

from __future__ import annotations

from typing import Any

from paraph.apps import SCOPES

CLIENT_AUTHENTICATION = ["client_secret_post", "client_secret_basic"]
AS_PUBLIC_CLIENT = "none"


def authorization_server(issuer: str) -> dict[str, Any]:
    """Metadata of the authorization server, RFC 8414 section 2; ``issuer`` is the configured public address."""
    return {
        "issuer": issuer,
        "authorization_endpoint": f"{issuer}/oauth/authorize",
        "token_endpoint": f"{issuer}/oauth/token",
        "revocation_endpoint": f"{issuer}/oauth/revoke",
        "introspection_endpoint": f"{issuer}/oauth/introspect",
        "response_types_supported": ["code"],
        "response_modes_supported": ["query"],
        "grant_types_supported": ["authorization_code", "refresh_token"],
        "token_endpoint_auth_methods_supported": [*CLIENT_AUTHENTICATION, AS_PUBLIC_CLIENT],
        "revocation_endpoint_auth_methods_supported": [*CLIENT_AUTHENTICATION, AS_PUBLIC_CLIENT],
        "introspection_endpoint_auth_methods_supported": CLIENT_AUTHENTICATION,
        "code_challenge_methods_supported": ["S256"],
        "authorization_response_iss_parameter_supported": True,
        "scopes_supported": list(SCOPES),
        "request_parameter_supported": False,
        "request_uri_parameter_supported": False,
        "protected_resources": [f"{issuer}/v3"],
    }


def protected_resource(issuer: str, resource: str) -> dict[str, Any]:
    """Metadata of the API, RFC 9728 section 2."""
    return {
        "resource": resource,
        "authorization_servers": [issuer],
        "scopes_supported": list(SCOPES),
        "bearer_methods_supported": ["header"],
    }
