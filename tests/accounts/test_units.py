"""Small rules: passwords, addresses, names, locales, words for browsers."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from paraph.accounts import password_problem, read_address, read_locale
from paraph.accounts.create import read_name
from paraph.accounts.passwords import hash_password, password_matches
from paraph.accounts.web.activity_words import activity_words, browser_words
from paraph.kit.errors import BadRequest


def test_hashes_are_argon2id_and_composed_alike() -> None:
    stored = hash_password("pa\u0308sswort lang")
    assert stored.startswith("$argon2id$")
    assert password_matches(stored, "p\u00e4sswort lang")
    assert not password_matches(stored, "passwort lang")
    assert not password_matches(None, "no account has this password")
    assert not password_matches("nonsense", "x")
    assert not password_matches(stored, "x" * 100_000)


@pytest.mark.parametrize(
    "good", ["correct horse battery", "日本語のパスワードです", "          spaces ok", "Tr0ub4dor&3x", "a" * 9 + "b"]
)
def test_good_passwords(good: str) -> None:
    assert password_problem(good, "ann@example.com") is None


@pytest.mark.parametrize(
    "bad", ["", "short", "qwertyuiop", "PASSWORD123", "zzzzzzzzzz", "abcdefghijkl", "ann@example.com"]
)
def test_bad_passwords(bad: str) -> None:
    assert password_problem(bad, "ann@example.com") is not None


@given(st.text(), st.text())
def test_any_text_is_judged(password: str, address: str) -> None:
    password_problem(password, address)


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("Ann@Example.COM", "ann@example.com"),
        (" ann@example.com\n", "ann@example.com"),
        ("ann@Exämple.com", "ann@xn--exmple-cua.com"),
        ("ann@xn--exmple-cua.com", "ann@xn--exmple-cua.com"),
        ("ann+tag@example.com", "ann+tag@example.com"),
        ("ann@office.intern", "ann@office.intern"),
    ],
)
def test_addresses(text: str, key: str) -> None:
    assert read_address(text).key == key


@given(st.text())
@settings(max_examples=300)
def test_addresses_are_read_or_refused(text: str) -> None:
    try:
        address = read_address(text)
    except BadRequest as error:
        assert error.message.startswith("email_address not valid: ")
    else:
        assert read_address(address.shown) == address


@given(st.text(max_size=300))
def test_names_are_clean_or_refused(text: str) -> None:
    try:
        name = read_name(text)
    except BadRequest:
        return
    assert read_name(name) == name
    assert name.encode()
    assert "\n" not in name and "\x00" not in name


def test_names_do_not_turn_words_about() -> None:
    assert read_name("Ann \u202eexe.fdp\u2066") == "Ann exe.fdp"
    assert read_name("\u05d3\u05d5\u05d3") == "\u05d3\u05d5\u05d3"


def test_locales_in_other_spellings() -> None:
    assert read_locale("en_us") == "en-US"
    with pytest.raises(BadRequest):
        read_locale("english")


def test_words() -> None:
    chrome = (
        "Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0 Safari/537.36 Edg/140.0"
    )
    assert browser_words(chrome) == "Edge on Windows"
    assert browser_words("curl/8") == "Another program"
    assert activity_words("api_key_created", {"ending": "ab12"}) == "API key made, ending in ab12"
