"""What nobody should send: odd texts, odd values, and bodies made of them in every encoding."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import quote_from_bytes

from hypothesis import strategies as st

NUL, LONE = "a\x00b", "a\ud800b"
BOUNDARY = "odd"

TEXTS = (
    "",
    " ",
    "\x00",
    NUL,
    LONE,
    "null",
    "[",
    '{"a":',
    "[[]]",
    '{"0":{"name":1}}',
    "-1",
    "0",
    "1.5",
    str(2**31),
    str(2**63 - 1),
    str(2**63),
    "-" + "9" * 400,
    "1e400",
    "NaN",
    "٣",
    "²",
    "x" * 41,
    "x" * 260,
    "x" * 321,
    "é" * 5001,
    "y" * 50_000,
    "a" * 250 + "@example.com",
    "a@" + "b." * 120 + "com",
    "ΐ" * 63 + "@" + "x" * 50 + "." + "x" * 50 + ".com",  # three times as long once its case is folded
    "ann@example.com\r\nBcc: eve@example.com",
    "a\r\nSet-Cookie: x=y",
    "\u202egnp.exe",
    "😀" * 200,
    "' OR 1=1 --",
    "<script>alert(1)</script>",
    "{{ 7*7 }}",
    "../../../../etc/passwd",
    "//evil.example/x",
    "https://[::1",
    "https://a:b@evil.example:99999/\\",
    "https://" + "x." * 1200 + "example",
    "a" * 32,
    "a" * 40,
)
texts = st.sampled_from(TEXTS) | st.text(max_size=30)
scalars = (
    texts
    | st.sampled_from((None, True, False, 0, -1, 2**31, 2**63 - 1, -(2**63), 2**63, 2**64, 10**30, 1.5, 1e308, -0.0))
    | st.integers()
)
values = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=3), max_leaves=6
)
headers = (
    st.sampled_from(TEXTS)
    .map(lambda text: text.encode("utf-8", "surrogatepass")[:4000])
    .map(lambda raw: bytes(byte for byte in raw if byte > 31).strip())
)
"""Header values that an HTTP parser lets through; line ends and NUL end at uvicorn's border."""

searches = st.lists(
    st.sampled_from(
        (
            *tuple('()[]{}":^~*?+-!/\\& '),
            "AND",
            "OR",
            "NOT",
            "TO",
            "me",
            "%",
            "_",
            "1e9",
            "99999999999999999999",
            "title:",
            "from:",
            "created:",
            "complete:",
            "metadata:",
            "nonsense:",
            "[2026-01-01 TO 2026-06-30]",
            "[* TO 0000-00-00]",
            "{9999-12-31 TO *]",
        )
    )
    | texts.map(lambda text: text[:60]),
    max_size=12,
).map(" ".join)
"""Texts in the query language of lists, or nearly."""

filenames = st.sampled_from(
    ("", "x", "a\x00b.pdf", "\x00", "..", "a/b\\c", "x" * 4000, "\u202efdp.exe", "'; DROP", "é" * 300)
)

segments = st.sampled_from(
    ("%00", "%ED%A0%80", "%ff", "..", "%2e%2e", "%2F", "%0d%0a", "0", "-1", "9" * 30, "x" * 3000, "a" * 40, "list")
) | st.text(min_size=1, max_size=12).map(lambda text: escaped(text).replace("/", "%2F"))


def escaped(text: str) -> str:
    """Percent-encoded, lone surrogates and all."""
    return quote_from_bytes(text.encode("utf-8", "surrogatepass"), safe="")


@st.composite
def queries(draw: st.DrawFn, names: tuple[str, ...]) -> str:
    """A query string, mostly of names that count; some are given twice."""
    if draw(st.booleans()):
        return ""
    if draw(st.integers(0, 9)) == 0:
        return draw(st.sampled_from(("%", "&&&", "=", "a", "%00=1", "a[=1", "a[b]c=1", "%ff=%fe", "x" * 30_000)))
    named = st.sampled_from(names) | st.sampled_from(("a[]", "a[b][c]", "page[]")) | texts.map(lambda text: text[:40])
    pairs = draw(st.lists(st.tuples(named, texts), min_size=1, max_size=4))
    return "&".join(f"{escaped(name)}={escaped(value[:8000])}" for name, value in pairs)


