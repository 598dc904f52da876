"""Host names that pass for others: internationalised names that mix scripts, or spell Latin in another one."""

from __future__ import annotations

import unicodedata

_ALONGSIDE = frozenset({"CJK", "HIRAGANA", "KATAKANA", "HANGUL", "BOPOMOFO", "LATIN"})
"""Scripts that are rightly written together in Japanese, Korean and Chinese names."""

_LATIN_IN_DISGUISE = frozenset(
    "\u0430\u0441\u0435\u04bb\u0456\u0458\u04cf\u043e\u0440\u0455\u0443\u0445\u0501\u051b\u051d"  # Cyrillic
    "\u03b1\u03b9\u03ba\u03bd\u03bf\u03c1\u03c4\u03c5\u03c7"  # Greek
)


def deceives(host: str) -> bool:
    """True when a label of the ASCII host name stands for text that a reader would take for another name.

    A label that claims to be punycode but is not is refused too.
    """
    return any(_label_deceives(label) for label in host.split(".") if label.startswith("xn--"))


def _label_deceives(label: str) -> bool:
    try:
        text = label.removeprefix("xn--").encode("ascii").decode("punycode")
    except (UnicodeError, ValueError):
        return True
    letters = [ch for ch in text if ch.isalpha()]
    scripts = {_script(ch) for ch in letters}
    if any(unicodedata.category(ch)[0] == "C" for ch in text):
        return True
    if len(scripts) > 1 and not scripts <= _ALONGSIDE:
        return True
    foreign = [ch for ch in letters if not ch.isascii()]
    return "LATIN" not in scripts and bool(foreign) and all(ch in _LATIN_IN_DISGUISE for ch in foreign)


def _script(ch: str) -> str:
    return unicodedata.name(ch, "UNKNOWN").split()[0]
