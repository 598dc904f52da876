"""The checks of an authorization request; their order is data (``CHECKS``), each names one fault and its section.

Sections are those of RFC 6749 unless another document is named.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from paraph.apps import App, callback_matches, find_app

from .errors import (
    AppHasNoOAuth,
    AppIsSuspended,
    AppNotApproved,
    ConsentRequired,
    InvalidAuthorizationRequest,
    InvalidScope,
    InvalidTarget,
    InvitationIsOver,
    LoginRequired,
    NoClientId,
    RepeatedParameter,
    RequestObjectRefused,
    UnknownClient,
    UnsupportedResponseType,
    WrongRedirectUri,
)
from .pkce import is_challenge
from .queries import has_granted, has_pending_grant

if TYPE_CHECKING:
    from paraph.kit import Kit
    from paraph.kit.caller import Caller
    from paraph.kit.db import ReadTx

    from .parameters import Parameters

STATE_BYTES = 8192
INVITATION = "invitation"
"""Parameter of the address that the mail of account/create leads to; it counts only beside a pending grant."""

PROMPTS = frozenset({"none", "login", "consent", "select_account"})
"""All but ``none`` mean the consent page, which is always shown and offers to switch the account."""

REFUSED_OBJECTS = {
    "request": "request_not_supported",
    "request_uri": "request_uri_not_supported",
    "registration": "registration_not_supported",
}


@dataclass(frozen=True, slots=True)
class Attempt:
    """A request whose client and callback are right."""

    tx: ReadTx
    parameters: Parameters
    app: App
    redirect_uri: str
    caller: Caller | None
    kit: Kit

    @property
    def prompts(self) -> frozenset[str]:
        return frozenset((self.parameters.get("prompt") or "").split())

    @property
    def scopes(self) -> frozenset[str]:
        """What is asked for; all of the app's scopes when it names none (section 3.3, oauth.md C12)."""
        asked = self.parameters.get("scope")
        return self.app.scopes if asked is None else frozenset(asked.split(" ")) - {""}


def is_client_id(text: str) -> bool:
    """True for text that could be a client id at all; anything else is not worth a query."""
    return text.isascii() and text.isalnum() and len(text) <= 32


# --- who asks, and where the answer would go: errors are pages -------------------------------------------------


def known_app(tx: ReadTx, parameters: Parameters) -> App:
    """Sections 4.1.1 and 4.1.2.1; RFC 9700 section 4.11.2."""
    client_id = parameters.get("client_id")
    if client_id is None or "client_id" in parameters.repeated:
        raise NoClientId
    app = find_app(tx, client_id) if is_client_id(client_id) else None
    if app is None:
        raise UnknownClient
    if app.is_suspended:
        raise AppIsSuspended
    if app.oauth_callback_url is None or not app.scopes:
        raise AppHasNoOAuth
    return app


def return_address(parameters: Parameters, app: App) -> str:
    """Exact match, RFC 9700 sections 2.1 and 4.1.3; left out, it is the registered one (section 3.1.2.3)."""
    assert app.oauth_callback_url is not None
    asked = parameters.get("redirect_uri")
    if "redirect_uri" in parameters.repeated:
        raise WrongRedirectUri
    if asked is None:
        return app.oauth_callback_url
    if not callback_matches(app.oauth_callback_url, asked, native=app.is_native):
        raise WrongRedirectUri
    return asked


# --- who is there ----------------------------------------------------------------------------------------------


def must_log_in(attempt: Attempt) -> bool:
    if attempt.caller is not None:
        return False
    if "none" not in attempt.prompts:
        return True
    if not attempt.app.is_approved:
        raise AppNotApproved
    raise LoginRequired


def app_is_open_to(attempt: Attempt) -> None:
    """The vendor's app approval: until then the owner alone may authorize; operators have no privilege (A15)."""
    if not attempt.app.is_approved and (attempt.caller is None or attempt.caller.account_pk != attempt.app.owner_pk):
        raise AppNotApproved


# --- everything else: errors go to the app ---------------------------------------------------------------------


def _each_parameter_once(attempt: Attempt) -> None:
    """Section 3.1."""
    if attempt.parameters.repeated:
        raise RepeatedParameter(_printable(min(attempt.parameters.repeated)))


