"""The bodies that real clients send decode to what their callers meant (behaviour sheet, G).

Recorded from the programs themselves: ``python_*`` (dropbox-sign 2.0.0), ``node_*`` (@dropbox/sign 1.11.0) and
``curl_*``. Written after the sheet's description, for lack of the runtimes: Ruby, PHP, Java, .NET, legacy.
"""

from __future__ import annotations

import hashlib

import pytest

from tests.kit.wire.clients import capture, read, read_as
from tests.kit.wire.shapes import AppCreate, AppUpdate, Send, SendWithTemplate, Signer

PDF_SHA256 = hashlib.sha256(b"%PDF-1.4\n1 0 obj\r\n<<>>\r\n--\r\nendobj\r\n%%EOF\n").hexdigest()

JACK = Signer(name='Jack "é"', email_address="jack@example.com", order=0, pin="1234")
JILL = Signer(name="Jill", email_address="jill@example.com", order=1)

SDK_UPLOADS = {
    "python_multipart": ["a b.pdf", "files[1]"],
    "node_multipart": ["a b.pdf", "nämé.pdf"],
    "ruby_multipart": ["a b.pdf", "nämé.pdf"],
    "php_multipart": ["a b.pdf", "nämé.pdf"],
    "java_multipart": ["a b.pdf", "nämé.pdf"],
    "dotnet_multipart": ["a b.pdf", "no_file_name_provided"],
    "legacy_python_multipart": ["a b.pdf", "nämé.pdf"],
}
CURL_UPLOADS = {
    "curl_brackets": ["a b.pdf", "x.pdf"],
    "curl_legacy_file": ["x.pdf"],
    "curl_bare_files": ["a b.pdf", "x.pdf"],
}
CHUNK_SIZES = [1, 7, 64, 65_536]


def assert_meant(sent: Send) -> None:
    """What every captured send has in common."""
    assert (sent.title, sent.subject, sent.message) == ("NDA", "Subj", "Line1\nLine2")
    assert sent.test_mode is True
    assert sent.allow_decline is False
    assert sent.expires_at == 1_900_000_000
    assert sent.cc_email_addresses == ["a@example.com", "b@example.com"]
    assert sent.field_options is not None
    assert sent.field_options.date_format == "DD - MM - YYYY"
    assert sent.signing_options is not None
    assert (sent.signing_options.default_type, sent.signing_options.draw) == ("draw", True)
    assert sent.merge_fields == []


def assert_sdk_details(sent: Send) -> None:
    assert sent.signers == [JACK, JILL]
    assert sent.metadata == {"custom_id": 1234, "t": "x", "n": {"k": "v"}, "b": True}
    [field] = sent.form_fields_per_document
    assert (field.api_id, field.x, field.signer, field.required, field.page) == ("f1", 1.0, "0", True, 1)


@pytest.mark.parametrize("size", CHUNK_SIZES)
@pytest.mark.parametrize("name", SDK_UPLOADS)
def test_sdk_upload(name: str, size: int) -> None:
    sent = read_as(Send, *capture(name), size=size)
    assert_meant(sent)
    assert_sdk_details(sent)
    assert [file.filename for file in sent.files] == SDK_UPLOADS[name]
    assert {file.sha256 for file in sent.files} == {PDF_SHA256}


@pytest.mark.parametrize("name", CURL_UPLOADS)
def test_curl_upload(name: str) -> None:
    sent = read_as(Send, *capture(name))
    assert_meant(sent)
    assert [signer.name for signer in sent.signers] == ['Jack "é"', "Jill"]
    assert sent.metadata == {"custom_id": "1234"}
    assert [file.filename for file in sent.files] == CURL_UPLOADS[name]


@pytest.mark.parametrize("name", ["python_json", "node_json", "php_json", "ruby_json"])
def test_sdk_json(name: str) -> None:
    sent = read_as(Send, *capture(name))
    assert_meant(sent)
    assert_sdk_details(sent)
    assert sent.file_urls == ["https://e.com/a.pdf"]


def test_all_json_sdks_say_the_same() -> None:
    assert (
        read_as(Send, *capture("python_json"))
        == read_as(Send, *capture("node_json"))
        == read_as(Send, *capture("php_json"))
        == read_as(Send, *capture("ruby_json"))
    )


def test_curl_urlencoded() -> None:
    sent = read_as(Send, *capture("curl_urlencoded"))
    assert_meant(sent)
    assert sent.file_urls == ["https://e.com/a.pdf"]
    assert [signer.order for signer in sent.signers] == [0, 1]


def test_json_that_curl_calls_a_form() -> None:
    sent = read_as(Send, *capture("curl_json_as_form"))
    assert (sent.title, sent.signers[0].name) == ("NDA", "Jill")


@pytest.mark.parametrize("name", ["python_cancel", "node_cancel"])
def test_empty_post(name: str) -> None:
    body = read(*capture(name))
    assert (body.tree, body.encoding) == ({}, "empty")


def test_app_with_a_logo() -> None:
    app = read_as(AppCreate, *capture("python_app_create"))
    assert (app.name, app.domains) == ("N", ["e.com"])
    assert app.oauth is not None
    assert app.oauth.scopes == ["basic_account_info"]
    assert app.custom_logo_file is not None
    assert app.custom_logo_file.sha256 == PDF_SHA256


def test_app_update_that_clears_the_callback() -> None:
    update = read_as(AppUpdate, *capture("python_app_update"))
    assert (update.name, update.callback_url, update.domains) == ("N", "", None)


def test_ruby_app_is_the_same_app() -> None:
    assert read_as(AppCreate, *capture("ruby_app_create")) == AppCreate(
        name="N",
        domains=["e.com"],
        oauth=read_as(AppCreate, *capture("python_app_create")).oauth,
    )


def test_legacy_app_with_one_domain_and_scopes_by_comma() -> None:
    app = read_as(AppCreate, *capture("legacy_php_app_urlencoded"))
    assert app.domains == ["e.com"]
    assert app.oauth is not None
    assert app.oauth.scopes == ["basic_account_info", "request_signature"]


def test_legacy_template_with_roles_as_keys() -> None:
    sent = read_as(SendWithTemplate, *capture("legacy_template_urlencoded"))
    assert sent.template_ids == ["t1"]
    assert [(s.role, s.name) for s in sent.signers] == [("Client", "Jill")]
    assert [(c.role, c.email_address) for c in sent.ccs] == [("Accounting", "a@example.com")]
    assert [(f.name, f.value) for f in sent.custom_fields] == [("Full name", "Jill J")]
