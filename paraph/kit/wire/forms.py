"""multipart/form-data and application/x-www-form-urlencoded as (name, value) pairs, in order of arrival."""

from __future__ import annotations

import re
from collections.abc import AsyncIterable
from urllib.parse import parse_qsl, unquote_to_bytes

from multipart import (
    MultipartError,
    MultipartSegment,
    ParserLimitReached,
    PushMultipartParser,
    parse_options_header,
)

from paraph.kit.errors import BadRequest, ParaphError
from paraph.kit.wire.files import FileWriter, Spool, display_name
from paraph.kit.wire.keys import Pair
from paraph.kit.wire.limits import Limits, TooLarge, in_words

LONGEST_BOUNDARY_BYTES = 200

TEXT_PART_TYPES = frozenset({None, "", "text/plain", "application/json", "application/x-www-form-urlencoded"})
TEXT_CHARSETS = frozenset({"utf-8", "utf8", "us-ascii", "ascii", "iso-8859-1", "latin1"})
PLAIN_TRANSFER_ENCODINGS = frozenset({"", "7bit", "8bit", "binary"})

# urllib3 before 1.25, under the older Python SDKs, writes non-ASCII names only in this RFC 2231 form.
_EXTENDED = r";\s*{}\*\s*=\s*utf-8'[^';]*'([^;\s]+)"
_EXTENDED_NAME = re.compile(_EXTENDED.format("name"), re.IGNORECASE)
_EXTENDED_FILENAME = re.compile(_EXTENDED.format("filename"), re.IGNORECASE)


def urlencoded_pairs(text: bytes, limits: Limits) -> list[Pair]:
    """The pairs of an urlencoded body or query string; blank values are kept.

    Raises BadRequest for text that is not UTF-8, TooLarge for too many pairs.
    """
    if text.count(b"&") >= limits.pairs:
        raise TooLarge(f"The form has more than {limits.pairs} parameters.")
    try:
        pairs = parse_qsl(text.decode(), keep_blank_values=True, errors="strict")
    except ValueError as error:
        raise BadRequest("The form is not valid UTF-8 text.", detail=str(error)) from error
    return [(name, value) for name, value in pairs if name]


async def multipart_pairs(
    chunks: AsyncIterable[bytes], content_type: str, limits: Limits, spool: Spool
) -> list[Pair]:
    """The pairs of a multipart body; file parts go to ``spool`` as they arrive.

    Raises BadRequest for a malformed body, TooLarge past the limits; what ``chunks`` raises passes through.
    """
    parser = PushMultipartParser(
        _boundary(content_type),
        max_header_size=limits.header_bytes,
        max_header_count=limits.headers_per_part,
        header_charset="latin-1",  # keeps the bytes of a name; _utf8 decodes them
    )
    parts = _Parts(limits, spool)
    try:
        async for chunk in chunks:
            if chunk:
                for event in parser.parse(chunk):
                    parts.take(event)
        parser.close()
    except MultipartError as error:
        raise _in_our_words(error, limits) from error
    return parts.pairs


class _Parts:
    """Receives the events of the parser and collects the finished parts."""

    def __init__(self, limits: Limits, spool: Spool) -> None:
        self.pairs: list[Pair] = []
        self._limits = limits
        self._spool = spool
        self._count = 0
        self._text_left = limits.text_bytes
        self._part: _TextPart | _UploadedPart | None = None

    def take(self, event: MultipartSegment | bytes | None) -> None:
        if event is None:
            self._finish()
        elif isinstance(event, MultipartSegment):
            self._begin(event)
        elif self._part is not None:
            self._part.write(event)

    def _begin(self, segment: MultipartSegment) -> None:
        self._count += 1
        if self._count > self._limits.parts:
            raise TooLarge(f"The request has more than {self._limits.parts} parts.")
        name = _part_name(segment)
        if len(name) > self._limits.key_chars:
            raise TooLarge(f"The name of a part is longer than {self._limits.key_chars} characters.")
        _refuse_transfer_encoding(segment, name)
        filename = _part_filename(segment)
        if filename is None and segment.content_type in TEXT_PART_TYPES:
            self._part = _TextPart(name, segment.charset, self._limits, self._text_left)
        else:
            writer = self._spool.begin(name, display_name(filename or ""), segment.content_type or "")
            self._part = _UploadedPart(name, writer, nothing_chosen=filename == "")

    def _finish(self) -> None:
        part, self._part = self._part, None
        if part is None:
            return
        self._text_left -= part.text_bytes
        pair = part.finish()
        if pair is not None:
            self.pairs.append(pair)


