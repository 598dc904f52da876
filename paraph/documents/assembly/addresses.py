"""Web addresses as PDF wants them: in ASCII (ISO 32000-1, 12.6.4.7)."""

from typing import Final
from urllib.parse import quote, urlsplit, urlunsplit

KEPT: Final = "%/:=&?~#+!$,;'@()*[]"
"""What has a meaning in an address, and what is encoded already."""


def ascii_address(url: str) -> str:
    """The same address with names of hosts in IDNA and all else percent-encoded."""
    parts = urlsplit(url)
    try:
        host = parts.netloc.encode("idna").decode()
    except UnicodeError:
        host = parts.netloc  # no name that anybody could look up
    return quote(urlunsplit(parts._replace(netloc=host)), safe=KEPT)
