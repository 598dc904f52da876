"""Who may call whom for a seal, and how long an authority that failed is left alone."""

from __future__ import annotations

from pathlib import Path

import pytest

from paraph.documents import Authority, DocumentFailure, FetchOrder, SealingIdentity
from paraph.documents.resting import Resting
from paraph.kit.settings import Settings
from paraph.seal_setup import SealNetwork
from tests.documents.seal.conftest import SealDesk, policy_for
from tests.helpers.pki import World


def public(folder: Path, world: World, urls: str) -> Settings:
    """A server that others reach: nothing private is called unless the operator named it."""
    roots = folder / "roots.pem"
    roots.write_bytes(world.root.pem)
    return Settings(
        public_url="https://sign.example.com",
        data_dir=folder,
        seal_level="B-T",
        seal_timestamp_urls=urls,
        seal_timestamp_roots=roots,
    )


def get(url: str) -> FetchOrder:
    return FetchOrder(url, {}, None, 2.0)


def test_only_what_the_operator_named_may_be_private(world: World, levels: SealDesk, tmp_path: Path) -> None:
    own = SealingIdentity.load_or_create(tmp_path / "keys", "Own")
    address = f"{world.base}/crl/root"
    stranger = SealNetwork(public(tmp_path, world, "https://tsa.example.com"), own)
    refused = levels.desk.run(stranger.fetch(get(address)))
    assert (refused.status, b"not a public address" in refused.body) == (0, True)
    named_as_authority = SealNetwork(public(tmp_path, world, f"{world.base}/tsa/good"), own)
    assert levels.desk.run(named_as_authority.fetch(get(address))).status == 200
    named_in_certificate = SealNetwork(public(tmp_path, world, "https://tsa.example.com"), levels.identity)
    assert levels.desk.run(named_in_certificate.fetch(get(address))).status == 200


@pytest.mark.parametrize(
    "url", ["file:///etc/passwd", "http://169.254.169.254/", "gopher://x", "http://a b/", "ldap://x/"]
)
def test_other_addresses_are_refused_in_words(url: str, world: World, levels: SealDesk, tmp_path: Path) -> None:
    network = SealNetwork(public(tmp_path, world, "https://tsa.example.com"), levels.identity)
    answer = levels.desk.run(network.fetch(get(url)))
    assert answer.status == 0
    assert answer.body


def test_a_child_that_was_given_no_network_gets_nothing_fetched(world: World, levels: SealDesk) -> None:
    policy = policy_for(world, "good")
    world.asked.clear()
    ask = levels.desk.workers._pool.run(str, "try_authority", policy, policy.authorities[0])
    with pytest.raises(DocumentFailure, match="nonsense"):
        levels.desk.run(ask)
    assert world.asked == []


def test_an_authority_may_ask_for_a_password_that_is_never_shown() -> None:
    authority = Authority.at("https://ann:s%40crit@tsa.example.com:8443/tsr?x=1")
    assert (authority.url, authority.username) == ("https://tsa.example.com:8443/tsr?x=1", "ann")
    assert authority.password == "s@crit"
    assert "crit" not in repr(authority)


def test_rests_grow_and_end_with_a_good_answer() -> None:
    now = [0.0]
    resting, authority = Resting(lambda: now[0]), Authority.at("http://tsa.example.com/")
    for length in (30, 60, 120, 240, 480, 900, 900):
        resting.note("", {authority.url: "down"})
        assert resting.awake([authority]) == ()
        assert resting.words() == ["down"]
        now[0] += length - 1
        assert resting.awake([authority]) == ()
        now[0] += 1
        assert resting.awake([authority]) == (authority,)
        assert resting.words() == []
    resting.note(authority.url, {authority.url: "slow at first"})
    resting.note("", {authority.url: "down"})
    now[0] += 30
    assert resting.awake([authority]) == (authority,)
