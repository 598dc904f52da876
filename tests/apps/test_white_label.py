"""White-label options (behaviour sheet, D.1 and I.6)."""

from __future__ import annotations

import json

import pytest
from dropbox_sign import models

from paraph.apps.white_label import DEFAULTS, contrast, merge_options
from paraph.kit.errors import BadRequest


def test_the_defaults_are_the_vendors_and_legible() -> None:
    sent = models.SubWhiteLabelingOptions().to_dict()
    sent.pop("reset_to_default", None)
    assert sent == dict(DEFAULTS)
    assert merge_options(None, DEFAULTS) == dict(DEFAULTS)


def test_what_is_chosen_stands_beside_the_defaults_and_hovers_follow() -> None:
    first = merge_options(None, {"primary_button_color": "#00AA33"})
    assert first is not None
    assert first["primary_button_color"] == first["primary_button_color_hover"] == "#00AA33"
    assert first["link_color"] == "#0061FE"
    chosen = merge_options(first, {"primary_button_color_hover": "#00BB44"})
    assert chosen is not None
    again = merge_options(chosen, {"primary_button_color": "#00AA44"})
    assert again is not None
    assert again["primary_button_color_hover"] == "#00BB44"


@pytest.mark.parametrize("reset", [True, "true", "1"])
def test_a_reset_forgets_everything(reset: str | bool) -> None:
    assert merge_options(dict(DEFAULTS), {"reset_to_default": reset, "link_color": "#123456"}) is None
    assert merge_options(dict(DEFAULTS), {"reset_to_default": False}) == dict(DEFAULTS)


@pytest.mark.parametrize(
    ("given", "faults"),
    [
        ({"header_colour": "#123456"}, [("invalid_element_name", "header_colour")]),
        ({"legal_version": "terms3"}, [("invalid_legal_version", "legal_version")]),
        ({"link_color": "blue"}, [("invalid_hex_code", "link_color")]),
        ({"link_color": "#12345"}, [("invalid_hex_code", "link_color")]),
        ({"link_color": "#123456\n;}"}, [("invalid_hex_code", "link_color")]),
        ({"link_color": True}, [("invalid_hex_code", "link_color")]),
        (
            {"text_color1": "red", "text_color2": "url(x)"},
            [("invalid_hex_code", "text_color1"), ("invalid_hex_code", "text_color2")],
        ),
        ({"text_color1": "#eeeeee"}, [("invalid_contrast_ratio", "text_color1 and #F7F8F9")]),
        ({"text_color2": "#1a1a1a"}, [("invalid_contrast_ratio", "text_color2 and header_background_color")]),
        (
            {"secondary_button_text_color": "#fefefe", "secondary_button_text_color_hover": "#0061FE"},
            [("invalid_contrast_ratio", "secondary_button_text_color and secondary_button_color")],
        ),
    ],
)
def test_faults_are_told_as_the_vendor_tells_them(
    given: dict[str, str | bool], faults: list[tuple[str, str]]
) -> None:
    with pytest.raises(BadRequest) as refused:
        merge_options(None, given)
    assert json.loads(refused.value.message) == [{"error_type": kind, "element_name": name} for kind, name in faults]


def test_contrast_is_that_of_wcag() -> None:
    assert contrast("#000000", "#FFFFFF") == pytest.approx(21)
    assert contrast("#777777", "#FFFFFF") == pytest.approx(4.48, abs=0.01)
    assert contrast("#123456", "#123456") == 1
