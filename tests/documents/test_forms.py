"""The form of an upload is read as its maker meant it, before it is flattened."""

from collections.abc import Callable
from pathlib import Path

import pikepdf
import pytest
from pikepdf import Array, Dictionary, Name, String

from paraph.documents import FoundForm, FoundFormField, Rejected
from tests.documents.conftest import Desk
from tests.documents.nasty import NASTY
from tests.documents.samples import pdf_bytes, picture, text_pdf

REQUIRED, READ_ONLY = 2, 1
MULTI_LINE, RADIO, PUSH_BUTTON, COMBO = 1 << 12, 1 << 15, 1 << 16, 1 << 17


def widget(pdf: pikepdf.Pdf, rect: list[float], **entries: object) -> pikepdf.Object:
    return pdf.make_indirect(Dictionary(Type=Name.Annot, Subtype=Name.Widget, Rect=Array(rect), **entries))


def on_off(pdf: pikepdf.Pdf, on: str) -> Dictionary:
    form = pdf.make_stream(b"", Type=Name.XObject, Subtype=Name.Form, BBox=Array([0, 0, 10, 10]))
    return Dictionary(N=Dictionary({f"/{on}": form, "/Off": form}))


def a_form(**page_entries: object) -> pikepdf.Pdf:
    """Every kind of field, on two pages."""
    pdf = text_pdf(2)
    group = pdf.make_indirect(Dictionary(FT=Name.Btn, Ff=RADIO | REQUIRED, T=String("colour"), V=Name("/red")))
    radios = [
        widget(pdf, [60, 500, 72, 512], Parent=group, AP=on_off(pdf, "red"), AS=Name("/red")),
        widget(pdf, [80, 500, 92, 512], Parent=group, AP=on_off(pdf, "blue"), AS=Name("/Off")),
    ]
    group["/Kids"] = Array(radios)
    parent = pdf.make_indirect(Dictionary(T=String("person")))
    first = [
        widget(
            pdf,
            [60, 700, 260, 720],
            FT=Name.Tx,
            T=String("name"),
            Parent=parent,
            Ff=REQUIRED,
            TU=String("Your name"),
            V=String("Ännchen"),
        ),
        widget(pdf, [60, 600, 260, 680], FT=Name.Tx, T=String("notes"), Ff=MULTI_LINE),
        widget(pdf, [60, 560, 72, 572], FT=Name.Btn, T=String("agree"), AP=on_off(pdf, "Yes"), AS=Name("/Yes")),
        *radios,
        widget(
            pdf,
            [60, 400, 160, 420],
            FT=Name.Ch,
            Ff=COMBO | READ_ONLY,
            T=String("land"),
            Opt=Array([Array([String("de"), String("Germany")]), Array([String("fr"), String("France")])]),
            V=String("fr"),
        ),
    ]
    second = [
        widget(pdf, [60, 100, 260, 140], FT=Name.Sig, T=String("sign here")),
        widget(pdf, [60, 50, 100, 70], FT=Name.Btn, Ff=PUSH_BUTTON, T=String("print")),
        widget(pdf, [60, 80, 100, 90], FT=Name.Tx, T=String("hidden"), F=2),
        widget(pdf, [900, 900, 950, 950], FT=Name.Tx, T=String("off the page")),
    ]
    for page, widgets in zip(pdf.pages, (first, second), strict=True):
        page.obj["/Annots"] = Array(widgets)
        for key, value in page_entries.items():
            page.obj[f"/{key}"] = value
    pdf.Root["/AcroForm"] = pdf.make_indirect(Dictionary(Fields=Array([*first[:3], group, first[-1], *second])))
    return pdf


def detect(data: bytes, desk: Desk, folder: Path) -> FoundForm:
    (folder / "upload").write_bytes(data)
    return desk.run(desk.workers.detect_form_fields(folder / "upload"))


def by_name(form: FoundForm) -> dict[str, FoundFormField]:
    return {field.name: field for field in form.fields}


def test_every_kind_of_field_is_found(desk: Desk, tmp_path: Path) -> None:
    form = detect(pdf_bytes(a_form()), desk, tmp_path)
    assert form.page_count == 2
    assert [(field.kind, field.name, field.box.page) for field in form.fields] == [
        ("text", "person.name", 1),
        ("text", "notes", 1),
        ("checkbox", "agree", 1),
        ("radio", "colour", 1),
        ("radio", "colour", 1),
        ("dropdown", "land", 1),
        ("signature", "sign here", 2),
    ]


def test_fields_keep_what_their_maker_said(desk: Desk, tmp_path: Path) -> None:
    form = detect(pdf_bytes(a_form()), desk, tmp_path)
    fields = by_name(form)
    name = fields["person.name"]
    assert (name.label, name.value, name.is_required, name.is_multi_line) == ("Your name", "Ännchen", True, False)
    assert fields["notes"].is_multi_line
    assert not fields["notes"].is_required
    assert fields["agree"].is_checked
    red, blue = (field for field in form.fields if field.kind == "radio")
    assert (red.value, red.is_checked, blue.value, blue.is_checked) == ("red", True, "blue", False)
    assert red.is_required
    land = fields["land"]
    assert (land.options, land.value, land.is_read_only) == (("Germany", "France"), "France", True)


