"""The workers of the documents room, as ordinary calls for tests."""

import asyncio
from collections.abc import Coroutine, Iterator
from pathlib import Path
from typing import Any, TypeVar

import pytest

from paraph.documents import (
    Assembled,
    Assembly,
    Completed,
    CompletionPlan,
    DocumentWorkers,
    Limits,
    NormalisedDocument,
    OfficeConverter,
    PlacedPage,
    SealingIdentity,
    SignaturePagePlan,
    SourceDocument,
    TakenPicture,
    Verdict,
)
from tests.documents.far_side import Listener
from tests.documents.office import Typist
from tests.documents.samples import picture

T = TypeVar("T")


class Desk:
    """DocumentWorkers without the waiting, in one folder."""

    def __init__(self, workers: DocumentWorkers, runner: asyncio.Runner) -> None:
        self.workers = workers
        self._runner = runner

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        return self._runner.run(work)

    def intake(self, data: bytes, target: Path) -> NormalisedDocument:
        source = target.with_suffix(".upload")
        source.write_bytes(data)
        return self.run(self.workers.intake(source, target))

    def take_picture(self, data: bytes, target: Path) -> TakenPicture:
        source = target.with_suffix(".upload")
        source.write_bytes(data)
        return self.run(self.workers.take_picture(source, target))

    def document(self, data: bytes, target: Path) -> SourceDocument:
        return SourceDocument(target, self.intake(data, target).sha256)

    def render(self, pdf: Path, page: int = 1, width: int = 600) -> bytes:
        return self.run(self.workers.render_page(pdf, page, width))

    def signature_page(self, plan: SignaturePagePlan, target: Path) -> PlacedPage:
        return self.run(self.workers.build_signature_page(plan, target))

    def assemble(self, plan: Assembly, target: Path) -> Assembled:
        return self.run(self.workers.current_state(plan, target))

    def complete(self, plan: CompletionPlan, target: Path) -> Completed:
        return self.run(self.workers.complete(plan, target))

    def verify(self, pdf: Path, identity: SealingIdentity) -> Verdict:
        return self.run(self.workers.verify(pdf, identity.roots))


@pytest.fixture(scope="session")
def desk() -> Iterator[Desk]:
    limits = Limits(cpu_seconds=15, wall_seconds=25)
    workers = DocumentWorkers(limits, concurrency=2, office=OfficeConverter.found())
    with asyncio.Runner() as runner:
        yield Desk(workers, runner)
        runner.run(workers.stop())


@pytest.fixture(scope="session")
def identity(tmp_path_factory: pytest.TempPathFactory) -> SealingIdentity:
    return SealingIdentity.load_or_create(tmp_path_factory.mktemp("keys"), "Paraph Test")


@pytest.fixture
def listener() -> Iterator[Listener]:
    listening = Listener()
    yield listening
    listening.close()


@pytest.fixture
def secret(tmp_path: Path) -> Path:
    """A picture on this machine that no document may show."""
    path = tmp_path / "secret.png"
    path.write_bytes(picture())
    return path


@pytest.fixture(scope="session")
def typist(tmp_path_factory: pytest.TempPathFactory) -> Typist:
    return Typist(tmp_path_factory.mktemp("typist"))
