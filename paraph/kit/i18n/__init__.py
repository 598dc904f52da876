"""Languages: what signers read, in theirs. How to write and translate a sentence: docs/languages.md."""

from .languages import ENGLISH, LANGUAGES, Language, find_language, negotiate
from .speaking import N_, gettext, is_speaking, ngettext, pgettext, speak, speaking, spoken
from .translator import Translator, translator

__all__ = [
    "ENGLISH",
    "LANGUAGES",
    "N_",
    "Language",
    "Translator",
    "find_language",
    "gettext",
    "is_speaking",
    "negotiate",
    "ngettext",
    "pgettext",
    "speak",
    "speaking",
    "spoken",
    "translator",
]