def test_a_box_is_where_the_field_is_seen(desk: Desk, tmp_path: Path) -> None:
    box = by_name(detect(pdf_bytes(a_form()), desk, tmp_path))["person.name"].box
    assert (box.x, box.y, box.width, box.height) == pytest.approx((60, 842 - 720, 200, 20))


PAGES: dict[str, tuple[dict[str, object], tuple[float, float, float, float]]] = {
    "rotated_90": ({"Rotate": 90}, (700, 60, 20, 200)),
    "rotated_minus_90": ({"Rotate": -90}, (842 - 720, 595 - 260, 20, 200)),
    "rotated_180": ({"Rotate": 180}, (595 - 260, 700, 200, 20)),
    "cropped": ({"CropBox": Array([50, 100, 550, 800])}, (10, 80, 200, 20)),
    "cut_by_the_crop_box": ({"CropBox": Array([160, 100, 550, 800])}, (0, 80, 100, 20)),
    "user_unit": ({"UserUnit": 2}, (120, 244, 400, 40)),
}


@pytest.mark.parametrize("page", PAGES)
def test_boxes_are_right_on_any_page(page: str, desk: Desk, tmp_path: Path) -> None:
    entries, expected = PAGES[page]
    box = by_name(detect(pdf_bytes(a_form(**entries)), desk, tmp_path))["person.name"].box
    assert (box.x, box.y, box.width, box.height) == pytest.approx(expected, abs=0.01)


def test_a_document_without_a_form_has_no_fields(desk: Desk, tmp_path: Path) -> None:
    assert detect(pdf_bytes(text_pdf(3)), desk, tmp_path).fields == ()


@pytest.mark.parametrize(
    ("data", "reason"), [(picture(), "not_a_pdf"), (b"", "not_a_pdf"), (b"%PDF-1.7 x", "unreadable")]
)
def test_what_cannot_be_read_is_refused(data: bytes, reason: str, desk: Desk, tmp_path: Path) -> None:
    with pytest.raises(Rejected) as refused:
        detect(data, desk, tmp_path)
    assert refused.value.reason == reason


def odd(change: Callable[[pikepdf.Object], None]) -> bytes:
    pdf = a_form()
    for annotation in list(pdf.pages[0].obj["/Annots"]):
        change(annotation)
    return pdf_bytes(pdf)


def put(key: str, value: object) -> Callable[[pikepdf.Object], None]:
    def change(annotation: pikepdf.Object) -> None:
        annotation[key] = value

    return change


def lead_back(annotation: pikepdf.Object) -> None:
    annotation["/Parent"] = annotation


ODD = {
    "flags_are_a_name": put("/Ff", Name("/x")),
    "rect_too_short": put("/Rect", Array([1, 2])),
    "rect_of_names": put("/Rect", Array([Name("/a")] * 4)),
    "no_rect": put("/Rect", Name("/none")),
    "name_is_a_number": put("/T", 7),
    "options_nested": put("/Opt", Array([Array([]), 3, Array([Array([])])])),
    "looks_are_a_string": put("/AP", String("x")),
    "value_is_an_array": put("/V", Array([1])),
    "its_own_parent": lead_back,
    "type_is_a_string": put("/FT", String("/Tx")),
    "rect_endless": put("/Rect", Array([0, 0, 10**9, 10**9])),
}


@pytest.mark.parametrize("kind", ODD)
def test_odd_fields_break_nothing(kind: str, desk: Desk, tmp_path: Path) -> None:
    form = detect(odd(ODD[kind]), desk, tmp_path)
    assert form.page_count == 2
    assert any(field.kind == "signature" for field in form.fields)


def test_too_many_fields_are_refused(desk: Desk, tmp_path: Path) -> None:
    pdf = text_pdf(2)
    for page in pdf.pages:
        widgets = [widget(pdf, [10, 10, 50, 20], FT=Name.Tx, T=String(f"t{number}")) for number in range(1100)]
        page.obj["/Annots"] = Array(widgets)
    with pytest.raises(Rejected) as refused:
        detect(pdf_bytes(pdf), desk, tmp_path)
    assert refused.value.reason == "too_complex"


NASTY_FOR_FORMS = [
    "annotations_by_the_thousand",
    "arrays_nested_deep",
    "form_field_is_its_own_kid",
    "form_of_xfa_alone",
    "form_with_xfa_beside",
    "form_without_looks",
    "no_page_tree",
    "page_box_of_names",
    "page_tree_loops",
    "password_to_open",
    "random_bytes",
    "rotation_is_a_name",
    "signed_field",
    "truncated",
    "user_unit_of_a_thousand",
]


@pytest.mark.parametrize("name", NASTY_FOR_FORMS)
def test_nasty_files_get_a_verdict(name: str, desk: Desk, tmp_path: Path) -> None:
    """Read or refused by name; the sandbox ends what goes on for too long."""
    try:
        form = detect(NASTY[name][0](), desk, tmp_path)
    except Rejected as refused:
        assert refused.sentence
    else:
        assert form.page_count > 0
