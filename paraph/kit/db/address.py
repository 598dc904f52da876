"""Addresses of databases."""

from urllib.parse import quote


def async_url(url: str) -> str:
    """The SQLAlchemy address for asyncpg of an ordinary ``postgresql://`` one.

    asyncpg reads the ordinary address itself: it knows what SQLAlchemy does not hand on, such as ``sslmode`` and the
    files of TLS, several hosts to fail over to, ``target_session_attrs``.
    """
    return f"postgresql+asyncpg://?dsn={quote(url, safe='')}"
