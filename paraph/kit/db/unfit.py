"""A database that cannot be used."""


class DatabaseUnfit(Exception):
    """The server cannot be used as it is; the message says why and what to do."""
