"""PAdES levels: what is ordered is reached, what is stated is true, and nothing bad gets into a file (T26)."""

from __future__ import annotations

import hashlib
import io
from dataclasses import replace
from pathlib import Path

import pikepdf
import pytest
from pyhanko.pdf_utils.reader import PdfFileReader

from paraph.documents import LEVELS, Level, LevelNotReached, SealingIdentity, SealPolicy
from paraph.documents.plans import Assembled, SealOrder, SealOutcome
from tests.documents.samples import text_pdf_bytes
from tests.documents.seal.conftest import ABOVE_PLAIN, SealDesk, policy_for
from tests.helpers.pki import MISCHIEF, PASSPHRASE, World, p256


@pytest.mark.parametrize("level", LEVELS)
def test_a_level_is_reached_and_stated(level: Level, levels: SealDesk, tmp_path: Path) -> None:
    path, done = levels.seal(tmp_path, level)
    verdict = levels.desk.verify(path, levels.identity)
    assert (verdict.state, verdict.reasons, verdict.level) == ("sealed_intact", (), level)
    assert done.level == level == verdict.properties["SealLevel"]
    assert verdict.attachments[0].name == "audit-chain.json"
    timed = level != "PAdES-B-B"
    assert (done.timestamped_by == "Common Name: World TSA") is timed is bool(verdict.timestamped_at)
    with path.open("rb") as file:
        reader = PdfFileReader(file, strict=True)
        assert len(reader.embedded_regular_signatures) == 1
        assert len(reader.embedded_timestamp_signatures) == (level == "PAdES-B-LTA")
        assert reader.total_revisions == 2 + (level in ("PAdES-B-LT", "PAdES-B-LTA")) + (level == "PAdES-B-LTA")


def test_no_sha_1_is_anywhere(sealed_at: dict[Level, bytes]) -> None:
    """T32; the entry for a signature in a security store would be named by it."""
    with pikepdf.open(io.BytesIO(sealed_at["PAdES-B-LTA"])) as pdf:
        assert "/VRI" not in pdf.Root["/DSS"]
    for data in sealed_at.values():
        for signature in PdfFileReader(io.BytesIO(data)).embedded_signatures:
            assert signature.md_algorithm == "sha256"


def test_a_level_is_reached_with_the_key_of_the_first_run(world: World, levels: SealDesk, tmp_path: Path) -> None:
    """Nobody runs a revocation server for it: its own root states that nothing was revoked."""
    own = SealingIdentity.load_or_create(tmp_path / "keys", "First Run")
    with levels.by(own).under(policy_for(world, "good")) as desk:
        path, done = desk.seal(tmp_path, "PAdES-B-LTA")
        assert done.level == "PAdES-B-LTA"
        assert desk.desk.verify(path, own).level == "PAdES-B-LTA"


def test_fresh_files_are_accepted_whenever_the_second_ticks(levels: SealDesk, tmp_path: Path) -> None:
    """The library would touch the modification date in each revision."""
    plan = levels.plan(tmp_path, "PAdES-B-LT", text_pdf_bytes(1))
    for place in range(10):
        level = ABOVE_PLAIN[1 + place % 2]
        levels.desk.complete(replace(plan, level=level), tmp_path / "out.pdf")
        assert levels.desk.verify(tmp_path / "out.pdf", levels.identity).reasons == ()


# --- authorities that fail ---


@pytest.mark.parametrize("how", [*MISCHIEF, "down"])
def test_a_bad_timestamp_never_gets_into_a_file(how: str, world: World, levels: SealDesk, tmp_path: Path) -> None:
    with levels.under(policy_for(world, how)) as desk, pytest.raises(LevelNotReached) as short:
        desk.seal(tmp_path, "PAdES-B-T")
    assert short.value.possible == "PAdES-B-B"
    assert short.value.detail.startswith("127.0.0.1: ")
    assert not (tmp_path / "out.pdf").exists()
    assert not [one for one in tmp_path.iterdir() if "draft" in one.name]


def test_the_words_say_what_was_wrong(world: World, levels: SealDesk, tmp_path: Path) -> None:
    expected = {
        "wrong_imprint": "wrong imprint",
        "wrong_nonce": "wrong nonce",
        "expired": "expired",
        "stranger": "trusted roots",
        "down": "503",
        "garbage": "no timestamp response",
    }
    for how, words in expected.items():
        with levels.under(policy_for(world, how)) as desk:
            (said,) = desk.desk.run(desk.desk.workers.authority_problems()).values()
            assert words in said


