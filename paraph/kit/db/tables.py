"""What all tables share: one metadata, one naming convention, portable column types."""

from __future__ import annotations

from typing import Any

import msgspec
from sqlalchemy import BigInteger, Dialect, Integer, MetaData, String, Text
from sqlalchemy.types import TypeDecorator

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)

BigId = BigInteger().with_variant(Integer, "sqlite")
"""Internal keys; SQLite only numbers rows of type INTEGER by itself."""

Utc = BigInteger
"""A moment: whole seconds since the Unix epoch, UTC."""


class Json(TypeDecorator[Any]):
    """A JSON value kept as text on both engines; read back as plain Python data."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:
        return None if value is None else msgspec.json.encode(value).decode()

    def process_result_value(self, value: str | None, dialect: Dialect) -> Any:
        return None if value is None else msgspec.json.decode(value)


class FileKey(TypeDecorator[str]):
    """A key of the file store. The sweep of orphaned files asks every column of this type, so it must be indexed."""

    impl = String(40)
    cache_ok = True
