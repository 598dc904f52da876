"""A view of what was looked up ahead of it: most calls read nothing else than the credential and what hangs on it.

Such a view has no connection and begins no transaction. A query that turns out to want more is run again on one that
has both; what it did until then cost a few microseconds.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NoReturn

from .tx import ReadTx

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .tx import Ahead


class MoreWanted(BaseException):
    """A query asks for more than was looked up ahead. Not an Exception: no query may take it for a failure."""


class AheadTx(ReadTx):
    """A view of nothing but what was looked up ahead; raises MoreWanted for anything else."""

    __slots__ = ()

    def __init__(self, engine: str, ahead: Ahead) -> None:
        # whoever asks for a connection is stopped
        super().__init__(None, _NOTHING[engine], ahead)  # type: ignore[arg-type]

    @property
    def connection(self) -> NoReturn:
        raise MoreWanted


class _Nothing:
    """A driver that has no connection."""

    def __init__(self, engine: str) -> None:
        self.engine = engine

    @property
    def dialect(self) -> NoReturn:
        raise MoreWanted

    def fetch(self, _sql: str, _values: Sequence[Any]) -> NoReturn:
        raise MoreWanted


_NOTHING = {engine: _Nothing(engine) for engine in ("sqlite", "postgresql")}