def _no_request_object(attempt: Attempt) -> None:
    """RFC 9101 and RFC 9126 are not offered; the addresses are never fetched (V19)."""
    for name, code in REFUSED_OBJECTS.items():
        if attempt.parameters.get(name) is not None:
            raise RequestObjectRefused(f"{name} is not supported.", name=code)


def _response_is_a_code(attempt: Attempt) -> None:
    """Section 4.1.1; no token in a URL, RFC 9700 section 2.1.2."""
    kind = attempt.parameters.get("response_type")
    if kind is None:
        raise InvalidAuthorizationRequest("response_type is missing; it must be code.")
    if kind != "code":
        raise UnsupportedResponseType
    if attempt.parameters.get("response_mode") not in (None, "query"):
        raise InvalidAuthorizationRequest("The only response_mode is query.")


def _state_fits(attempt: Attempt) -> None:
    if len(attempt.parameters.state or b"") > STATE_BYTES:
        raise InvalidAuthorizationRequest(f"state is longer than {STATE_BYTES} bytes.")


def _challenge_is_s256(attempt: Attempt) -> None:
    """RFC 7636 section 4.3; required of public clients and in the standard profile (RFC 9700 section 2.1.1)."""
    challenge = attempt.parameters.get("code_challenge")
    method = attempt.parameters.get("code_challenge_method")
    if challenge is None:
        if method is not None or _needs_challenge(attempt):
            raise InvalidAuthorizationRequest("code_challenge is missing.")
        return
    if method != "S256":
        raise InvalidAuthorizationRequest("code_challenge_method must be S256.")
    if not is_challenge(challenge):
        raise InvalidAuthorizationRequest("code_challenge must be the base64url form of a SHA-256: 43 characters.")


def _needs_challenge(attempt: Attempt) -> bool:
    if attempt.app.profile != "standard" and not attempt.app.is_native:
        return False
    if attempt.parameters.get(INVITATION) is None:
        return True
    if not is_invitation(attempt):
        raise InvitationIsOver
    return False  # its consent gives no code: the app holds its tokens already


def _scopes_are_the_apps(attempt: Attempt) -> None:
    """Section 3.3: narrower than the app's scopes is fine, unknown or wider is not."""
    if not attempt.scopes or not attempt.scopes <= attempt.app.scopes:
        raise InvalidScope


def _prompt_is_known(attempt: Attempt) -> None:
    if not attempt.prompts <= PROMPTS or ("none" in attempt.prompts and len(attempt.prompts) > 1):
        raise InvalidAuthorizationRequest("prompt must be none, or some of login, consent and select_account.")


def _resource_is_us(attempt: Attempt) -> None:
    """RFC 8707 section 2: a token for another server is not ours to give."""
    resource = attempt.parameters.get("resource")
    ours = attempt.kit.settings.public_url
    if resource is not None and resource.rstrip("/") not in (ours, f"{ours}/v3"):
        raise InvalidTarget


def _silence_is_covered(attempt: Attempt) -> None:
    """Without a page only what the same person allowed before, and never for public clients (B6, V22)."""
    if "none" not in attempt.prompts:
        return
    assert attempt.caller is not None
    account_pk, app = attempt.caller.account_pk, attempt.app
    if app.is_native or not has_granted(attempt.tx, account_pk, app.pk, attempt.scopes):
        raise ConsentRequired


CHECKS = (
    _each_parameter_once,
    _no_request_object,
    _response_is_a_code,
    _state_fits,
    _challenge_is_s256,
    _scopes_are_the_apps,
    _prompt_is_known,
    _resource_is_us,
    _silence_is_covered,
)


def is_invitation(attempt: Attempt) -> bool:
    """True when the consent is to wake a pending pair; then no code is given."""
    if attempt.caller is None or "none" in attempt.prompts or attempt.parameters.get(INVITATION) is None:
        return False
    return has_pending_grant(attempt.tx, attempt.caller.account_pk, attempt.app.pk, attempt.kit.clock.now())


def _printable(name: str) -> str:
    return "".join(ch for ch in name[:60] if ch.isascii() and ch.isprintable() and ch not in '"\\')
