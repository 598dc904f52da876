"""The app behind a token or code, read in the statement that finds it, with the secrets that its caller may prove.

On PostgreSQL each statement more is a round trip (docs/speed.md).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from .client_secrets import SecretRow, is_one_of
from .models import api_app_secrets, api_apps
from .queries import app_of_values

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import ColumnElement, Select

    from paraph.kit import Kit
    from paraph.kit.db import WriteTx

    from .app import App

_OF_APP = tuple(column.label(f"app_{column.name}") for column in api_apps.c)
_OF_SECRET = tuple(
    api_app_secrets.c[name].label(f"secret_{name}") for name in ("id", "secret_hash", "ends_at", "last_used_at")
)


@dataclass(frozen=True, slots=True)
class CallingApp:
    """An app, and its secrets as they were when it was read."""

    app: App
    secrets: tuple[SecretRow, ...]

    def proves(self, tx: WriteTx, secret: str, kit: Kit) -> bool:
        """As ``secret_matches``."""
        return is_one_of(tx, self.secrets, secret, kit)


def with_app(found: Select[Any], app_pk: ColumnElement[int]) -> Select[Any]:
    """Return the statement with the app whose key ``app_pk`` is: a row for each of its secrets, or one without."""
    secrets = api_app_secrets.c.app_pk == api_apps.c.id
    joined = found.join(api_apps, api_apps.c.id == app_pk).outerjoin(api_app_secrets, secrets)
    return joined.add_columns(*_OF_APP, *_OF_SECRET)


def calling_app(rows: Sequence[Any]) -> CallingApp:
    """Return the app of what ``with_app`` found; there is at least one row."""
    first = rows[0]
    begins = first._fields.index("app_id")
    secrets = [row[begins + len(_OF_APP) :][: len(_OF_SECRET)] for row in rows]
    return CallingApp(
        app_of_values(first[begins : begins + len(_OF_APP)]),
        tuple(SecretRow(*values) for values in secrets if values[0] is not None),
    )
