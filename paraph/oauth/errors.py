"""Failures of the protocol, named after the fact. ``name`` is the code of the standard, where there is one.

Three kinds, because three parties read them: ``ShownToUser`` is a page and never a redirect, ``SentToApp`` goes to
the app's callback, ``TokenError`` is the answer of the endpoints that apps call. Messages of the last two are
``error_description``: printable ASCII without ``"`` and ``\\`` (RFC 6749 sections 4.1.2.1 and 5.2).
"""

from __future__ import annotations

from paraph.kit.errors import ParaphError

BASIC_CHALLENGE = {"WWW-Authenticate": 'Basic realm="Paraph", charset="UTF-8"'}


class ShownToUser(ParaphError):
    """The authorization request cannot be answered at a callback we trust: say so on a page (RFC 6749 4.1.2.1)."""


class NoClientId(ShownToUser):
    def __init__(self) -> None:
        super().__init__(
            "This link does not say which app it is for. Go back to the app and try again, or tell its makers."
        )


class UnknownClient(ShownToUser):
    def __init__(self) -> None:
        super().__init__("No app is registered under this client id. Go back to the app, or tell its makers.")


class AppIsSuspended(ShownToUser):
    default_status = 403

    def __init__(self) -> None:
        super().__init__("This app has been suspended on this server and cannot be given access.")


class AppHasNoOAuth(ShownToUser):
    def __init__(self) -> None:
        super().__init__("This app is not set up for OAuth: it has no callback URL or no scopes. Tell its makers.")


class WrongRedirectUri(ShownToUser):
    def __init__(self) -> None:
        super().__init__(
            "This link asks to send you to an address that the app has not registered, so we stopped here. "
            "The redirect_uri must equal the OAuth callback URL of the app, letter by letter."
        )


class AppNotApproved(ShownToUser):
    default_status = 403

    def __init__(self) -> None:
        super().__init__(
            "This app has not been approved for production yet. Until it is, only its owner can authorize it."
        )


class ConsentGone(ShownToUser):
    """The consent form's request is unknown, answered, expired, or was opened in another session."""

    default_name = "conflict"
    default_status = 409

    def __init__(self) -> None:
        super().__init__(
            "This request has already been answered, or was open for too long. Nothing was allowed just now. "
            "Go back to the app and start again."
        )


class AppChangedMeanwhile(ShownToUser):
    default_name = "conflict"
    default_status = 409

    def __init__(self) -> None:
        super().__init__(
            "The app changed what it asks for while this page was open, so nothing was allowed. "
            "Go back to the app and start again."
        )


class InvitationIsOver(ShownToUser):
    default_name = "deleted"
    default_status = 410

    def __init__(self) -> None:
        super().__init__(
            "This invitation was answered before, or has run out. Open the app and connect it from there."
        )


class NothingLeftToAllow(ShownToUser):
    def __init__(self) -> None:
        super().__init__("You left out everything the app asked for. Go back and keep something, or choose Deny.")


class SentToApp(ParaphError):
    """An error for the app's callback; raised only once client and callback are known to be right."""


class RepeatedParameter(SentToApp):
    default_name = "invalid_request"

    def __init__(self, name: str) -> None:
        super().__init__(f"{name} is given more than once.")


class InvalidAuthorizationRequest(SentToApp):
    default_name = "invalid_request"


class UnsupportedResponseType(SentToApp):
    default_name = "unsupported_response_type"

    def __init__(self) -> None:
        super().__init__("The only response_type is code.")


class RequestObjectRefused(SentToApp):
    """RFC 9101 objects are not supported, so nothing is ever fetched (oauth.md A22)."""


class InvalidScope(SentToApp):
    default_name = "invalid_scope"

    def __init__(self) -> None:
        super().__init__("A scope is unknown, or is not among the scopes of this app.")


class InvalidTarget(SentToApp):
    default_name = "invalid_target"

    def __init__(self) -> None:
        super().__init__("The resource is not this server.")


class LoginRequired(SentToApp):
    default_name = "login_required"

    def __init__(self) -> None:
        super().__init__("The user is not logged in.")


class ConsentRequired(SentToApp):
    default_name = "consent_required"

    def __init__(self) -> None:
        super().__init__("The user has not allowed this yet.")


class AccessDenied(SentToApp):
    default_name = "access_denied"

    def __init__(self) -> None:
        super().__init__("The user denied the request.")


class TokenError(ParaphError):
    """A failure of the token, revocation or introspection endpoint (RFC 6749 section 5.2)."""

    default_name = "invalid_request"


class InvalidTokenRequest(TokenError):
    """``invalid_request``."""


class InvalidClient(TokenError):
    """``invalid_client``, with the challenge that a 401 must carry (RFC 9110 section 15.5.2)."""

    default_name = "invalid_client"
    default_status = 401

    def __init__(self, message: str = "The client_id or client_secret is wrong, or is missing.") -> None:
        super().__init__(message, headers=BASIC_CHALLENGE)


class InvalidGrant(TokenError):
    default_name = "invalid_grant"


class UnsupportedGrantType(TokenError):
    default_name = "unsupported_grant_type"

    def __init__(self) -> None:
        super().__init__("The grant_type must be authorization_code or refresh_token.")


class ScopeBeyondGrant(TokenError):
    default_name = "invalid_scope"

    def __init__(self) -> None:
        super().__init__("The scope goes beyond what the user granted.")
