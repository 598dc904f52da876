"""What strangers' bytes get into, each as a function of bytes: it may refuse by name, and nothing else.

``run.py`` feeds them by coverage (atheris), ``test_fuzz.py`` by hypothesis. A target raises for what must not happen.
"""

from __future__ import annotations

import os
import struct
import tempfile
from collections.abc import AsyncIterator, Callable, Coroutine
from dataclasses import replace
from pathlib import Path
from typing import Any

from sqlalchemy.dialects import postgresql, sqlite
from starlette.requests import Request as WebRequest

from paraph.fields import BadPattern, OffThePages, PageSize, check_pattern, land, read_tags
from paraph.fields.patterns import Matcher
from paraph.fields.shapes import FormField, PlannedField, Spot
from paraph.fields.tags import BadTag, parse_tag
from paraph.kit.caller import Caller, Client
from paraph.kit.errors import ParaphError
from paraph.kit.http.authentication import read_credential
from paraph.kit.http.client import client_of, is_loopback
from paraph.kit.http.languages import choices, wanted_language
from paraph.kit.settings import Settings
from paraph.kit.wire import DEFAULT_LIMITS, Page, decode, encode, read_body, strict_flat, tree_from_query
from paraph.oauth.parameters import read_parameters
from paraph.signature_requests.detect_wire import DetectBody
from paraph.signature_requests.search import searched
from paraph.signature_requests.wire import ListQuery, SendBody
from paraph.signing.drawing import Unusable, read_drawing, svg_path, trimmed

Target = Callable[[bytes], None]

ME = Caller("api_key", 1, "a" * 40, "me@example.com", Client("203.0.113.7", ""))
SETTINGS = Settings(public_url="https://sign.example.com", trusted_proxies="10.0.0.0/8,fd00::/8")
KINDS = (
    "application/json",
    "application/x-www-form-urlencoded",
    "multipart/form-data; boundary=odd",
    "multipart/form-data; boundary=",
    "multipart/form-data",
    "text/plain",
    "application/vnd.api+json",
    "",
)
BODY_LIMITS = replace(DEFAULT_LIMITS, body_bytes=1 << 20, memory_for_files=64)
"""Small enough that files of a few bytes go to the disk."""

SPOOLS = Path(tempfile.mkdtemp(prefix="paraph-fuzz-"))
CHUNK_BYTES = (1, 3, 7, 64, 1000, 1 << 20)


def body(data: bytes) -> None:
    """A request body in any encoding, in chunks of any size, read into the largest struct there is."""
    if len(data) < 2:
        return
    kind, size = KINDS[data[0] % len(KINDS)], CHUNK_BYTES[data[1] % len(CHUNK_BYTES)]
    try:
        _run(_read_body(data[2:], kind, size))
    except ParaphError as refused:
        _told(refused)
    assert not os.listdir(SPOOLS), "a file of the body was left behind"


def flat(data: bytes) -> None:
    """The body of a protocol endpoint."""
    kind = KINDS[data[0] % len(KINDS)] if data else ""
    try:
        parameters, _ = _run(strict_flat(_chunks(data[1:], 100), content_type=kind))
        encode(parameters)
    except ParaphError as refused:
        _told(refused)


def query(data: bytes) -> None:
    """A query string, of a list and of an authorization."""
    encode(sorted(read_parameters(data.decode("latin-1")).repeated))
    for struct_type in (Page, ListQuery):
        try:
            decode(dict(tree_from_query(data)), struct_type)
        except ParaphError as refused:
            _told(refused)


def search(data: bytes) -> None:
    """A search over signature requests, down to SQL for both engines."""
    text = data.decode("utf-8", "ignore").replace("\x00", "")[:1000]
    try:
        found = searched(text, ME)
    except ParaphError as refused:
        _told(refused)
        return
    for dialect in (sqlite.dialect(), postgresql.dialect()):
        found.condition.compile(dialect=dialect)


def tags(data: bytes) -> None:
    """Text tags: the words of a document, a line each."""
    lines = data.decode("utf-8", "ignore").split("\n")
    for line in lines:
        try:
            parse_tag(line)
        except BadTag as bad:
            assert bad.sentence
    reading = read_tags(lines, signers=3, taken=("taken",))
    ids = [one.field.api_id for one in reading.fields]
    assert len(ids) == len(set(ids)), "two fields with one id"
    assert all(0 < len(one) <= 255 for one in ids)  # the column: an id of 200 characters and a number


def pattern(data: bytes) -> None:
    """A sender's regular expression, over a signer's text; Matcher keeps its own time."""
    expression, _, text = data.decode("utf-8", "ignore").partition("\n")
    try:
        check_pattern(expression)
    except BadPattern as bad:
        assert str(bad)
        return
    Matcher().matches(expression, text[:2000])


def coordinates(data: bytes) -> None:
    """Where a field goes, whatever numbers say so."""
    if len(data) < 36:
        return
    x, y, width, height = struct.unpack("<4d", data[:32])
    page, pages = data[32] % 5, 1 + data[33] % 4
    kept = all(number == number and abs(number) <= 1_000_000 for number in (x, y, width, height))
    if not kept or width <= 0 or height <= 0:
        return  # what the decoder lets through: fields/wire.py
    sizes = [PageSize(72 + data[34] * 8, 72 + data[35] * 8)] * pages
    planned = PlannedField(FormField("f", "text", 0), Spot(0, page or None, x, y, width, height))
    try:
        place = land(planned, sizes).placed.place
    except OffThePages as refused:
        assert refused.sentence
        return
    size = sizes[place.page - 1]
    assert place.width > 0 and place.height > 0
    assert -0.01 <= place.x <= place.x + place.width <= size.width + 0.01
    assert -0.01 <= place.y <= place.y + place.height <= size.height + 0.01


