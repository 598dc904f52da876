"""Keys, seals, tokens, ids and the clock."""

from __future__ import annotations

import base64
import os
import re
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from paraph.kit import ids
from paraph.kit.clock import MovableClock, SystemClock
from paraph.kit.crypto import Keyring, SealBroken, token_hash

KEYRING = Keyring(b"k" * 32)
OTHER = Keyring(b"o" * 32)
# what JSON may bring: any text, half a surrogate pair included
ANY_TEXT = st.text(st.characters(exclude_categories=()))


@given(st.binary())
def test_a_seal_opens_only_whole_with_its_key_and_for_its_purpose(plain: bytes) -> None:
    sealed = KEYRING.seal("mail", plain)
    assert KEYRING.unseal("mail", sealed) == plain
    assert KEYRING.seal("mail", plain) != sealed
    changed = bytes([sealed[0] ^ 1]) + sealed[1:]
    for keyring, purpose, text in (
        (OTHER, "mail", sealed),
        (KEYRING, "totp", sealed),
        (KEYRING, "mail", changed),
        (KEYRING, "mail", sealed[:-1]),
        (KEYRING, "mail", b""),
    ):
        with pytest.raises(SealBroken):
            keyring.unseal(purpose, text)


@given(ANY_TEXT)
def test_a_signed_value_is_read_back_and_no_other(value: str) -> None:
    signed = KEYRING.sign("notice", value)
    assert KEYRING.verify("notice", signed) == value
    assert re.fullmatch(r"[A-Za-z0-9_.-]+", signed)
    assert OTHER.verify("notice", signed) is None
    assert KEYRING.verify("other", signed) is None
    assert KEYRING.verify("notice", "A" + signed) is None
    assert KEYRING.verify("notice", signed[:-1]) is None


@given(ANY_TEXT)
def test_whatever_a_client_sends_is_compared_and_found_wrong(text: str) -> None:
    assert KEYRING.verify("notice", text) is None
    assert len(token_hash(text)) == 32
    assert len(KEYRING.keyed_hash("api_key", text)) == 32
    assert re.fullmatch(r"[A-Za-z0-9_-]{43}", KEYRING.derived_token("link", text))


def test_hashes_differ_by_key_purpose_and_value() -> None:
    found = {
        KEYRING.keyed_hash("a", "x"),
        KEYRING.keyed_hash("b", "x"),
        KEYRING.keyed_hash("a", "y"),
        OTHER.keyed_hash("a", "x"),
    }
    assert len(found) == 4
    assert KEYRING.keyed_hash("a", "x") == Keyring(b"k" * 32).keyed_hash("a", "x")


def test_the_server_key_is_made_once_and_only_for_its_owner(tmp_path: Path) -> None:
    folder = tmp_path / "keys"
    with ThreadPoolExecutor(8) as pool:
        rings = list(pool.map(lambda _: Keyring.load("", folder), range(8)))
    assert len({ring.derived_token("p", "v") for ring in rings}) == 1
    assert [path.name for path in folder.iterdir()] == ["server.key"]
    assert oct((folder / "server.key").stat().st_mode & 0o777) == "0o600"
    assert oct(folder.stat().st_mode & 0o777) == "0o700"
    assert Keyring.load("", folder).derived_token("p", "v") == rings[0].derived_token("p", "v")


def test_a_given_key_needs_no_folder(tmp_path: Path) -> None:
    Keyring.load("g" * 32, tmp_path / "keys")
    assert os.listdir(tmp_path) == []
    with pytest.raises(ValueError, match="32 bytes"):
        Keyring(b"short")


@pytest.mark.parametrize(
    ("make", "shape"),
    [
        (ids.long_id, r"[0-9a-f]{40}"),
        (ids.short_id, r"[0-9a-f]{32}"),
        (ids.api_key, r"[0-9a-f]{64}"),
        (lambda: ids.opaque_token("pat_"), r"pat_[0-9A-Za-z]{49}"),
        (lambda: ids.numeric_code(6), r"[0-9]{6}"),
    ],
)
def test_ids_have_the_vendors_shapes_and_do_not_repeat(make: object, shape: str) -> None:
    made = [make() for _ in range(200)]  # type: ignore[operator]
    assert all(re.fullmatch(shape, one) for one in made)
    assert len(set(made)) >= (190 if shape == r"[0-9]{6}" else 200)


def test_a_bearer_token_is_a_b64token() -> None:
    token = ids.opaque_token("pat_")
    assert re.fullmatch(r"[A-Za-z0-9\-._~+/]+=*", token)
    base64.b64encode(token.encode())


def test_clocks() -> None:
    assert abs(SystemClock().now() - time.time()) <= 1
    assert abs(SystemClock(3600).now() - time.time() - 3600) <= 1
    assert isinstance(SystemClock().now(), int)
    clock = MovableClock(100)
    clock.move(5)
    clock.move(-1)
    assert clock.now() == 104
