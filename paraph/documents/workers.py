"""The room's door for everything that opens a file: each call is one or two sandboxed children."""

import asyncio
import os
import secrets
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

from paraph.documents.conversion import OfficeConverter
from paraph.documents.findings import FoundForm, FoundText, HiddenTexts, PageText
from paraph.documents.identity import SealingIdentity
from paraph.documents.levels import B_B
from paraph.documents.limits import Limits
from paraph.documents.plans import (
    PROPERTY_LEVEL,
    Assembled,
    Assembly,
    Completed,
    CompletionPlan,
    SealOrder,
    SealOutcome,
    SealParts,
    Verdict,
)
from paraph.documents.resting import Resting
from paraph.documents.sandbox import Network, Pool
from paraph.documents.seal_policy import LevelNotReached, SealPolicy
from paraph.documents.shapes import NormalisedDocument, PageGeometry, PlacedPage, SignaturePagePlan, TakenPicture
from paraph.documents.storing import take_place
from paraph.documents.taking_in import take_in_any
from paraph.kit.faults import fault_point
from paraph.kit.metrics import Counter

TIMESTAMPS = Counter("paraph_timestamps", "Timestamps asked for.", "authority", "outcome")


class DocumentWorkers:
    """Sandboxed work on documents, at most `concurrency` tasks at a time.

    Nothing is started before the first call. Every method may be awaited from any event loop and may be
    cancelled: the child is then killed. Every target is written whole or not at all, durably.
    Raises Rejected (the file's fault) or DocumentFailure (ours).
    """

    def __init__(
        self,
        limits: Limits | None = None,
        concurrency: int | None = None,
        *,
        policy: SealPolicy | None = None,
        network: Network | None = None,
        office: OfficeConverter | None = None,
    ) -> None:
        """network fetches timestamps and proofs for the child that seals; the others get none. office converts
        what is no PDF, picture or text; without it such files are refused."""
        self.limits = limits or Limits()
        self.office = office or OfficeConverter(None)
        self.policy = policy or SealPolicy()
        self._network = network
        self._resting = Resting()
        self._pool = Pool(self.limits, concurrency or os.cpu_count() or 1)
        # a token's driver may need the network and its own environment; started by the first such seal
        self._token_pool = Pool(self.limits, 1, with_network=True)

    async def __aenter__(self) -> "DocumentWorkers":
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    async def stop(self) -> None:
        """Ends all children; the next call would start them again."""
        await asyncio.gather(self._pool.stop(), self._token_pool.stop())

    async def measure(self, pdf: Path) -> tuple[PageGeometry, ...]:
        """The sizes of the pages of an uploaded PDF, as intake will have them. Raises Rejected."""
        return await self._pool.run(tuple[PageGeometry, ...], "measure", pdf)

    async def intake(self, source: Path, target: Path) -> NormalisedDocument:
        """Turn an upload of any kind into a sanitised PDF in target. Raises Rejected with the reason."""
        async with _draft_of(target) as draft:
            return await take_in_any(self._pool, self.office, source, draft)

    async def take_picture(self, source: Path, target: Path) -> TakenPicture:
        """Re-encode an uploaded signature picture (PNG or JPEG) as PNG in target. Raises Rejected."""
        async with _draft_of(target) as draft:
            return await self._pool.run(TakenPicture, "take_picture", source, draft)

    async def render_page(self, pdf: Path, page: int, width_px: int) -> bytes:
        """Page (from 1) of a normalised file as JPEG, width_px wide. Raises Rejected('no_such_page')."""
        return await self._pool.run(bytes, "render_page", pdf, page, width_px)

    async def find_texts(self, pdf: Path) -> tuple[FoundText, ...]:
        """Every text in square brackets with a `|` in it, in a normalised file: page by page, in reading order."""
        return await self._pool.run(tuple[FoundText, ...], "find_texts", pdf)

    async def page_text(self, pdf: Path, page: int) -> PageText:
        """What a page (from 1) of a normalised file says, in reading order. Raises Rejected('no_such_page')."""
        return await self._pool.run(PageText, "read_page", pdf, page)

    async def detect_form_fields(self, source: Path) -> FoundForm:
        """The fields of the form in an upload, which intake would flatten. Raises Rejected, 'not_a_pdf' for any other
        kind of file."""
        return await self._pool.run(FoundForm, "read_form", source)

    async def hide_texts(self, pdf: Path, found: Sequence[FoundText], target: Path) -> HiddenTexts:
        """Write a normalised file without these texts (as `find_texts` gave them) to target.

        Raises DocumentFailure('text_not_found') when one of them is not there."""
        async with _draft_of(target) as draft:
            return await self._pool.run(HiddenTexts, "hide_texts", pdf, tuple(found), draft)

    async def build_signature_page(self, plan: SignaturePagePlan, target: Path) -> PlacedPage:
        """Draw the page that lists who signs; its boxes come back in the order of the rows."""
        async with _draft_of(target) as draft:
            return await self._pool.run(PlacedPage, "build_signature_page", plan, draft)

    async def current_state(self, plan: Assembly, target: Path) -> Assembled:
        """Merge and stamp, without certificate and seal. Raises as `complete` does."""
        async with _draft_of(target) as draft:
            return await self._pool.run(Assembled, "assemble", plan, None, (), draft)

    async def complete(self, plan: CompletionPlan, target: Path) -> Completed:
        """Merge, stamp, append the certificate, embed, seal; the file then says the level that it has.

        Raises LevelNotReached when no authority answers as it should, or a proof cannot be had;
        DocumentFailure('value_not_in_document') when a submitted value cannot be found in the result, and
        Rejected('changed_since_intake') when a document has not the hash it had."""
        awake = self._resting.awake(self.policy.authorities)
        if plan.level != B_B and not awake:
            raise LevelNotReached(B_B, f"left alone for a while: {'; '.join(self._resting.words())}")
        assembly = replace(plan.assembly, properties={**plan.assembly.properties, PROPERTY_LEVEL: plan.level})
        order = SealOrder(plan.identity, plan.reason, plan.level, self.policy, awake)
        async with _draft_of(target) as draft:
            # two children: the one that opens the documents never holds the key
            assembled = await self._pool.run(
                Assembled, "assemble", assembly, plan.certificate, plan.attachments, draft
            )
            fault_point("seal.assembled")
            pool = self._pool_for(plan.identity)
            outcome = await pool.run(SealOutcome, "seal", draft, assembled, order, network=self._network)
            self._resting.note(outcome.answered, outcome.failures)
            self._count(outcome.answered, outcome.failures)
            if outcome.completed is None:
                raise LevelNotReached(outcome.possible, outcome.why)
            fault_point("seal.sealed")
            return outcome.completed

    async def verify(self, pdf: Path, roots: Sequence[bytes]) -> Verdict:
        """What a file that claims to be sealed is worth; roots are PEM certificates to trust for seals. For
        timestamps, those of the policy are trusted."""
        return await self._pool.run(Verdict, "verify", pdf, tuple(roots), self.policy.roots)

    async def seal_parts(self, pdf: Path) -> SealParts:
        """What the seal of a file of ours carries. Raises DocumentFailure('no_seal')."""
        return await self._pool.run(SealParts, "seal_parts", pdf)

    async def key_problem(self, identity: SealingIdentity) -> str:
        """Why this key cannot seal, as a sentence for the operator, or empty: tried with the key itself."""
        return await self._pool_for(identity).run(str, "try_key", identity)

    async def authority_problems(self) -> dict[str, str]:
        """For each timestamp authority of the policy, by name: empty, or why its timestamps are no good."""
        return {
            one.name: await self._pool.run(str, "try_authority", self.policy, one, network=self._network)
            for one in self.policy.authorities
        }

    def resting_authorities(self) -> list[str]:
        """What was wrong with each timestamp authority that this process leaves alone for a while."""
        return self._resting.words()

    def _count(self, answered: str, failures: Mapping[str, str]) -> None:
        for one in self.policy.authorities:
            if one.url == answered:
                TIMESTAMPS.add(one.name, "given")
            elif one.url in failures:
                TIMESTAMPS.add(one.name, "failed")

    @property
    def running(self) -> int:
        """How many children are at work."""
        return self._pool.running + self._token_pool.running

    def _pool_for(self, identity: SealingIdentity) -> Pool:
        return self._token_pool if identity.token is not None else self._pool


@asynccontextmanager
async def _draft_of(target: Path) -> AsyncIterator[Path]:
    """A path that takes the target's place when the block ends well, and is gone when it does not."""
    draft = target.with_name(f".{target.name}.{secrets.token_hex(8)}.draft")
    try:
        yield draft
        await asyncio.to_thread(take_place, draft, target)
    finally:
        draft.unlink(missing_ok=True)
