"""POST /document/detect_fields: both modes through the official SDK, bad input by name, outsiders refused."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from dropbox_sign import ApiClient, ApiException, Configuration, api, models
from pikepdf import Array, Dictionary, Name, String

from tests.documents import tagged
from tests.documents.samples import pdf_bytes, picture, text_pdf
from tests.documents.test_forms import COMBO, RADIO, a_form, widget
from tests.harness import Server
from tests.helpers.accounts import Person, make_person
from tests.helpers.oauth import make_world, second_app
from tests.helpers.requests import error_of
from tests.signature_requests.test_preparing import https_server

URL = "/v3/document/detect_fields"


@pytest.fixture
def sdk(shared_lite: Server, anna: Person) -> Iterator[api.DocumentApi]:
    with ApiClient(Configuration(username=anna.api_key, host=f"{shared_lite.url}/v3")) as client:
        yield api.DocumentApi(client)


def ask(mode: str, data: bytes, **more: Any) -> models.DocumentFieldDetectionRequest:
    return models.DocumentFieldDetectionRequest(detection_mode=mode, file=data, **more)


def result(sdk: api.DocumentApi, mode: str, data: bytes, **more: Any) -> Any:
    return sdk.document_detect_fields(ask(mode, data, **more)).detection_result


# --- both modes ---


def test_the_fields_of_a_form(sdk: api.DocumentApi) -> None:
    data = pdf_bytes(a_form())
    found = result(sdk, "annotations", data)
    assert found.document_hash == hashlib.sha256(data).hexdigest()
    assert (found.detection_mode, found.page_count, found.pages_analyzed) == ("annotations", 2, "all")
    kinds = [
        (type(one).__name__.removeprefix("SubFormFieldsPerDocument"), one.page)
        for one in found.form_fields_per_document
    ]
    assert kinds == [("Text", 1), ("Text", 1), ("Checkbox", 1), ("Radio", 1), ("Radio", 1), ("Signature", 2)]
    name, _, agree, red, blue, signature = found.form_fields_per_document
    assert (name.api_id, name.name, name.required, name.signer, name.content) == (
        "person.name",
        "Your name",
        True,
        0,
        "Ännchen",
    )
    # x and y are points from the top left, width and height pixels of 80 an inch
    assert (name.x, name.y, name.width, name.height) == (60, 842 - 720, round(200 / 0.9), round(20 / 0.9))
    assert agree.is_checked
    assert (red.group, blue.group, red.is_checked, blue.is_checked) == ("colour", "colour", True, False)
    assert (red.api_id, blue.api_id) == ("colour", "colour_2")
    assert signature.api_id == "sign here"
    assert [(group.group_id, group.requirement) for group in found.form_field_groups] == [("colour", "require_1")]
    assert [warning.warning_name for warning in found.warnings] == ["read_only_field"]
    assert found.errors == found.suggestions == []


def test_the_text_tags_of_a_document(sdk: api.DocumentApi) -> None:
    found = result(sdk, "text_tags", tagged.KINDS["libreoffice"]())
    fields = found.form_fields_per_document
    assert [(one.type, one.signer, one.required) for one in fields] == [
        ("signature", 0, True),
        ("initials", 0, True),
        ("text", 1, False),
        ("checkbox", 0, False),
        ("date_signed", 1, True),
    ]
    assert (fields[1].api_id, fields[1].name, fields[2].name) == ("init_1", "Initials", "Full name")
    assert (fields[0].x, fields[0].y) == (253, 74)
    assert fields[0].width == round(93.2 / 0.9)
    assert (found.errors, found.warnings, found.suggestions, found.form_field_groups) == ([], [], [], [])


def test_all_that_a_tag_can_say(sdk: api.DocumentApi) -> None:
    tags = [
        "[text|req|signer1|Mail|mail|email_address|email]",
        "[text-merge|req|sender|First name|first]",
        "[checkbox-merge|noreq|sender|Member|member]",
        "[def:$pick|check|req1|signer2|Pick]",
        "[$pick] [$pick]",
    ]
    content = "".join(tagged.shown(tag, 60, 760 - 40 * row) for row, tag in enumerate(tags))
    found = result(sdk, "text_tags", pdf_bytes(tagged.document(content)))
    mail, first, member, one, two = found.form_fields_per_document
    assert (mail.validation_type, mail.auto_fill_type, mail.signer) == ("email_address", "email", 0)
    assert (first.signer, first.type, member.signer, member.type) == (
        "sender",
        "text-merge",
        "sender",
        "checkbox-merge",
    )
    assert (one.group, two.group, one.signer) == ("$pick", "$pick", 1)
    assert found.form_field_groups[0].requirement == "require_1"


def test_wrong_tags_are_told_and_the_others_found(sdk: api.DocumentApi) -> None:
    texts = ["[signature|req|signer1]", "[text|req|signer1|A|x]", "[text|req|signer1|B|x]", "[sig|req|signer1]"]
    content = "".join(tagged.shown(text, 60, 760 - 40 * row) for row, text in enumerate(texts))
    found = result(sdk, "text_tags", pdf_bytes(tagged.document(content)))
    assert len(found.form_fields_per_document) == 3
    assert ["unknown type" in found.errors[0].error_msg, "used already" in found.errors[1].error_msg] == [True, True]
    assert {error.error_name for error in found.errors} == {"error_text_tag"}


@pytest.mark.parametrize(("mode", "words"), [("annotations", "no form fields"), ("text_tags", "no text tags")])
def test_a_document_without_fields_gets_a_suggestion(mode: str, words: str, sdk: api.DocumentApi) -> None:
    found = result(sdk, mode, pdf_bytes(text_pdf()))
    assert found.form_fields_per_document == []
    assert words in found.suggestions[0]


def test_what_a_form_of_ours_cannot_be_is_changed_and_told(sdk: api.DocumentApi) -> None:
    pdf = text_pdf()
    pdf.pages[0].obj["/Annots"] = Array(
        [
            widget(pdf, [10, 10, 60, 20], FT=Name.Ch, Ff=COMBO, T=String("empty")),
            widget(pdf, [10, 30, 20, 40], FT=Name.Btn, Ff=RADIO, T=String("alone")),
            widget(pdf, [10, 50, 20, 60], FT=Name.Tx),
            widget(pdf, [10, 70, 20, 80], FT=Name.Tx),
        ]
    )
    pdf.Root["/AcroForm"] = Dictionary(Fields=pdf.pages[0].obj["/Annots"])
    found = result(sdk, "annotations", pdf_bytes(pdf))
    kinds = [(one.api_id, one.type) for one in found.form_fields_per_document]
    assert kinds == [("empty", "text"), ("alone", "checkbox"), ("field", "text"), ("field_2", "text")]
    assert [warning.warning_name for warning in found.warnings] == ["form_field_changed"] * 2
    assert "No signature field" in found.suggestions[0]


# --- pages ---


@pytest.mark.parametrize(
    ("pages", "numbers"),
    [("all", [1, 2, 3]), ("0", [1]), ("1-2", [2, 3]), ("0,2", [1, 3]), ("2,0-1", [1, 2, 3]), ("1,1", [2])],
)
def test_only_the_pages_asked_for_are_analysed(pages: str, numbers: list[int], sdk: api.DocumentApi) -> None:
    data = pdf_bytes(tagged.document(*(tagged.shown(f"[sig|req|signer1||s{page}]", 60, 700) for page in range(3))))
    found = result(sdk, "text_tags", data, page_range=pages)
    assert [one.page for one in found.form_fields_per_document] == numbers
    assert (found.page_count, found.pages_analyzed) == (3, pages)
    form = result(sdk, "annotations", pdf_bytes(a_form()), page_range="1")
    assert [one.type for one in form.form_fields_per_document] == ["signature"]
    assert form.form_field_groups == []


@pytest.mark.parametrize(
    ("pages", "words"),
    [
        ("3", "names page 3, but the document has 2 pages"),
        ("0-5", "names page 5"),
        ("1-0", "ends before it begins"),
        ("", None),
        ("1;2", "counted from 0"),
        ("-1", "counted from 0"),
        ("0-", "counted from 0"),
        ("99999999999999999999", "counted from 0"),
    ],
)
def test_a_wrong_page_range_is_named(pages: str, words: str | None, shared_lite: Server, anna: Person) -> None:
    data = {"detection_mode": "annotations", "page_range": pages}
    answer = shared_lite.api(anna.api_key).post(URL, data=data, files={"file": ("a.pdf", pdf_bytes(text_pdf(2)))})
    if words is None:
        assert answer.json()["detection_result"]["pages_analyzed"] == "all"
        return
    assert (answer.status_code, error_of(answer)["error_path"]) == (400, "page_range")
    assert words in error_of(answer)["error_msg"]


# --- files by address ---


def test_a_file_is_fetched_from_its_address(
    shared_lite: Server, anna: Person, sdk: api.DocumentApi, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = pdf_bytes(tagged.plain())
    with https_server(tmp_path, {"/a.pdf": (200, data), "/b.png": (200, picture())}) as (far, trusting):
        monkeypatch.setattr(shared_lite.kit.outbound._pool, "_ssl_context", trusting)
        asked = models.DocumentFieldDetectionRequest(detection_mode="text_tags", file_url=f"{far}/a.pdf")
        found = sdk.document_detect_fields(asked).detection_result
        assert len(found.form_fields_per_document) == 5
        for path, mode, words in (
            ("gone.pdf", "text_tags", "answered 404"),
            ("b.png", "annotations", "not a PDF"),
            ("b.png", "text_tags", "not a PDF"),
        ):
            body = {"detection_mode": mode, "file_url": f"{far}/{path}"}
            answer = shared_lite.api(anna.api_key).post(URL, json=body)
            assert (answer.status_code, error_of(answer)["error_path"]) == (400, "file_url")
            assert words in error_of(answer)["error_msg"]


@pytest.mark.parametrize(
    "url", ["http://example.com/a.pdf", "https://169.254.169.254/a", "ftp://x", "x", "https://[::1/"]
)
def test_other_addresses_are_not_fetched(url: str, shared_lite: Server, anna: Person) -> None:
    answer = shared_lite.api(anna.api_key).post(URL, json={"detection_mode": "annotations", "file_url": url})
    assert (answer.status_code, error_of(answer)["error_path"]) == (400, "file_url")


# --- bad input, outsiders ---


@pytest.mark.parametrize(
    ("fields", "file", "path"),
    [
        ({"detection_mode": "annotations"}, None, "file"),
        ({"detection_mode": "annotations", "file_url": "https://example.com/"}, b"x", "file"),
        ({}, b"x", "detection_mode"),
        ({"detection_mode": "guess"}, b"x", "detection_mode"),
        ({"detection_mode": "annotations"}, b"", "file"),
        ({"detection_mode": "annotations"}, picture(), "file"),
        ({"detection_mode": "text_tags"}, b"%PDF-1.7 nonsense", "file"),
        ({"detection_mode": "annotations"}, b"%PDF-1.7 nonsense", "file"),
        ({"detection_mode": "annotations", "file": "text"}, None, "file"),
    ],
)
def test_bad_input_is_named(
    fields: dict[str, str], file: bytes | None, path: str, shared_lite: Server, anna: Person
) -> None:
    files = None if file is None else {"file": ("a.pdf", file)}
    answer = shared_lite.api(anna.api_key).post(URL, data=fields, files=files)
    assert (answer.status_code, error_of(answer)["error_name"]) == (400, "bad_request")
    assert error_of(answer)["error_path"] == path


def test_the_sdk_sees_a_refusal_as_its_own_error(sdk: api.DocumentApi) -> None:
    with pytest.raises(ApiException) as refused:
        result(sdk, "annotations", b"no pdf at all")
    assert refused.value.status == 400
    assert json.loads(refused.value.body)["error"]["error_path"] == "file"


def test_who_may_ask(shared_lite: Server) -> None:
    body = {"data": {"detection_mode": "text_tags"}, "files": {"file": ("a.pdf", pdf_bytes(tagged.plain()))}}
    assert shared_lite.client().post(URL, **body).status_code == 401
    world = make_world(shared_lite)
    assert shared_lite.api(token=world.connect().access_token).post(URL, **body).status_code == 200
    narrow = second_app(world, scopes=("basic_account_info",))
    refused = shared_lite.api(token=narrow.connect().access_token).post(URL, **body)
    assert (refused.status_code, error_of(refused)["error_name"]) == (403, "forbidden")


def test_nothing_of_the_file_is_kept(shared_lite: Server) -> None:
    alice = make_person(shared_lite, "Alice")
    root = shared_lite.kit.settings.data_dir / "files"
    before = sorted(path for path in root.rglob("*") if path.is_file())
    body = {"data": {"detection_mode": "text_tags"}, "files": {"file": ("a.pdf", pdf_bytes(tagged.plain()))}}
    assert shared_lite.api(alice.api_key).post(URL, **body).status_code == 200
    assert sorted(path for path in root.rglob("*") if path.is_file()) == before
