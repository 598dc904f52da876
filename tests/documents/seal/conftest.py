"""Desks that seal at every level, with keys of every kind, in a small world of authorities."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from paraph.documents import (
    Assembly,
    Attachment,
    Authority,
    Box,
    Completed,
    CompletionPlan,
    DocumentWorkers,
    Level,
    Limits,
    Mark,
    PlainText,
    SealingIdentity,
    SealPolicy,
    TypedText,
)
from paraph.documents.resting import Resting
from paraph.kit.settings import Settings
from paraph.seal_setup import SealNetwork
from tests.documents.conftest import Desk
from tests.documents.samples import text_pdf_bytes
from tests.helpers.pki import PASSPHRASE, World, p256, serving

ABOVE_PLAIN: tuple[Level, ...] = ("PAdES-B-T", "PAdES-B-LT", "PAdES-B-LTA")


@dataclass(frozen=True)
class SealDesk:
    """A desk with a policy, and who seals there."""

    desk: Desk
    identity: SealingIdentity

    def plan(self, folder: Path, level: Level, data: bytes | None = None) -> CompletionPlan:
        document = self.desk.document(data or text_pdf_bytes(2), folder / "in.pdf")
        marks = (
            Mark(0, Box(1, 60, 300, 200, 50), TypedText("Ann Example", "caveat")),
            Mark(0, Box(1, 300, 300, 150, 50), PlainText("2026-11-23")),
        )
        chain = Attachment("audit-chain.json", b'{"events":[]}', "application/json", "Audit events")
        assembly = Assembly((document,), marks, title="Agreement")
        return CompletionPlan(assembly, self.identity, attachments=(chain,), level=level)

    def seal(self, folder: Path, level: Level, data: bytes | None = None) -> tuple[Path, Completed]:
        target = folder / "out.pdf"
        return target, self.desk.complete(self.plan(folder, level, data), target)

    def by(self, identity: SealingIdentity) -> SealDesk:
        return replace(self, identity=identity)

    @contextmanager
    def under(self, policy: SealPolicy) -> Iterator[SealDesk]:
        """The same children under another policy, with nothing remembered of any authority."""
        workers = self.desk.workers
        before, workers.policy, workers._resting = workers.policy, policy, Resting()
        try:
            yield self
        finally:
            workers.policy, workers._resting = before, Resting()


def policy_for(world: World, *paths: str, **more: Any) -> SealPolicy:
    return SealPolicy(
        **(
            {
                "level": "PAdES-B-LTA",
                "authorities": tuple(Authority.at(f"{world.base}/tsa/{path}") for path in paths),
                "roots": (world.root.pem,),
                "seconds": 1.0,
                "pauses": (0.0, 0.05),
            }
            | more
        )
    )


@contextmanager
def working(policy: SealPolicy, identity: SealingIdentity, folder: Path) -> Iterator[SealDesk]:
    network = SealNetwork(Settings(data_dir=folder), identity)
    workers = DocumentWorkers(Limits(cpu_seconds=15, wall_seconds=25), concurrency=2, policy=policy, network=network)
    with asyncio.Runner() as runner:
        yield SealDesk(Desk(workers, runner), identity)
        runner.run(workers.stop())


@pytest.fixture(scope="session")
def world() -> Iterator[World]:
    with serving() as made:
        yield made


@pytest.fixture(scope="session")
def bought(world: World, tmp_path_factory: pytest.TempPathFactory) -> SealingIdentity:
    """A P-256 certificate by an authority with OCSP and CRLs."""
    path = tmp_path_factory.mktemp("bought") / "seal.p12"
    return SealingIdentity.from_pkcs12(world.pkcs12(path, world.certified("Acme Seal", p256())), PASSPHRASE)


@pytest.fixture(scope="session")
def levels(world: World, bought: SealingIdentity, tmp_path_factory: pytest.TempPathFactory) -> Iterator[SealDesk]:
    with working(policy_for(world, "good"), bought, tmp_path_factory.mktemp("levels")) as made:
        yield made


@pytest.fixture(scope="session")
def sealed_at(levels: SealDesk, tmp_path_factory: pytest.TempPathFactory) -> dict[Level, bytes]:
    """A good file of every level."""
    every: tuple[Level, ...] = ("PAdES-B-B", *ABOVE_PLAIN)
    return {level: levels.seal(tmp_path_factory.mktemp(level), level)[0].read_bytes() for level in every}
