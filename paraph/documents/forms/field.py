"""One field of a form as its widget and its ancestors say (ISO 32000-1, 12.7.3 and 12.7.4)."""

from typing import Final

import pikepdf
from pikepdf import Name

from paraph.documents.findings import FormFieldKind

MAX_ANCESTORS: Final = 60
MAX_OPTIONS: Final = 500
LONGEST_TEXT: Final = 5000

HIDDEN, NO_VIEW = 1 << 1, 1 << 5
READ_ONLY, REQUIRED = 1 << 0, 1 << 1
MULTI_LINE, FILE_SELECT = 1 << 12, 1 << 20
RADIO, PUSH_BUTTON = 1 << 15, 1 << 16


class Widget:
    """Reads what is asked; whatever is odd in the file counts as not said."""

    def __init__(self, annotation: pikepdf.Object) -> None:
        self._annotation = annotation
        self._nodes = _lineage(annotation)
        self._flags = _number(self._inherited("/Ff"))

    @property
    def kind(self) -> FormFieldKind | None:
        """None for push buttons, file choosers, fields that are signed already, and what is no field."""
        if str(self._annotation.get("/Subtype", "")) != "/Widget":
            return None
        match str(self._inherited("/FT")):
            case "/Tx":
                return None if self._flags & FILE_SELECT else "text"
            case "/Btn" if self._flags & PUSH_BUTTON:
                return None
            case "/Btn":
                return "radio" if self._flags & RADIO else "checkbox"
            case "/Ch":
                return "dropdown"
            case "/Sig":
                return None if isinstance(self._inherited("/V"), pikepdf.Dictionary) else "signature"
        return None

    @property
    def is_visible(self) -> bool:
        return not _number(self._annotation.get("/F")) & (HIDDEN | NO_VIEW)

    @property
    def name(self) -> str:
        """The full name: partial names from the root down, with dots between."""
        parts = [_text(node.get("/T")) for node in reversed(self._nodes)]
        return ".".join(part for part in parts if part)[:LONGEST_TEXT]

    @property
    def label(self) -> str:
        return _text(self._inherited("/TU"))

    @property
    def is_required(self) -> bool:
        return bool(self._flags & REQUIRED)

    @property
    def is_read_only(self) -> bool:
        return bool(self._flags & READ_ONLY)

    @property
    def is_multi_line(self) -> bool:
        return self.kind == "text" and bool(self._flags & MULTI_LINE)

    @property
    def value(self) -> str:
        if self.kind in ("checkbox", "radio"):
            return self._on_state
        found = self._inherited("/V")
        if self.kind != "dropdown":
            return _text(found)
        first = found[0] if isinstance(found, pikepdf.Array) and len(found) else found
        exported = _text(first)
        return next((shown for export, shown in self._choices if export == exported), "")

    @property
    def is_checked(self) -> bool:
        if self.kind not in ("checkbox", "radio"):
            return False
        state = self._annotation.get("/AS")
        chosen = state if isinstance(state, Name) else self._inherited("/V")
        return bool(self._on_state) and _text(chosen) == self._on_state

    @property
    def options(self) -> tuple[str, ...]:
        """What a dropdown shows, each once."""
        return tuple(dict.fromkeys(shown for _, shown in self._choices if shown))

    @property
    def _choices(self) -> list[tuple[str, str]]:
        """What a dropdown exports and what it shows for that."""
        listed = self._inherited("/Opt") if self.kind == "dropdown" else None
        if not isinstance(listed, pikepdf.Array):
            return []
        choices = []
        for choice in list(listed)[:MAX_OPTIONS]:
            pair = list(choice)[:2] if isinstance(choice, pikepdf.Array) else [choice]
            texts = [_text(part) for part in pair]
            if texts:
                choices.append((texts[0], texts[-1]))
        return choices

    @property
    def _on_state(self) -> str:
        looks = self._annotation.get("/AP")
        normal = looks.get("/N") if isinstance(looks, pikepdf.Dictionary) else None
        states = normal.keys() if isinstance(normal, pikepdf.Dictionary) else ()
        return next((state.removeprefix("/") for state in map(str, states) if state != "/Off"), "")

    def _inherited(self, key: str) -> object:
        return next((node[key] for node in self._nodes if key in node), None)


def _lineage(annotation: pikepdf.Object) -> list[pikepdf.Object]:
    """The widget and its ancestors, the nearest first."""
    nodes: list[pikepdf.Object] = []
    node: object = annotation
    while isinstance(node, pikepdf.Dictionary) and len(nodes) < MAX_ANCESTORS:
        nodes.append(node)
        node = node.get("/Parent")
    return nodes


def _number(value: object) -> int:
    return value if isinstance(value, int) else 0


def _text(value: object) -> str:
    """A string or a name as clean text."""
    if isinstance(value, Name):
        return str(value).removeprefix("/")
    if not isinstance(value, pikepdf.String):
        return ""
    return "".join(letter for letter in str(value) if letter.isprintable() or letter == "\n")[:LONGEST_TEXT]
