"""Find the fields that a PDF holds already: those of its form, or its text tags. Nothing is kept."""

from __future__ import annotations

import asyncio
import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from paraph.documents import HEAD_BYTES, DocumentFailure, DocumentWorkers, Rejected, sniff
from paraph.fields import Place, PlacedField, read_tags
from paraph.kit.errors import BadRequest, ParaphError
from paraph.kit.outbound import OutboundFailed, OutboundRefused

from .detect_wire import ALL_PAGES
from .form_annotations import fields_of_form

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from paraph.documents import Box
    from paraph.fields import FieldGroup
    from paraph.kit import Kit
    from paraph.kit.wire import FilePart, Notice

    from .detect_wire import DetectBody

PDF: Final = "application/pdf"
MIB: Final = 1024 * 1024
DOWNLOAD_SECONDS: Final = 30.0
ANY_SIGNER: Final = 10_000
"""Nobody was named yet, so a tag may name anyone."""
NO_FORM: Final = (
    "The document has no form fields to fill in. Look for text_tags instead, or place fields with "
    "form_fields_per_document."
)
NO_TAGS: Final = (
    "The document has no text tags. Write tags such as [sig|req|signer1] into it, or look for annotations instead."
)
BUSY: Final = "The document could not be read just now. Try again in a minute."
NO_SIGNATURE: Final = "No signature field was found. Add one, or a page that lists the signers is appended."


@dataclass(frozen=True, slots=True)
class Detection:
    """What was found; fields are in the order of the document."""

    sha256: str
    page_count: int
    fields: tuple[PlacedField, ...] = ()
    groups: tuple[FieldGroup, ...] = ()
    warnings: tuple[Notice, ...] = ()
    errors: tuple[str, ...] = ()
    suggestions: tuple[str, ...] = ()


async def detect_fields(body: DetectBody, kit: Kit) -> Detection:
    """Read the document; raises BadRequest that names ``file``, ``file_url`` or ``page_range``."""
    chosen = Pages.of(body.page_range)
    name = "file" if body.file is not None else "file_url"
    async with kit.files.workspace() as folder:
        source = await _fetched(body, folder / "upload.pdf", kit)
        try:
            await asyncio.to_thread(_check_kind, source)
            if body.detection_mode == "annotations":
                return await _annotations(source, chosen, kit)
            return await _tags(source, folder / "document.pdf", chosen, kit)
        except Rejected as rejected:
            raise BadRequest(f"{name} cannot be used. {rejected.sentence}", path=name) from rejected
        except DocumentFailure as failure:
            raise ParaphError(BUSY, name="unavailable", status=503, detail=str(failure)) from failure


@dataclass(frozen=True, slots=True)
class Pages:
    """The pages that were asked for, counted from 0, as first and last; none are all."""

    ranges: tuple[tuple[int, int], ...] = ()

    @classmethod
    def of(cls, text: str) -> Pages:
        """Reads what ``PAGE_RANGE`` accepts; raises BadRequest for a range that ends before it begins."""
        if text == ALL_PAGES:
            return cls()
        ranges = []
        for part in text.split(","):
            first, _, last = part.partition("-")
            if int(last or first) < int(first):
                raise BadRequest(f"page_range: {part} ends before it begins.", path="page_range")
            ranges.append((int(first), int(last or first)))
        return cls(tuple(ranges))

    def check(self, page_count: int) -> None:
        """Raises BadRequest when a page is not there."""
        last = max((last for _, last in self.ranges), default=0)
        if self.ranges and last >= page_count:
            pages = "1 page" if page_count == 1 else f"{page_count} pages"
            raise BadRequest(
                f"page_range names page {last}, but the document has {pages}, counted from 0.", path="page_range"
            )

    def among(self, fields: Iterable[PlacedField]) -> tuple[PlacedField, ...]:
        """The fields that lie on these pages."""
        return tuple(one for one in fields if not self.ranges or self.has(one.place.page - 1))

    def has(self, page: int) -> bool:
        return any(first <= page <= last for first, last in self.ranges)


async def _annotations(source: Path, chosen: Pages, kit: Kit) -> Detection:
    found = await kit.service(DocumentWorkers).detect_form_fields(source)
    chosen.check(found.page_count)
    form = fields_of_form(found.fields)
    fields = chosen.among(form.fields)
    groups = _used(form.groups, fields)
    return Detection(found.sha256, found.page_count, fields, groups, form.warnings, (), _hints(fields, NO_FORM))


async def _tags(source: Path, target: Path, chosen: Pages, kit: Kit) -> Detection:
    workers = kit.service(DocumentWorkers)
    document = await workers.intake(source, target)
    chosen.check(document.page_count)
    texts = [text for text in await workers.find_texts(target) if not chosen.ranges or chosen.has(text.page - 1)]
    reading = read_tags([text.text for text in texts], signers=ANY_SIGNER)
    fields = tuple(PlacedField(one.field, _place(texts[one.text].box)) for one in reading.fields)
    errors = tuple(problem.sentence for problem in reading.problems)
    sha256 = await asyncio.to_thread(_sha256, source)
    return Detection(sha256, document.page_count, fields, reading.groups, (), errors, _hints(fields, NO_TAGS))


def _used(groups: Iterable[FieldGroup], fields: Iterable[PlacedField]) -> tuple[FieldGroup, ...]:
    used = {one.field.group for one in fields}
    return tuple(group for group in groups if group.group_id in used)


def _hints(fields: tuple[PlacedField, ...], when_empty: str) -> tuple[str, ...]:
    if not fields:
        return (when_empty,)
    return () if any(one.field.kind == "signature" for one in fields) else (NO_SIGNATURE,)


def _place(box: Box) -> Place:
    return Place(0, box.page, box.x, box.y, box.width, box.height)


async def _fetched(body: DetectBody, target: Path, kit: Kit) -> Path:
    if body.file is not None:
        return await asyncio.to_thread(_kept, body.file, target, kit.settings.max_file_bytes)
    url = body.file_url or ""
    try:
        await kit.outbound.download(url, target, max_bytes=kit.settings.max_file_bytes, seconds=DOWNLOAD_SECONDS)
    except (OutboundRefused, OutboundFailed) as failed:
        raise BadRequest(f"file_url cannot be fetched: {failed}.", path="file_url") from failed
    return target


def _kept(part: FilePart, target: Path, most: int) -> Path:
    """The uploaded part as a file; raises BadRequest when it is too large."""
    if part.size > most:
        raise BadRequest(f"file is larger than {most / MIB:g} MB. Split it into smaller files.", path="file")
    with part.open() as uploaded:
        target.write_bytes(uploaded.read())
    return target


def _check_kind(source: Path) -> None:
    with source.open("rb") as file:
        if sniff(file.read(HEAD_BYTES)) != PDF:
            raise Rejected("not_a_pdf")


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
