"""White-label options of the signer's pages, checked as the vendor checks them (behaviour sheet, D.1 and I.6)."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping

from paraph.kit.errors import BadRequest

LEAST_CONTRAST = 2.1
PAPER = "#F7F8F9"
LEGAL_VERSIONS = ("terms1", "terms2")
OPTIONS_PATH = "white_labeling_options"

DEFAULTS: Mapping[str, str] = {
    "header_background_color": "#1a1a1a",
    "legal_version": "terms1",
    "link_color": "#0061FE",
    "page_background_color": "#f7f8f9",
    "primary_button_color": "#0061FE",
    "primary_button_color_hover": "#0061FE",
    "primary_button_text_color": "#ffffff",
    "primary_button_text_color_hover": "#ffffff",
    "secondary_button_color": "#ffffff",
    "secondary_button_color_hover": "#ffffff",
    "secondary_button_text_color": "#0061FE",
    "secondary_button_text_color_hover": "#0061FE",
    "text_color1": "#808080",
    "text_color2": "#ffffff",
}

# each must be legible on the other; a colour written out stands for the paper of the signer's page
_PAIRS = (
    ("text_color1", PAPER),
    ("text_color2", "header_background_color"),
    ("primary_button_color", "header_background_color"),
    ("primary_button_color", PAPER),
    ("primary_button_text_color", "primary_button_color"),
    ("primary_button_text_color_hover", "primary_button_color_hover"),
    ("secondary_button_text_color", "secondary_button_color"),
    ("secondary_button_text_color_hover", "secondary_button_color_hover"),
)
_RESET = "reset_to_default"
_HEX = re.compile(r"#[0-9a-fA-F]{6}")
_MOST_ECHOED = 60


def merge_options(stored: Mapping[str, str] | None, given: Mapping[str, str | bool]) -> dict[str, str] | None:
    """Return all options after the change, None after a reset to the defaults.

    A hover colour that was never chosen follows its button. Raises BadRequest whose message is the vendor's JSON
    list of ``{"error_type", "element_name"}``.
    """
    chosen = {name: value for name, value in given.items() if name != _RESET}
    if str(given.get(_RESET, False)).strip().lower() in ("true", "1"):
        return None
    _refuse([("invalid_element_name", name) for name in chosen if name not in DEFAULTS])
    texts = {name: str(value).strip() for name, value in chosen.items()}
    _refuse(list(_bad_values(texts)))
    options = {**DEFAULTS, **(stored or {}), **_hovers(stored, texts), **texts}
    _refuse(
        [("invalid_contrast_ratio", f"{one} and {other}") for one, other in _PAIRS if _illegible(options, one, other)]
    )
    return options


def contrast(one: str, other: str) -> float:
    """The contrast ratio of two colours, 1 to 21 (WCAG 2.2)."""
    dark, light = sorted((_luminance(one), _luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def _bad_values(texts: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    for name, value in texts.items():
        if name == "legal_version":
            if value not in LEGAL_VERSIONS:
                yield "invalid_legal_version", name
        elif not _HEX.fullmatch(value):
            yield "invalid_hex_code", name


def _hovers(stored: Mapping[str, str] | None, texts: Mapping[str, str]) -> dict[str, str]:
    known = {} if stored is None else stored
    return {
        f"{name}_hover": value
        for name, value in texts.items()
        if f"{name}_hover" in DEFAULTS and known.get(f"{name}_hover", "") == known.get(name, "")
    }


def _illegible(options: Mapping[str, str], one: str, other: str) -> bool:
    return contrast(options[one], options.get(other, other)) < LEAST_CONTRAST


def _luminance(colour: str) -> float:
    red, green, blue = (_linear(int(colour[at : at + 2], 16) / 255) for at in (1, 3, 5))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(channel: float) -> float:
    return channel / 12.92 if channel <= 0.04045 else float(((channel + 0.055) / 1.055) ** 2.4)


def _refuse(faults: list[tuple[str, str]]) -> None:
    if faults:
        listed = [{"error_type": kind, "element_name": name[:_MOST_ECHOED]} for kind, name in faults]
        raise BadRequest(json.dumps(listed), path=OPTIONS_PATH)
