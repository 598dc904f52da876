"""App names (oauth.md B8, V23, V32)."""

from __future__ import annotations

import pytest

from paraph.apps.names import clean_name, display_name, mentions_brand, name_key
from paraph.kit.errors import BadRequest


@pytest.mark.parametrize(
    ("raw", "clean"),
    [
        ("  Acme\t Contracts \n", "Acme Contracts"),
        ("evil\u202egpj.exe", "evilgpj.exe"),
        ("a\u2066b\u2069c\u200bd\u0000e\u0007f", "abcdef"),
        ("<script>alert(1)</script>", "<script>alert(1)</script>"),
        ("Z\u00fcrich", "Zürich"),
        ("Zu\u0308rich", "Zürich"),
        ("میخواهم می\u200cخواهم", "میخواهم می\u200cخواهم"),
        ("👩\u200d🚀 Launch", "👩\u200d🚀 Launch"),
        ("{{7*7}} ${7*7} %s", "{{7*7}} ${7*7} %s"),
        ("My Paraph demo", "My Paraph demo"),
        ("Unofficial wiki", "Unofficial wiki"),
        ("Paraphernalia", "Paraphernalia"),
        ("Support desk", "Support desk"),
    ],
)
def test_a_name_keeps_what_can_be_seen(raw: str, clean: str) -> None:
    assert clean_name(raw) == clean


@pytest.mark.parametrize("raw", ["", "   ", "\u200b\u2060", "\u202e", "\u200d\u200c", "\ud800", "\ue000"])
def test_a_name_that_shows_nothing_is_none(raw: str) -> None:
    with pytest.raises(BadRequest, match="Must specify name") as refused:
        clean_name(raw)
    assert refused.value.path == "name"


@pytest.mark.parametrize(
    "raw",
    [
        "Official Paraph",
        "official signatures",
        "Paraph",
        "PARAPH",
        "Paraph Support",
        "Paraph - Security Team",
        "P\u0430r\u0430ph",  # Cyrillic a
        "\uff30\uff41\uff52\uff41\uff50\uff48 login",  # full width
        "Par\u0430ph Official",
        "Pár\u200bàph support",
        "\u041efficial Acme",  # Cyrillic O
    ],
)
def test_a_name_may_not_pass_for_this_server(raw: str) -> None:
    with pytest.raises(BadRequest, match="reserved"):
        clean_name(raw)


def test_a_name_has_a_greatest_length_and_is_shown_shorter() -> None:
    assert clean_name("a" * 300) == "a" * 300
    with pytest.raises(BadRequest, match="at most 300"):
        clean_name("a" * 301)
    assert display_name("a" * 300) == "a" * 99 + "…"
    assert display_name("a" * 100) == "a" * 100


def test_names_are_the_same_whatever_their_case_and_width() -> None:
    assert name_key("ACME") == name_key("acme") == name_key("\uff21cme")
    assert name_key("acme") != name_key("acme 2")


def test_an_operator_is_told_of_names_that_mention_the_software() -> None:
    assert mentions_brand("My Paraph demo")
    assert mentions_brand("Pa\u0433 P\u0430raph")
    assert not mentions_brand("Acme")
