"""The OAuth provider: authorize, consent, tokens, refresh, revocation, introspection, metadata, connected apps.

The contract is ``docs/oauth.md``. Every token hangs on a *grant*, one row per authorization; ending the grant ends
all of them at once.
"""

from .bearer import authenticate_bearer, bearer_asked
from .queries import grants_of_app
from .revoke import revoke_account_tokens, revoke_app_tokens

__all__ = ["authenticate_bearer", "bearer_asked", "grants_of_app", "revoke_account_tokens", "revoke_app_tokens"]
