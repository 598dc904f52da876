"""What the fuzzers begin with: inputs that are right, or wrong in an interesting way, for each target."""

from __future__ import annotations

import json
import struct
from pathlib import Path

from tests.documents import samples, tagged
from tests.documents.nasty import NASTY
from tests.helpers.signing import DRAWING, signature_picture
from tests.hostile import odd
from tests.hostile.world import ASKING, FORM

from .targets import KINDS

FIXTURES = Path(__file__).parents[2] / "fixtures" / "sealed-0.1"
CORPUS = Path(__file__).parent / "corpus"
MOST_BYTES = 60_000

_SEND = {
    "title": "NDA",
    "signers": [{"name": "Jack", "email_address": "jack@example.com", "order": 0}],
    "file_urls": ["https://files.example.com/x.pdf"],
    "metadata": {"a": 1},
    **ASKING,
    **FORM,
}
_MULTIPART = (
    b'--odd\r\nContent-Disposition: form-data; name="files[0]"; filename="a.pdf"\r\n'
    b"Content-Type: application/pdf\r\n\r\n"
    b"%PDF-1.7" + b"x" * 200 + b'\r\n--odd\r\nContent-Disposition: form-data; name="signers[0][name]"\r\n\r\nJack\r\n'
    b'--odd\r\nContent-Disposition: form-data; name="signers"\r\n\r\n[{"name": "J"}]\r\n--odd--\r\n'
)
_TAGS = (
    "[sig|req|signer1]\n[text|noreq|signer2|Label|id1|email_address|firstName]\n[def:$a|check|req1-2|signer1|G|x]\n[$a]\n"
    "[check|require_1-ormore|signer3]\n[initial|req|signer 2]\n[text-merge|noreq|sender|Price|taken]\n[yes|no]"
)
_SEARCHES = (
    "title:nda AND NOT complete:true",
    'from:me OR to:"jack@example.com"~2',
    "created:[2026-01-01 TO 2026-06-30]",
    "(a OR (b AND metadata:x)) -c +d e* f? /g/",
    "created:{* TO 9999-12-31]",
)
_PATTERNS = (
    "^[a-z]+$\nabc",
    "(a+)+$\n" + "a" * 40 + "!",
    r"(?<n>\d{1,3})\k<n>\n11",
    "(?i)x{2,5}?\nXX",
    "[[:alpha:]]\na",
)
_HEADERS = (
    b"/sign/x?locale=de_DE&a=b\nde-CH, de;q=0.9, en;q=0.8, *;q=0.1\nparaph_language=ja; a=b\nBearer pa_x\n"
    b"10.0.0.2, ::1%e\nlocalhost:80\nMozilla"
)
_NUMBERS = ((10, 10, 100, 20, 1), (-5, 900, 1e6, 1, 0), (0, 3000, 10, 10, 0), (600, 800, 50, 50, 2))


def seeds(name: str) -> list[bytes]:
    """All seeds of a target: those made here, and the corpus kept in the repository."""
    folder = CORPUS / name
    kept = [path.read_bytes() for path in sorted(folder.iterdir())] if folder.is_dir() else []
    return [seed[:MOST_BYTES] for seed in (*_MADE[name](), *kept)]


def _bodies() -> list[bytes]:
    encoded = [write(_SEND) for write in (odd.as_json, odd.as_form, odd.as_multipart, odd.as_json_parts)]
    found = [bytes([_kind(kind), 4]) + content for kind, content in encoded]
    found += [bytes([2, place]) + _MULTIPART for place in range(6)]
    return [
        *found,
        bytes([0, 1]) + b'{"signers": {"0": {"name": {}}}, "a": 1e999}',
        bytes([1, 0]) + b"a[0][b]=1&a[01]=2&a=%ff",
    ]


def _kind(content_type: str) -> int:
    return next(place for place, kind in enumerate(KINDS) if kind.partition(";")[0] == content_type.partition(";")[0])


def _flats() -> list[bytes]:
    form = b"grant_type=refresh_token&refresh_token=pr_x&client_id=a&client_secret=b"
    return [
        b"\x01" + form,
        b'\x00{"grant_type": "authorization_code", "code": "x", "state": null}',
        b"\x02" + _MULTIPART,
    ]


def _pdfs() -> list[bytes]:
    small = [samples.text_pdf_bytes(), samples.picture(), tagged.plain(), b"plain text\n"]
    nasty = [maker() for _, (maker, _) in sorted(NASTY.items())[::6]]
    return [data for data in (*map(_bytes, small), *nasty) if len(data) <= MOST_BYTES]


def _bytes(made: object) -> bytes:
    return made if isinstance(made, bytes) else samples.pdf_bytes(made)  # type: ignore[arg-type]


_MADE = {
    "body": _bodies,
    "flat": _flats,
    "query": lambda: [
        b"page=2&page_size=20&query=title%3Anda&account_id=all",
        b"client_id=a&redirect_uri=https%3A%2F%2Fx&state=%ff&scope=a+b&scope=c",
    ],
    "search": lambda: [text.encode() for text in _SEARCHES],
    "tags": lambda: [_TAGS.encode(), *(line.encode() for line in _TAGS.split("\n"))],
    "pattern": lambda: [text.encode() for text in _PATTERNS],
    "coordinates": lambda: [
        struct.pack("<4d4B", *map(float, numbers[:4]), numbers[4], 2, 70, 90) for numbers in _NUMBERS
    ],
    "headers": lambda: [_HEADERS],
    "strokes": lambda: [
        DRAWING.encode(),
        json.dumps({"lines": [[[0, 0]]], "aspect": 1e-9}).encode(),
        b'{"lines": [[]]}',
    ],
    "picture": lambda: [signature_picture(60, 20), signature_picture(60, 20, "JPEG"), samples.picture((40, 20), "L")],
    "pdf": _pdfs,
    "sealed": lambda: [path.read_bytes() for path in sorted(FIXTURES.glob("own-*.pdf"))],
}
