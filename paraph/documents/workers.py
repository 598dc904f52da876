"""The room's door for everything that opens a file: each call is one or two sandboxed children."""

import asyncio
import os
import secrets
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

from paraph.documents.conversion import OfficeConverter
from paraph.documents.findings import FoundText, HiddenTexts
from paraph.documents.limits import Limits
from paraph.documents.plans import Assembled, Assembly, Completed, CompletionPlan, Verdict
from paraph.documents.sandbox import Pool
from paraph.documents.shapes import NormalisedDocument, PlacedPage, SignaturePagePlan, TakenPicture
from paraph.documents.storing import take_place
from paraph.documents.taking_in import take_in_any


class DocumentWorkers:
    """Sandboxed work on documents, at most `concurrency` tasks at a time.

    Nothing is started before the first call. Every method may be awaited from any event loop and may be
    cancelled: the child is then killed. Every target is written whole or not at all, durably.
    Raises Rejected (the file's fault) or DocumentFailure (ours).
    """

    def __init__(
        self, limits: Limits | None = None, concurrency: int | None = None, *, office: OfficeConverter | None = None
    ) -> None:
        """office converts what is no PDF, picture or text; without it such files are refused."""
        self.limits = limits or Limits()
        self.office = office or OfficeConverter(None)
        self._pool = Pool(self.limits, concurrency or os.cpu_count() or 1)

    async def __aenter__(self) -> "DocumentWorkers":
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    async def stop(self) -> None:
        """Ends all children; the next call would start them again."""
        await self._pool.stop()

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
        """Merge, stamp, append the certificate, embed, seal.

        Raises DocumentFailure('value_not_in_document') when a submitted value cannot be found in the
        result, and Rejected('changed_since_intake') when a document has not the hash it had."""
        async with _draft_of(target) as draft:
            # two children: the one that opens the documents never holds the key
            assembled = await self._pool.run(
                Assembled, "assemble", plan.assembly, plan.certificate, plan.attachments, draft
            )
            return await self._pool.run(Completed, "seal", draft, assembled, plan.identity, plan.reason)

    async def verify(self, pdf: Path, roots: Sequence[bytes]) -> Verdict:
        """What a file that claims to be sealed is worth; roots are PEM certificates to trust."""
        return await self._pool.run(Verdict, "verify", pdf, tuple(roots))


@asynccontextmanager
async def _draft_of(target: Path) -> AsyncIterator[Path]:
    """A path that takes the target's place when the block ends well, and is gone when it does not."""
    draft = target.with_name(f".{target.name}.{secrets.token_hex(8)}.draft")
    try:
        yield draft
        await asyncio.to_thread(take_place, draft, target)
    finally:
        draft.unlink(missing_ok=True)
