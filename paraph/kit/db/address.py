"""Addresses of databases."""


def async_url(url: str) -> str:
    """The SQLAlchemy address for asyncpg of an ordinary ``postgresql://`` one."""
    return url.replace("postgres://", "postgresql://", 1).replace("postgresql://", "postgresql+asyncpg://", 1)
