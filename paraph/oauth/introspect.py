"""Tell an app about its own access tokens (RFC 7662)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from paraph.accounts import load_account
from paraph.kit.crypto import token_hash

from .models import oauth_access_tokens as tokens
from .models import oauth_grants as grants

if TYPE_CHECKING:
    from paraph.apps import App
    from paraph.kit import Kit
    from paraph.kit.db import ReadTx

INACTIVE: dict[str, Any] = {"active": False}


def introspect(tx: ReadTx, app: App, token: str, *, kit: Kit) -> dict[str, Any]:
    """Return what the token stands for, or only that it is not active (section 2.2).

    Active means: an API call with it would be let in now. So refresh tokens, pending tokens and other apps' tokens
    are not, and nothing more is said about them (section 4).
    """
    wanted = select(tokens, grants.c.account_pk.label("owner_pk")).join(grants, grants.c.id == tokens.c.grant_pk)
    own = (grants.c.app_pk == app.pk) & (grants.c.status == "active") & tokens.c.revoked_at.is_(None)
    row = tx.one_or_none(wanted.where(tokens.c.token_hash == token_hash(token), own))
    if row is None or row.expires_at <= kit.clock.now() or app.is_suspended:
        return INACTIVE
    account = load_account(tx, row.owner_pk)
    if account.is_suspended:
        return INACTIVE
    return {
        "active": True,
        "scope": " ".join(row.scopes),
        "client_id": app.client_id,
        "username": account.email_address,
        "token_type": "Bearer",
        "exp": row.expires_at,
        "iat": row.created_at,
        "sub": account.account_id,
        "aud": f"{kit.settings.public_url}/v3",
        "iss": kit.settings.public_url,
    }