def test_a_slow_authority_is_given_up_and_the_next_is_asked(world: World, levels: SealDesk, tmp_path: Path) -> None:
    with levels.under(policy_for(world, "slow", "garbage", "good", seconds=0.5)) as desk:
        _, done = desk.seal(tmp_path, "PAdES-B-LTA")
        assert done.level == "PAdES-B-LTA"


def test_an_authority_that_failed_is_left_alone_for_a_while(world: World, levels: SealDesk, tmp_path: Path) -> None:
    with levels.under(policy_for(world, "down")) as desk:
        with pytest.raises(LevelNotReached):
            desk.seal(tmp_path, "PAdES-B-T")
        world.asked.clear()
        with pytest.raises(LevelNotReached, match="left alone"):
            desk.seal(tmp_path, "PAdES-B-T")
        assert world.asked == []
        assert desk.seal(tmp_path, "PAdES-B-B")[1].level == "PAdES-B-B"


def test_an_authority_that_failed_is_not_asked_while_another_works(
    world: World, levels: SealDesk, tmp_path: Path
) -> None:
    with levels.under(policy_for(world, "down", "good")) as desk:
        desk.seal(tmp_path, "PAdES-B-T")
        world.asked.clear()
        desk.seal(tmp_path, "PAdES-B-T")
        assert world.asked == ["/tsa/good"]


def test_without_proof_the_level_is_the_one_below(world: World, levels: SealDesk, tmp_path: Path) -> None:
    try:
        world.is_down |= {"/ocsp/intermediate", "/crl/intermediate"}
        with levels.under(policy_for(world, "good")) as desk, pytest.raises(LevelNotReached) as short:
            desk.seal(tmp_path, "PAdES-B-LTA")
        assert short.value.possible == "PAdES-B-T"
    finally:
        world.is_down.clear()


def test_a_list_will_do_where_no_responder_answers(world: World, levels: SealDesk, tmp_path: Path) -> None:
    try:
        world.is_down |= {"/ocsp/intermediate", "/ocsp/root"}
        with levels.under(policy_for(world, "good")) as desk:
            assert desk.seal(tmp_path, "PAdES-B-LTA")[1].level == "PAdES-B-LTA"
    finally:
        world.is_down.clear()


def test_a_revoked_certificate_reaches_no_level_with_proofs(world: World, levels: SealDesk, tmp_path: Path) -> None:
    holder = world.certified("Revoked Seal", p256())
    world.revoked.add(holder.certificate.serial_number)
    revoked = SealingIdentity.from_pkcs12(world.pkcs12(tmp_path / "seal.p12", holder), PASSPHRASE)
    with levels.by(revoked).under(policy_for(world, "good")) as desk, pytest.raises(LevelNotReached) as short:
        desk.seal(tmp_path, "PAdES-B-LT")
    assert short.value.possible == "PAdES-B-T"
    assert "revoked" in short.value.detail.lower()


def test_policies_that_contradict_themselves_are_refused(world: World) -> None:
    with pytest.raises(ValueError, match="go together"):
        SealPolicy(level="PAdES-B-T")
    with pytest.raises(ValueError, match="go together"):
        policy_for(world, "good", level="PAdES-B-B")
    with pytest.raises(ValueError, match="roots"):
        policy_for(world, "good", roots=())


def test_a_file_with_a_plain_table_of_objects_takes_proofs_too(levels: SealDesk, tmp_path: Path) -> None:
    """Ours have compressed tables; what follows a plain one is accounted for as well."""
    draft, workers = tmp_path / "plain.pdf", levels.desk.workers
    draft.write_bytes(text_pdf_bytes(1, object_stream_mode=pikepdf.ObjectStreamMode.disable))
    content = hashlib.sha256(draft.read_bytes()).hexdigest()
    order = SealOrder(levels.identity, "Reason", "PAdES-B-LT", workers.policy, workers.policy.authorities)
    plain = Assembled(content, draft.stat().st_size, 1, (1,))
    work = workers._pool.run(SealOutcome, "seal", draft, plain, order, network=workers._network)
    assert levels.desk.run(work).completed is not None
    assert levels.desk.verify(draft, levels.identity).level == "PAdES-B-LT"
    draft.write_bytes(draft.read_bytes() + b"\n")
    assert not levels.desk.verify(draft, levels.identity).intact
