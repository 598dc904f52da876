"""Bodies as real clients put them on the wire, built byte by byte around a real document.

Each client has its own habits: JSON in parts (the SDKs), brackets (curl, the oldest SDKs), per-part lengths (PHP),
an order of its own (Java), file names made up (.NET), JSON inside JSON strings (Ruby).
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from urllib.parse import quote_plus

SIGNERS = [
    {"email_address": "jack@example.com", "name": 'Jack "é"', "order": 0},
    {"email_address": "jill@example.com", "name": "Jill", "order": 1},
]
COPIES = ["a@example.com", "b@example.com"]
METADATA = {"custom_id": 1234, "t": "x", "n": {"k": "v"}, "b": True}
OPTIONS = {"draw": True, "type": True, "upload": True, "phone": False, "default_type": "draw"}


@dataclass(frozen=True)
class WireBody:
    """A body and the headers that its client sends with it."""

    client: str
    content_type: str
    content: bytes
    headers: tuple[tuple[str, str], ...] = ()
    exact_metadata: bool = True


def send_bodies(pdf: bytes) -> list[WireBody]:
    """``POST /v3/signature_request/send`` of the same request, as each client sends it."""
    return [_php(pdf), _ruby(pdf), _java(pdf), _dotnet(pdf), _curl(pdf), _legacy_python(pdf)]


def app_bodies(name: str) -> list[WireBody]:
    """``POST /v3/api_app`` as each client sends it (without a file, so JSON or a form)."""
    oauth = {"callback_url": "https://e.com/cb", "scopes": ["basic_account_info", "request_signature"]}
    natural = {"domains": ["e.com"], "name": f"{name} php", "oauth": oauth}
    php = json.dumps(natural, separators=(",", ":")).replace("/", "\\/")
    ruby = {"domains": json.dumps(["e.com"]), "name": f"{name} ruby", "oauth": json.dumps(oauth)}
    pairs = [
        ("name", f"{name} php legacy"),
        ("domain", "e.com"),
        ("oauth[callback_url]", "https://e.com/cb"),
        ("oauth[scopes]", "basic_account_info,request_signature"),
    ]
    legacy = "&".join(f"{quote_plus(key)}={quote_plus(value)}" for key, value in pairs)
    return [
        WireBody("php", "application/json", php.encode()),
        WireBody("ruby", "application/json", json.dumps(ruby).encode()),
        WireBody("php legacy", "application/x-www-form-urlencoded", legacy.encode()),
        curl_form(
            [
                ("name", f"{name} curl"),
                ("domains[]", "e.com"),
                ("oauth[callback_url]", "https://e.com/cb"),
                ("oauth[scopes][]", "basic_account_info"),
                ("oauth[scopes][]", "request_signature"),
            ]
        ),
    ]


def simple_bodies(fields: dict[str, str]) -> list[WireBody]:
    """Flat fields (account/verify, account/create, oauth/token) as the documentation's clients send them."""
    urlencoded = "&".join(f"{key}={quote_plus(value)}" for key, value in fields.items())
    return [
        curl_form(list(fields.items())),
        WireBody("curl -d", "application/x-www-form-urlencoded", urlencoded.encode()),
        WireBody("sdk", "application/json", json.dumps(fields).encode()),
    ]


def _part(disposition: str, content: bytes, *more: str) -> bytes:
    lines = [f"Content-Disposition: form-data; {disposition}", *more]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + content + b"\r\n"


def _multipart(boundary: str, parts: list[bytes]) -> bytes:
    return b"".join(f"--{boundary}\r\n".encode() + part for part in parts) + f"--{boundary}--\r\n".encode()


def _fields(dump) -> list[tuple[str, str]]:
    return [
        ("signers", dump(SIGNERS)),
        ("allow_decline", "true"),
        ("cc_email_addresses", dump(COPIES)),
        ("field_options", dump({"date_format": "DD - MM - YYYY"})),
        ("hide_text_tags", "false"),
        ("is_eid", "false"),
        ("message", "Line1\nLine2"),
        ("metadata", dump(METADATA)),
        ("signing_options", dump(OPTIONS)),
        ("subject", "Subj"),
        ("test_mode", "true"),
        ("title", "NDA"),
        ("use_text_tags", "false"),
    ]


def _php(pdf: bytes) -> WireBody:
    boundary = "5f0c1f2a3b4c5d6e7f8091a2b3c4d5e6f7081920"
    parts = []
    for name, value in _fields(lambda data: json.dumps(data, separators=(",", ":")).replace("/", "\\/")):
        content = value.encode()
        parts.append(_part(f'name="{name}"', content, f"Content-Length: {len(content)}"))
    head = ["Content-Type: application/pdf", f"Content-Length: {len(pdf)}"]
    parts.append(_part('name="files[0]"; filename="a b.pdf"', pdf, *head))
    accept = (("Accept", "multipart/form-data"), ("User-Agent", "OpenAPI-Generator/1.10-dev/PHP"))
    return WireBody("php", f"multipart/form-data; boundary={boundary}", _multipart(boundary, parts), accept)