class _TextPart:
    """A part without a file name: text, held in memory and therefore bounded."""

    def __init__(self, name: str, charset: str | None, limits: Limits, text_left: int) -> None:
        self.text_bytes = 0
        self._name = name
        self._charset = (charset or "utf-8").lower()
        self._limits = limits
        self._text_left = text_left
        self._chunks: list[bytes] = []

    def write(self, chunk: bytes) -> None:
        self.text_bytes += len(chunk)
        if self.text_bytes > self._limits.text_part_bytes:
            limit = in_words(self._limits.text_part_bytes)
            raise TooLarge(
                f"{self._name} is larger than {limit}. Upload files with a file name on their part.",
                path=self._name,
            )
        if self.text_bytes > self._text_left:
            raise TooLarge(f"The text of the request is larger than {in_words(self._limits.text_bytes)}.")
        self._chunks.append(chunk)

    def finish(self) -> Pair:
        if self._charset not in TEXT_CHARSETS:
            charset = self._charset[:40]
            raise BadRequest(f"{self._name} uses the charset {charset}; send UTF-8.", path=self._name)
        try:
            return self._name, b"".join(self._chunks).decode(self._charset)
        except UnicodeDecodeError as error:
            raise BadRequest(
                f"{self._name} is not {self._charset.upper()} text. If it is a file, send its file name too.",
                path=self._name,
            ) from error


class _UploadedPart:
    """A part with a file name, or with a type that is no text."""

    text_bytes = 0

    def __init__(self, name: str, writer: FileWriter, *, nothing_chosen: bool) -> None:
        self._name = name
        self._nothing_chosen = nothing_chosen
        self._writer = writer
        self.write = writer.write

    def finish(self) -> Pair | None:
        file = self._writer.finish()
        if file.size == 0 and self._nothing_chosen:
            return None  # how a browser sends a file input in which nothing was chosen
        return self._name, file


def _boundary(content_type: str) -> str:
    boundary: str = parse_options_header(content_type)[1].get("boundary", "")
    if not boundary or "\n" in boundary or len(boundary.encode()) > LONGEST_BOUNDARY_BYTES:
        raise BadRequest("The Content-Type multipart/form-data needs a boundary parameter.")
    return boundary


def _part_name(segment: MultipartSegment) -> str:
    extended = _EXTENDED_NAME.search(segment["Content-Disposition"])
    raw = unquote_to_bytes(extended[1]) if extended else (segment.name or "").encode("latin-1")
    try:
        name = raw.decode()
    except UnicodeDecodeError as error:
        raise BadRequest("The name of a part is not valid UTF-8.") from error
    if not name:
        raise BadRequest("A part of the request has no name.")
    return name


def _part_filename(segment: MultipartSegment) -> str | None:
    extended = _EXTENDED_FILENAME.search(segment["Content-Disposition"])
    if extended:
        raw = unquote_to_bytes(extended[1])
    elif segment.filename is None:
        return None
    else:
        raw = segment.filename.encode("latin-1")
    # A file name is only ever shown: an old client's Latin-1 is no reason to refuse its file.
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return raw.decode("latin-1")


def _refuse_transfer_encoding(segment: MultipartSegment, name: str) -> None:
    # RFC 7578 section 4.7 deprecates it; ignoring base64 would store the encoded text as the document.
    encoding = str(segment.header("Content-Transfer-Encoding", "")).strip().lower()
    if encoding not in PLAIN_TRANSFER_ENCODINGS:
        raise BadRequest(
            f"{name} uses Content-Transfer-Encoding {encoding[:40]}; send the bytes as they are.", path=name
        )


def _in_our_words(error: MultipartError, limits: Limits) -> ParaphError:
    detail = str(error)
    if isinstance(error, ParserLimitReached):
        size, count = in_words(limits.header_bytes), limits.headers_per_part
        return TooLarge(f"A part has a header over {size} or more than {count} headers.", detail=detail)
    if "end of multipart stream" in detail:
        return BadRequest("The multipart body ends before its closing boundary.", detail=detail)
    return BadRequest(f"The multipart body is malformed: {detail}.", detail=detail)
