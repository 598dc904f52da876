"""The pure parts: callback addresses, parameters, proofs, client credentials."""

from __future__ import annotations

from urllib.parse import parse_qsl, quote, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from paraph.oauth.callback import callback_address, callback_host, form_targets
from paraph.oauth.client_auth import read_credentials
from paraph.oauth.errors import InvalidClient, InvalidTokenRequest
from paraph.oauth.parameters import read_parameters
from paraph.oauth.pkce import is_challenge, verifies
from paraph.oauth.sweep import CODE_KEPT_SECONDS, USED_REFRESH_KEPT_SECONDS
from tests.helpers.oauth import VERIFIER, challenge


@pytest.mark.parametrize(
    ("callback", "expected"),
    [
        ("https://a.example/cb", "https://a.example/cb?state=x"),
        ("https://a.example/cb?", "https://a.example/cb?state=x"),
        ("https://a.example/cb?t=1", "https://a.example/cb?t=1&state=x"),
        ("https://a.example/cb?t=1&", "https://a.example/cb?t=1&state=x"),
    ],
)
def test_a_callback_keeps_its_query(callback: str, expected: str) -> None:
    assert callback_address(callback, {"state": b"x", "code": None}) == expected
    assert callback_address(callback, {"state": None}) == callback


@given(st.binary(max_size=300))
def test_state_survives_any_bytes(state: bytes) -> None:
    read = read_parameters(f"a=b&state={quote(state, safe='')}").state
    assert (read or b"") == state
    query = urlsplit(callback_address("https://a.example/cb", {"state": state})).query
    found = dict(parse_qsl(query, keep_blank_values=True, encoding="latin-1"))
    assert found["state"].encode("latin-1") == state


@given(st.text(max_size=300))
def test_any_query_is_read(query: str) -> None:
    read = read_parameters(query.encode("utf-8", "surrogatepass").decode("latin-1"))
    assert all(read.values.values())
    assert "state" not in read.values


def test_parameters_are_found_once_or_reported() -> None:
    read = read_parameters("a=1&b=&b=2&a=1&%61=3&state=x+y&c")
    assert read.values == {"a": "1", "b": "2"}
    assert read.repeated == {"a"}
    assert read.state == b"x y"


@pytest.mark.parametrize(
    ("callback", "targets"),
    [
        ("https://a.example/cb", ("https://a.example", "https:")),
        ("http://localhost:9000/cb", ("http://localhost:9000", "http://localhost:*", "http://127.0.0.1:*")),
        ("http://[::1]:9000/cb", ("http:",)),
        ("https://[2001:db8::1]/cb", ("https:",)),
    ],
)
def test_what_a_consent_form_may_lead_to(callback: str, targets: tuple[str, ...]) -> None:
    assert form_targets(callback) == targets
    assert callback_host(callback) in callback


def test_the_example_of_rfc_7636() -> None:
    made = challenge(VERIFIER)["code_challenge"]
    assert made == "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
    assert is_challenge(made)
    assert verifies(VERIFIER, made)
    assert not verifies(made, made)
    assert not verifies("", made)


def test_credentials_come_from_one_place() -> None:
    body = {"client_id": "a", "client_secret": "b"}
    assert read_credentials([], body).secret == "b"
    assert read_credentials(["Bearer x"], body).secret == "b"
    assert read_credentials(["Basic YTpi"], {}).client_id == "a"
    assert read_credentials(["Basic YTo="], {}).secret is None
    with pytest.raises(InvalidTokenRequest):
        read_credentials(["Basic YTpi"], body)
    with pytest.raises(InvalidClient):
        read_credentials([], body | {"client_assertion": "x"})
    assert "b" not in repr(read_credentials([], {"client_id": "a", "client_secret": "bbb"}))


def test_replays_are_noticed_longer_than_codes_live() -> None:
    assert CODE_KEPT_SECONDS >= 600
    assert USED_REFRESH_KEPT_SECONDS >= 86_400