def _ruby(pdf: bytes) -> WireBody:
    boundary = "------------------------d74496d66958873e"
    parts = [_part('name="files[0]"; filename="a b.pdf"', pdf, "Content-Type: application/pdf")]
    dumped = _fields(lambda data: json.dumps(data, separators=(",", ":"), ensure_ascii=False))
    parts += [_part(f'name="{name}"', value.encode()) for name, value in dumped]
    return WireBody("ruby", f"multipart/form-data; boundary={boundary}", _multipart(boundary, parts))


def _java(pdf: bytes) -> WireBody:
    boundary = "Boundary_1_1234567890_1600000000000"
    fields = _fields(lambda data: json.dumps(data, separators=(",", ":"), ensure_ascii=False))
    parts = [_part(f'name="{name}"', value.encode(), "Content-Type: text/plain") for name, value in reversed(fields)]
    second = _part('filename="b.pdf"; name="files[1]"', pdf, "Content-Type: application/pdf")
    first = _part('filename="a.pdf"; name="files[0]"', pdf, "Content-Type: application/pdf")
    parts[3:3] = [second]
    parts[9:9] = [first]  # a HashMap keeps no order
    return WireBody("java", f"multipart/form-data;boundary={boundary}", _multipart(boundary, parts))


def _dotnet(pdf: bytes) -> WireBody:
    boundary = "-----------------------------28947758029299"
    fields = _fields(lambda data: json.dumps(data, separators=(",", ":"), ensure_ascii=False))
    parts = [
        _part(f'name="{name}"', value.encode(), "Content-Type: text/plain; charset=utf-8") for name, value in fields
    ]
    made_up = 'name="files[0]"; filename="no_file_name_provided"'
    parts.append(_part(made_up, pdf, "Content-Type: application/octet-stream"))
    return WireBody("dotnet", f'multipart/form-data; boundary="{boundary}"', _multipart(boundary, parts))


def _curl(pdf: bytes) -> WireBody:
    fields = [
        ("title", "NDA"),
        ("subject", "Subj"),
        ("message", "Line1\nLine2"),
        ("signers[0][email_address]", "jack@example.com"),
        ("signers[0][name]", 'Jack "é"'),
        ("signers[0][order]", "0"),
        ("signers[1][email_address]", "jill@example.com"),
        ("signers[1][name]", "Jill"),
        ("signers[1][order]", "1"),
        ("cc_email_addresses[]", "a@example.com"),
        ("cc_email_addresses[]", "b@example.com"),
        ("metadata[custom_id]", "1234"),
        ("metadata[t]", "x"),
        ("signing_options[draw]", "1"),
        ("signing_options[type]", "1"),
        ("signing_options[upload]", "1"),
        ("signing_options[phone]", "0"),
        ("signing_options[default_type]", "draw"),
        ("field_options[date_format]", "DD - MM - YYYY"),
        ("allow_decline", "1"),
        ("test_mode", "1"),
    ]
    return curl_form(fields, pdf, "files[0]", exact_metadata=False)


def _legacy_python(pdf: bytes) -> WireBody:
    fields = [
        ("title", "NDA"),
        ("subject", "Subj"),
        ("message", "Line1\nLine2"),
        ("signers[1][email_address]", "jack@example.com"),
        ("signers[1][name]", 'Jack "é"'),
        ("signers[1][order]", "0"),
        ("signers[2][email_address]", "jill@example.com"),
        ("signers[2][name]", "Jill"),
        ("signers[2][order]", "1"),
        ("cc_email_addresses[0]", "a@example.com"),
        ("cc_email_addresses[1]", "b@example.com"),
        ("metadata[custom_id]", "1234"),
        ("metadata[t]", "x"),
        (
            "signing_options",
            json.dumps({"draw": True, "type": True, "upload": True, "phone": False, "default": "draw"}),
        ),
        ("field_options", json.dumps({"date_format": "DD - MM - YYYY"})),
        ("use_text_tags", "0"),
        ("hide_text_tags", "0"),
        ("allow_decline", "1"),
        ("test_mode", "1"),
    ]
    return curl_form(fields, pdf, "file[1]", client="python legacy", exact_metadata=False)


def curl_form(
    fields: list[tuple[str, str]],
    pdf: bytes = b"",
    *file_names: str,
    client: str = "curl -F",
    exact_metadata: bool = True,
) -> WireBody:
    """A form as curl sends it, with the same document under each of the file names."""
    boundary = "------------------------0cadf304bfb918fa"
    parts = [_part(f'name="{name}"', value.encode()) for name, value in fields]
    for file_name in file_names:
        parts.append(_part(f'name="{file_name}"; filename="nda.pdf"', pdf, "Content-Type: application/pdf"))
    content = _multipart(boundary, parts)
    return WireBody(client, f"multipart/form-data; boundary={boundary}", content, exact_metadata=exact_metadata)
