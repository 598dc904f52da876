"""How an account that an operator stopped answers."""

from __future__ import annotations

from paraph.kit.errors import Forbidden

SUSPENDED = "This account is suspended. Ask whoever runs this server."


class Suspended(Forbidden):
    """403: the credentials are right, but the operator stopped the account."""

    def __init__(self) -> None:
        super().__init__(SUSPENDED)
