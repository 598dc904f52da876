"""What may be written in several ways means the same in each of them."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from msgspec import UNSET, Struct, UnsetType

from paraph.kit.errors import BadRequest
from paraph.kit.wire import FilePart, Together, decode, rule, tree_from_query
from paraph.kit.wire.schema import Request
from tests.kit.wire.clients import FORM, JSON, MULTIPART, multipart, read, read_as
from tests.kit.wire.shapes import AppUpdate, FormField, Send, SendWithTemplate

SIGNERS = [{"name": "Jill", "email_address": "jill@example.com"}]
URLS = ["https://e.com/a.pdf"]


def send(**members: Any) -> Send:
    return decode({"signers": SIGNERS, "file_urls": URLS} | members, Send)


@pytest.mark.parametrize("value", [True, 1, 1.0, "1", "true", "True", " TRUE ", "1.0"])
def test_true(value: Any) -> None:
    assert send(test_mode=value).test_mode is True


@pytest.mark.parametrize("value", [False, 0, 0.0, "0", "false", "", None, "null"])
def test_false(value: Any) -> None:
    assert send(test_mode=value).test_mode is False


@pytest.mark.parametrize("value", [12, 12.0, "12", " 12 ", "12.0", "12.", "012"])
def test_whole_number(value: Any) -> None:
    assert send(expires_at=value).expires_at == 12


@pytest.mark.parametrize("value", ["[1]", '{"a":1}', "null", "true", "1", " x ", '"quoted"', "[", "<b>é</b>"])
def test_text_is_never_opened(value: str) -> None:
    assert send(title=value).title == value


def test_numbers_pass_as_text() -> None:
    assert send(title=7).title == "7"


@pytest.mark.parametrize("value", [{}, [], "{}", "[]", None, "", "null", " {} "])
def test_an_empty_map(value: Any) -> None:
    assert send(metadata=value).metadata == {}


@pytest.mark.parametrize("value", [None, "", "null"])
def test_a_struct_not_given(value: Any) -> None:
    assert send(signing_options=value).signing_options is None


def test_metadata_comes_through_unchanged() -> None:
    metadata: dict[str, Any] = {"n": None, "e": "", "s": "[1]", "f": 1.5, "b": False, "l": [None, "", {"a": []}]}
    assert send(metadata=metadata).metadata == metadata
    assert send(metadata=msgspec.json.encode(metadata).decode()).metadata == metadata


def test_metadata_with_digit_keys_in_brackets() -> None:
    tree = tree_from_query(
        b"signers[]=%7B%22name%22:%22J%22,%22email_address%22:%22j@e.co%22%7D&file_url=u&metadata[2024]=x"
    )
    assert decode(tree, Send).metadata == {"2024": "x"}


@pytest.mark.parametrize(
    "form",
    [
        b"cc_email_addresses[0]=a@e.co&cc_email_addresses[1]=b@e.co",
        b"cc_email_addresses[1]=a@e.co&cc_email_addresses[2]=b@e.co",
        b"cc_email_addresses[10]=b@e.co&cc_email_addresses[9]=a@e.co",
        b"cc_email_addresses[]=a@e.co&cc_email_addresses[]=b@e.co",
        b"cc_email_addresses[5]=a@e.co&cc_email_addresses[]=b@e.co",
        b"cc_email_addresses=a@e.co&cc_email_addresses=b@e.co",
        b"cc_email_addresses[0]=&cc_email_addresses[1]=a@e.co&cc_email_addresses[2]=b@e.co",
        b'cc_email_addresses=["a@e.co", "b@e.co"]',
        b'cc_email_addresses=["old@e.co"]&cc_email_addresses=["a@e.co","b@e.co"]',
        b'cc_email_addresses={"3":"a@e.co","11":"b@e.co"}',
        b'cc_email_addresses=["a@e.co",null,"","b@e.co"]',
        b"cc_email_addresses=&cc_email_addresses[0]=a@e.co&cc_email_addresses[1]=b@e.co",
    ],
)
def test_a_list(form: bytes) -> None:
    text = form + b"&file_url=u&signers[0][name]=J&signers[0][email_address]=j@e.co"
    assert read_as(Send, FORM, text).cc_email_addresses == ["a@e.co", "b@e.co"]


@pytest.mark.parametrize(
    "form",
    [
        b"signers[0][name]=A&signers[0][email_address]=a@e.co&signers[1][name]=B&signers[1][email_address]=b@e.co",
        b"signers[1][email_address]=b@e.co&signers[1][name]=B&signers[0][name]=A&signers[0][email_address]=a@e.co",
        b"signers[][name]=A&signers[][email_address]=a@e.co&signers[][name]=B&signers[][email_address]=b@e.co",
        b'signers[]={"name":"A","email_address":"a@e.co"}&signers[]={"name":"B","email_address":"b@e.co"}',
        b'signers={"name":"A","email_address":"a@e.co"}&signers={"name":"B","email_address":"b@e.co"}',
        b'signers=[{"name":"A","email_address":"a@e.co"},{"name":"B","email_address":"b@e.co"}]',
    ],
)
def test_a_list_of_objects(form: bytes) -> None:
    signers = read_as(Send, FORM, form + b"&file_url=u").signers
    assert [(s.name, s.email_address) for s in signers] == [("A", "a@e.co"), ("B", "b@e.co")]


def test_the_last_of_a_repeated_value_counts() -> None:
    text = b"title=a&title=b&file_url=u&signers[0][name]=x&signers[0][name]=J&signers[0][email_address]=j@e.co"
    sent = read_as(Send, FORM, text)
    assert (sent.title, sent.signers[0].name) == ("b", "J")
    assert (
        read_as(
            Send, JSON, b'{"title":"a","title":"b","file_urls":["u"],"signers":' + msgspec.json.encode(SIGNERS) + b"}"
        ).title
        == "b"
    )


def test_unknown_parameters_are_ignored() -> None:
    assert send(is_eid=False, signer_experience={"form_view": "x"}, x=[1]).file_urls == URLS


def test_the_newer_name_wins_over_its_alias() -> None:
    assert send(file_url=["old"]).file_urls == URLS
    assert send(file_urls=None, file_url="old").file_urls == ["old"]


def test_files_in_any_naming_keep_their_order() -> None:
    def names(*parts: str) -> list[str]:
        uploads = [(part, "x") for part in parts]
        sent = read_as(Send, MULTIPART, multipart(('name="signers"', msgspec.json.encode(SIGNERS)), *uploads))
        return [file.filename for file in sent.files]

    assert names('name="files[10]"; filename="c"', 'name="files[2]"; filename="b"') == ["b", "c"]
    assert names('name="files[]"; filename="b"', 'name="files[]"; filename="c"') == ["b", "c"]
    assert names('name="file"; filename="b"') == ["b"]
    assert names('name="files"; filename="c"', 'name="files[0]"; filename="b"') == ["b", "c"]


def test_names_of_files_are_only_names() -> None:
    def name(disposition: str) -> str:
        tree = read(MULTIPART, multipart((f'name="f"; {disposition}', "x"))).tree
        assert isinstance(tree["f"], FilePart)
        return tree["f"].filename

    assert name('filename="../../etc/passwd"') == "passwd"
    assert name('filename="C:\\\\temp\\\\a.pdf"') == "a.pdf"
    assert name('filename=".."') == ""
    assert name('filename="a\tb\x7f.pdf"') == "ab.pdf"
    assert name(f'filename="{"x" * 300}.pdf"') == "x" * 251 + ".pdf"
    assert name("filename*=UTF-8''n%C3%A4m%C3%A9.pdf") == "nämé.pdf"
    assert name('filename="a%22b.pdf"') == 'a"b.pdf'


def test_a_latin_1_file_name_is_no_reason_to_refuse() -> None:
    body = multipart(('name="f"; filename="NAME"', "x")).replace(b"NAME", "nämé.pdf".encode("latin-1"))
    file = read(MULTIPART, body).tree["f"]
    assert isinstance(file, FilePart)
    assert file.filename == "nämé.pdf"


def test_a_part_with_a_binary_type_is_a_file_without_a_name() -> None:
    body = multipart(('name="files[0]"\r\nContent-Type: application/pdf', b"\xff%PDF"))
    tree = read(MULTIPART, body).tree
    assert isinstance(tree["files"], list)
    assert isinstance(tree["files"][0], FilePart)


def test_nothing_chosen_in_a_browser_is_no_file() -> None:
    assert read(MULTIPART, multipart(('name="custom_logo_file"; filename=""', ""))).tree == {}


@pytest.mark.parametrize("content_type", [None, "", JSON, FORM, MULTIPART, "multipart/form-data", "text/xml"])
def test_an_empty_body_of_any_type(content_type: str | None) -> None:
    assert read(content_type, b"").tree == {}


@pytest.mark.parametrize("text", [b"null", b'""', b"{}", b" \n", b"\xef\xbb\xbf{}"])
def test_json_that_says_nothing(text: bytes) -> None:
    assert read(JSON, text).tree == {}


@pytest.mark.parametrize("content_type", [None, "text/plain", "application/octet-stream"])
def test_a_type_nobody_chose(content_type: str | None) -> None:
    assert read(content_type, b' {"a": 1}').encoding == "json"
    assert read(content_type, b"a=1").tree == {"a": "1"}


@pytest.mark.parametrize(
    "content_type", ["application/json; charset=UTF-8", "APPLICATION/JSON", "application/x+json"]
)
def test_spellings_of_json(content_type: str) -> None:
    assert read(content_type, b'{"a": 1}').tree == {"a": 1}


def test_empty_text_clears_only_where_it_is_declared() -> None:
    cleared = decode({"callback_url": "", "name": "", "oauth": "", "domains": []}, AppUpdate)
    assert (cleared.callback_url, cleared.name, cleared.oauth, cleared.domains) == ("", None, None, [])
    untouched = decode({"callback_url": None}, AppUpdate)
    assert (untouched.callback_url, untouched.oauth, untouched.domains) == (None, UNSET, None)


def test_a_role_map_and_a_list_of_roles_are_the_same() -> None:
    listed = decode({"template_ids": "t", "signers": [{"role": "Client"} | SIGNERS[0]]}, SendWithTemplate)
    mapped = decode({"template_id": ["t"], "signers": {"Client": SIGNERS[0]}}, SendWithTemplate)
    in_text = decode(
        {"template_id": "t", "signers": msgspec.json.encode({"Client": SIGNERS[0]}).decode()}, SendWithTemplate
    )
    assert listed == mapped == in_text


@pytest.mark.parametrize(("value", "expected"), [(0, 0), ("0", "0"), ("me_now", "me_now"), (1.0, 1)])
def test_number_or_text(value: Any, expected: Any) -> None:
    field = decode(
        {"document_index": 0, "api_id": "a", "type": "text", "x": "1.5", "y": 2, "required": 1, "signer": value},
        FormField,
    )
    assert (field.signer, type(field.signer), field.x) == (expected, type(expected), 1.5)


class Window(Request):
    rules = (Together("start", "end", path="end"),)

    start: str | UnsetType = UNSET
    end: str | UnsetType = UNSET


def test_together() -> None:
    assert decode({}, Window) == Window()
    assert decode({"start": "a", "end": "b"}, Window).end == "b"
    with pytest.raises(BadRequest, match="Give start and end together") as caught:
        decode({"start": "a"}, Window, path="windows[2]")
    assert caught.value.path == "windows[2].end"


class Pattern(Struct):
    day: msgspec.UnsetType | str = UNSET


def test_declarations_that_no_request_uses_are_refused_to_the_developer() -> None:
    class Odd(Request):
        raw: bytes

    with pytest.raises(TypeError, match="cannot hold"):
        decode({"raw": "x"}, Odd)

    class OddUnion(Request):
        what: list[str] | dict[str, str]

    with pytest.raises(TypeError, match="cannot hold"):
        decode({"what": "x"}, OddUnion)
    with pytest.raises(TypeError, match="is not a struct"):
        decode({}, dict)
    assert decode({"day": "x"}, Pattern).day == "x"
    assert rule().extra == {}