def headers(data: bytes) -> None:
    """Headers and cookies, a line each: language, credentials, forwarded addresses, host."""
    names = (b"accept-language", b"cookie", b"authorization", b"x-forwarded-for", b"host", b"user-agent")
    lines = data.split(b"\n")
    path, query_string = (lines.pop(0).partition(b"?")[::2]) if lines else (b"", b"")
    given = [(names[number % len(names)], line) for number, line in enumerate(lines)]
    scope = {
        "type": "http",
        "method": "GET",
        "path": path.decode("latin-1") or "/",
        "query_string": query_string,
        "headers": given,
        "client": ("10.0.0.1", 1),
        "server": ("127.0.0.1", 80),
        "scheme": "http",
    }
    request = WebRequest(scope)
    assert wanted_language(request).code
    assert choices(request)
    assert len(client_of(request, SETTINGS).address) <= 64
    assert is_loopback(request, SETTINGS) is False
    try:
        read_credential(request.headers.getlist("authorization"), "https://sign.example.com")
    except ParaphError as refused:
        _told(refused)


def strokes(data: bytes) -> None:
    """The JSON of a drawn signature."""
    try:
        drawing = read_drawing(data.decode("utf-8", "surrogateescape"))
    except Unusable as refused:
        assert str(refused)
        return
    small = trimmed(drawing)
    assert all(0 <= value <= 1 for line in small.lines for point in line for value in point)
    path = svg_path(small, 600, 200)
    assert "nan" not in path and "inf" not in path
    assert read_drawing(drawing.as_json()).lines == drawing.lines


def picture(data: bytes) -> None:
    """An uploaded picture of a signature; in production in a child of its own."""
    from paraph.documents.intake.mark_picture import MAX_SIDE, safe_picture
    from paraph.documents.rejected import Rejected

    try:
        found = safe_picture(data)
    except Rejected as refused:
        assert refused.sentence
        return
    assert max(found.size) <= MAX_SIDE
    assert found.mode == "RGBA"


def pdf(data: bytes) -> None:
    """An upload; in production in a child of its own. What was taken in, every later step can read."""
    from paraph.documents import Limits
    from paraph.documents.rejected import Rejected
    from paraph.documents.tasks import TASKS

    limits = Limits(cpu_seconds=20, wall_seconds=30)
    source, target = SPOOLS / "upload", SPOOLS / "taken.pdf"
    source.write_bytes(data)
    try:
        taken = TASKS["intake"](limits, source, target)
        assert taken.page_count == len(TASKS["measure"](limits, target))
        TASKS["find_texts"](limits, target)
        TASKS["render_page"](limits, target, 1, 200)
    except Rejected as refused:
        assert refused.sentence
    finally:
        for left in SPOOLS.iterdir():
            left.unlink()


def sealed(data: bytes) -> None:
    """A file that says it was sealed: a verdict, whatever it holds."""
    from paraph.documents import Limits
    from paraph.documents.tasks import TASKS
    from paraph.signature_requests import finding_json
    from paraph.signature_requests.carried import carried_in
    from paraph.signature_requests.verification import Finding

    source = SPOOLS / "sealed.pdf"
    source.write_bytes(data)
    try:
        verdict = TASKS["verify"](Limits(), source, [])
        encode(finding_json(Finding(verdict, carried_in(verdict), False, None)))
        assert verdict.state != "sealed_intact", "nobody's seal can be intact without a trusted root"
    finally:
        source.unlink()


TARGETS: dict[str, Target] = {
    "body": body,
    "flat": flat,
    "query": query,
    "search": search,
    "tags": tags,
    "pattern": pattern,
    "coordinates": coordinates,
    "headers": headers,
    "strokes": strokes,
    "picture": picture,
    "pdf": pdf,
    "sealed": sealed,
}
HEAVY = ("picture", "pdf", "sealed")
"""Through libraries in C: fewer inputs a second."""


async def _read_body(data: bytes, kind: str, size: int) -> None:
    chunks = _chunks(data, size)
    async with read_body(chunks, content_type=kind, limits=BODY_LIMITS, spool_dir=SPOOLS) as found:
        for into in (SendBody, DetectBody):
            try:
                found.decode(into)
            except ParaphError as refused:
                _told(refused)


async def _chunks(data: bytes, size: int) -> AsyncIterator[bytes]:
    for start in range(0, len(data), size):
        yield data[start : start + size]


def _run(coroutine: Coroutine[Any, Any, Any]) -> Any:
    """To its end, without an event loop: nothing in it may wait."""
    try:
        coroutine.send(None)
    except StopIteration as done:
        return done.value
    raise AssertionError("reading a body that is there waited for something")


def _told(refused: ParaphError) -> None:
    assert 400 <= refused.status < 500
    assert refused.message
    encode({"message": refused.message, "path": refused.path})


if __name__ == "__main__":
    print(*TARGETS)