def replaced(tree: Any, path: tuple[Any, ...], value: Any) -> Any:
    """A copy of ``tree`` with another value at ``path``."""
    if not path:
        return value
    if isinstance(tree, list):
        return [replaced(one, path[1:], value) if place == path[0] else one for place, one in enumerate(tree)]
    return {**tree, path[0]: replaced(tree.get(path[0], {}), path[1:], value)}


def places(tree: Any) -> list[tuple[Any, ...]]:
    """Every place in a tree."""
    found: list[tuple[Any, ...]] = [()]
    members = tree.items() if isinstance(tree, dict) else enumerate(tree) if isinstance(tree, list) else ()
    for key, member in members:
        found += [(key, *below) for below in places(member)]
    return found


def as_json(tree: Any) -> tuple[str, bytes]:
    return "application/json", json.dumps(tree).encode()


def as_form(tree: Any) -> tuple[str, bytes]:
    pairs = (f"{escaped(name)}={escaped(value)}" for name, value in _flat(tree))
    return "application/x-www-form-urlencoded", "&".join(pairs).encode()


def as_multipart(tree: Any) -> tuple[str, bytes]:
    """Brackets for what is nested; some values as files."""
    parts = b""
    for number, (name, value) in enumerate(_flat(tree)):
        raw = name.encode("utf-8", "surrogatepass").replace(b'"', b"%22").replace(b"\r", b"").replace(b"\n", b"")
        file = b'; filename="x\x00.pdf"' if number % 5 == 4 else b""
        parts += b'--%s\r\nContent-Disposition: form-data; name="%s"%s\r\n\r\n' % (BOUNDARY.encode(), raw, file)
        parts += value.encode("utf-8", "surrogatepass") + b"\r\n"
    return f"multipart/form-data; boundary={BOUNDARY}", parts + f"--{BOUNDARY}--\r\n".encode()


def as_json_parts(tree: Any) -> tuple[str, bytes]:
    """What modern SDKs send: JSON in the parts."""
    if not isinstance(tree, dict):
        return as_multipart({"x": tree})
    kept = {name: one if isinstance(one, str) else json.dumps(one) for name, one in tree.items()}
    return as_multipart(kept)


encodings = st.sampled_from((as_json, as_form, as_multipart, as_json_parts))
raw_bodies = st.tuples(
    st.sampled_from(
        (
            "application/json",
            "text/plain",
            "application/x-www-form-urlencoded",
            "multipart/form-data",
            "multipart/form-data; boundary=odd",
            "application/octet-stream",
            "a/b; charset=\xff",
            "",
        )
    ),
    st.binary(max_size=60)
    | st.sampled_from(
        (
            b"[" * 5000,
            b'{"a":' * 500,
            b"a[" * 900 + b"=1",
            b"&" * 12_000,
            b"--odd\r\n\r\n\r\n--odd--\r\n",
            b'--odd\r\nContent-Disposition: form-data; name="\xff"\r\n\r\nx\r\n--odd--\r\n',
            b'--odd\r\nContent-Disposition: form-data; name="a"\r\n'
            b"Content-Type: text/plain; charset=utf-7\r\n\r\n+\r\n--odd--\r\n",
            b'{"title": "\\ud800", "a": 1e999, "b": ' + b"9" * 400 + b"}",
            b'{"signers": {"0": {"name": {}}, "01": [1]}}',
            b"signers[0][name]=x&signers[00][name]=y&signers[name]=z",
            b"files[0][x]=1&files=2&files[]=3",
        )
    ),
)


def _flat(tree: Any, prefix: str = "") -> list[tuple[str, str]]:
    if isinstance(tree, dict) and tree:
        return [
            pair for key, member in tree.items() for pair in _flat(member, f"{prefix}[{key}]" if prefix else str(key))
        ]
    if isinstance(tree, list) and tree:
        return [pair for place, member in enumerate(tree) for pair in _flat(member, f"{prefix}[{place}]")]
    return [(prefix, tree if isinstance(tree, str) else json.dumps(tree))]
