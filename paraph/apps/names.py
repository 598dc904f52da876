"""App names: shown on the consent page, so they must not deceive (oauth.md B8, V23, V32).

A name is cleaned, not trusted: whatever it says, the consent page also shows the owner and the callback's host.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata

from paraph.kit.errors import BadRequest

LONGEST_NAME = 300
LONGEST_DISPLAYED = 100
NAME_PATH = "name"

_JOINERS = "\u200c\u200d"  # several scripts and emoji are misspelt without them
_BRANDS = frozenset({"paraph"})
_CLAIMS = frozenset(
    {"official", "support", "security", "team", "admin", "administrator", "staff", "verified", "account", "login"}
)
# letters of other scripts that pass for Latin ones; enough to read a brand or "official" behind them
_LOOKALIKES = str.maketrans(
    "\u0430\u0435\u043e\u0440\u0441\u0443\u0445\u0456\u0455\u0458\u04bb\u0501\u051b\u0261\u0131\u03b1\u03bf\u03c1\u03b9\u03bd\u03ba01",
    "aeopcyxisjhdqgiaopivkol",
)


def clean_name(raw: str) -> str:
    """Return the name without what cannot be seen; raises BadRequest when nothing is left, or it misleads.

    Control characters, direction overrides and other invisible marks are dropped; any run of space is one space.
    """
    spaced = "".join(" " if ch.isspace() else ch for ch in unicodedata.normalize("NFC", raw))
    name = " ".join("".join(ch for ch in spaced if _is_visible(ch)).split())
    if not any(unicodedata.category(ch)[0] in "LNPS" for ch in name):
        raise BadRequest("Must specify name", path=NAME_PATH)
    if len(name) > LONGEST_NAME:
        raise BadRequest(f"The name must be at most {LONGEST_NAME} characters long.", path=NAME_PATH)
    if _claims_to_be_us(name):
        raise BadRequest(
            "This name is reserved: an app may not call itself official, or pass for this server.", path=NAME_PATH
        )
    return name


def display_name(name: str) -> str:
    """Return the name, shortened with an ellipsis to what pages and mails have room for."""
    return name if len(name) <= LONGEST_DISPLAYED else name[: LONGEST_DISPLAYED - 1].rstrip() + "…"


def name_key(name: str) -> str:
    """What makes a name unique within an account: case, width and accents' spelling do not count."""
    return hashlib.sha256(unicodedata.normalize("NFKC", name).casefold().encode()).hexdigest()


def mentions_brand(name: str) -> bool:
    """True for a name that an operator should look at twice: it contains the name of this software."""
    squeezed = "".join(_words(name))
    return any(brand in squeezed for brand in _BRANDS)


def _is_visible(ch: str) -> bool:
    # Cc control, Cf format, Cs surrogate, Co private use, Cn unassigned
    return ch in _JOINERS or unicodedata.category(ch)[0] != "C"


def _claims_to_be_us(name: str) -> bool:
    words = _words(name)
    if words and words[0] == "official":
        return True
    brands = [word for word in words if word in _BRANDS]
    return bool(brands) and (len(brands) == len(words) or any(word in _CLAIMS for word in words))


def _words(name: str) -> list[str]:
    decomposed = unicodedata.normalize("NFKD", name).casefold().translate(_LOOKALIKES)
    plain = "".join(ch for ch in decomposed if not unicodedata.combining(ch) and ch not in _JOINERS)
    return re.findall(r"[^\W_]+", plain)
