"""Files that are broken, hostile or odd, each with what intake may answer.

An answer is "ok" or the reason of the rejection; a file may have several honest answers.
"""

import random
import zlib
from collections.abc import Callable
from functools import cache

import pikepdf
from pikepdf import Array, Dictionary, Encryption, Name, Permissions, String

from tests.documents.office import sandbox_works
from tests.documents.samples import pdf_bytes, picture, raw_pdf, stream, text_pdf, text_pdf_bytes, with_annotation

Maker = Callable[[], bytes]
NASTY: dict[str, tuple[Maker, frozenset[str]]] = {}

HELLO = b"BT /F 24 Tf 72 700 Td (Hello) Tj ET"
CATALOGUE = b"<</Type/Catalog/Pages 2 0 R>>"
ONE_KID = b"<</Type/Pages/Kids[3 0 R]/Count 1>>"
FONT = b"/Font<</F<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>>>"
PAGE = b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 612 792]/Contents 4 0 R/Resources<<%s>>>>"
GIBIBYTE_IN_MEBIBYTES = 1024


def nasty(*answers: str) -> Callable[[Maker], Maker]:
    def register(maker: Maker) -> Maker:
        NASTY[maker.__name__] = (maker, frozenset(answers))
        return maker

    return register


def one_page(content: bytes = HELLO, resources: bytes = FONT, **more: bytes) -> dict[int, bytes]:
    objects = {1: CATALOGUE, 2: ONE_KID, 3: PAGE % resources, 4: stream(b"", content)}
    return objects | {int(number.removeprefix("o")): body for number, body in more.items()}


@cache
def deflated_gibibyte() -> bytes:
    deflater, mebibyte = zlib.compressobj(9), b" " * (1 << 20)
    parts = [deflater.compress(mebibyte) for _ in range(GIBIBYTE_IN_MEBIBYTES)]
    return b"".join(parts) + deflater.flush()


@cache
def ten_pages() -> bytes:
    return text_pdf_bytes(10, object_stream_mode=pikepdf.ObjectStreamMode.disable)


# --- not what it says ---


@nasty("empty")
def empty() -> bytes:
    return b""


@nasty("ok")
def text_as_pdf() -> bytes:
    return b"hello, this is not a pdf\n"


@nasty("ok" if sandbox_works() else "office_not_available")
def html_as_pdf() -> bytes:
    return b"<!DOCTYPE html><html><script>alert(1)</script>Hello</html>"


@nasty("office_damaged")
def zip_as_pdf() -> bytes:
    return b"PK\x03\x04" + b"\0" * 100


@nasty("office_damaged")
def docx_without_an_end() -> bytes:
    return b"PK\x03\x04" + b"\0" * 26 + b"[Content_Types].xml" + b"\0" * 50 + b"word/document.xml"


@nasty("office_damaged", "unsupported_type")
def old_doc_of_zeros() -> bytes:
    return b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600


@nasty("picture_unreadable")
def png_header_only() -> bytes:
    return b"\x89PNG\r\n\x1a\n" + b"\0" * 200


@nasty("not_a_pdf")
def header_beyond_the_first_kilobyte() -> bytes:
    return b"A" * 2048 + b"\n" + ten_pages()


@nasty("no_pages", "unreadable")
def header_only() -> bytes:
    return b"%PDF-1.7\n%%EOF\n"


@nasty("unsupported_type")
def random_bytes() -> bytes:
    return b"\x00" + random.Random(1).randbytes(5000)


@nasty("unreadable", "no_pages")
def header_and_random_bytes() -> bytes:
    return b"%PDF-1.7\n" + random.Random(2).randbytes(50_000)


# --- damaged structure ---


@nasty("ok")
def http_headers_before() -> bytes:
    return b"HTTP/1.1 200 OK\r\nContent-Type: application/pdf\r\n\r\n" + b"x" * 900 + b"\n" + ten_pages()


@nasty("ok")
def garbage_behind() -> bytes:
    return ten_pages() + b"\0" * 5000 + b"<html>junk</html>"


@nasty("ok")
def html_polyglot() -> bytes:
    return b"%PDF-1.7\n<html><script>alert(1)</script>\n" + ten_pages()


@nasty("ok")
def broken_xref_offsets() -> bytes:
    return ten_pages().replace(b"\n0000", b"\n0007", 40)


@nasty("ok")
def startxref_wrong() -> bytes:
    source = ten_pages()
    return source[: source.rindex(b"startxref")] + b"startxref\n99\n%%EOF\n"


@nasty("ok")
def no_xref() -> bytes:
    source = ten_pages()
    return source[: source.rindex(b"xref\n0 ")]


@nasty("ok", "unreadable", "no_pages", "content_damaged")
def truncated() -> bytes:
    source = ten_pages()
    return source[: int(len(source) * 0.7)]


@nasty("ok")
def linearised() -> bytes:
    return text_pdf_bytes(10, linearize=True)


@nasty("ok", "unreadable", "content_damaged")
def length_points_to_itself() -> bytes:
    objects = one_page()
    objects[4] = b"<</Length 4 0 R>>\nstream\n" + HELLO + b"\nendstream"
    return raw_pdf(objects)


@nasty("ok", "unreadable")
def previous_xref_loops() -> bytes:
    return raw_pdf(one_page(), trailer=b"/Prev 340")


@nasty("ok", "unreadable")
def arrays_nested_deep() -> bytes:
    objects = one_page()
    objects[1] = b"<</Type/Catalog/Pages 2 0 R/X " + b"[" * 100_000 + b"]" * 100_000 + b">>"
    return raw_pdf(objects)


@nasty("ok", "too_many_objects")
def many_objects() -> bytes:
    pdf = text_pdf()
    for number in range(60_000):
        pdf.make_indirect(Dictionary(A=number))
    start = len(pdf.objects) - 60_000 + 1
    pdf.Root["/Junk"] = Array([pdf.get_object(number, 0) for number in range(start, start + 60_000)])
    return pdf_bytes(pdf)


@nasty("ok", "content_damaged")
def flate_damaged_in_the_middle() -> bytes:
    packed = bytearray(zlib.compress(HELLO * 500))
    packed[len(packed) // 2] ^= 0xFF
    objects = one_page()
    objects[4] = stream(b"/Filter/FlateDecode", bytes(packed))
    return raw_pdf(objects)


@nasty("ok", "content_damaged")
def unknown_filter() -> bytes:
    objects = one_page()
    objects[4] = stream(b"/Filter/NoSuchDecode", HELLO)
    return raw_pdf(objects)


@nasty("ok")
def everything_in_object_streams() -> bytes:
    return text_pdf_bytes(10, object_stream_mode=pikepdf.ObjectStreamMode.generate)


# --- page trees ---


@nasty("page_tree_damaged", "unreadable")
def page_tree_loops() -> bytes:
    return raw_pdf(one_page() | {2: b"<</Type/Pages/Kids[3 0 R 2 0 R]/Count 2>>"})


@nasty("ok")
def page_count_of_a_thousand_million() -> bytes:
    return raw_pdf(one_page() | {2: b"<</Type/Pages/Kids[3 0 R]/Count 1000000000>>"})


@nasty("ok")
def page_count_negative() -> bytes:
    return raw_pdf(one_page() | {2: b"<</Type/Pages/Kids[3 0 R]/Count -1>>"})


@nasty("too_many_pages", "unreadable")
def one_page_a_million_times() -> bytes:
    return raw_pdf(one_page() | {2: b"<</Type/Pages/Kids[" + b"3 0 R " * 1_000_000 + b"]/Count 1000000>>"})


@nasty("too_many_pages", "page_tree_damaged", "unreadable")
def page_tree_doubles_twenty_times() -> bytes:
    objects = {1: CATALOGUE, 22: b"<</Type/Page/MediaBox[0 0 612 792]>>"}
    for level in range(20):
        kid = b"%d 0 R" % (3 + level)
        objects[2 + level] = b"<</Type/Pages/Kids[%s %s]/Count %d>>" % (kid, kid, 2 ** (20 - level))
    return raw_pdf(objects)


@nasty("page_tree_damaged", "unreadable")
def page_tree_deep() -> bytes:
    objects = {1: CATALOGUE}
    for level in range(2, 20_002):
        objects[level] = b"<</Type/Pages/Kids[%d 0 R]/Count 1>>" % (level + 1)
    objects[20_002] = b"<</Type/Page/Parent 20001 0 R/MediaBox[0 0 612 792]>>"
    return raw_pdf(objects)


@nasty("no_pages", "unreadable")
def no_page_tree() -> bytes:
    return raw_pdf({1: b"<</Type/Catalog>>"})


@nasty("no_pages")
def zero_pages() -> bytes:
    return raw_pdf({1: CATALOGUE, 2: b"<</Type/Pages/Kids[]/Count 0>>"})


@nasty("ok", "unreadable", "no_pages")
def page_is_a_number() -> bytes:
    return raw_pdf(one_page() | {3: b"42"})


@nasty("too_many_pages")
def five_hundred_and_one_pages() -> bytes:
    return text_pdf_bytes(501)


@nasty("ok")
def five_hundred_pages() -> bytes:
    return text_pdf_bytes(500)


# --- geometry ---


def boxed(**entries: object) -> bytes:
    pdf = text_pdf()
    for key, value in entries.items():
        pdf.pages[0].obj[f"/{key}"] = value
    return pdf_bytes(pdf)


@nasty("ok")
def rotated_by_45() -> bytes:
    return boxed(Rotate=45)


@nasty("ok")
def rotation_is_a_name() -> bytes:
    return boxed(Rotate=Name.Ninety)


@nasty("ok")
def turned_and_cropped_in_every_way() -> bytes:
    pdf = text_pdf(12)
    for number, page in enumerate(pdf.pages):
        page.obj["/Rotate"] = (0, 90, 180, 270, -90, 450)[number % 6]
        if number % 3:
            page.obj["/CropBox"] = Array([50, 60, 500, 760])
    return pdf_bytes(pdf)


@nasty("ok")
def media_box_below_zero() -> bytes:
    return boxed(MediaBox=Array([-300, -200, 295, 642]))


@nasty("ok")
def media_box_from_the_other_corner() -> bytes:
    return boxed(MediaBox=Array([595, 842, 0, 0]))


@nasty("ok")
def user_unit_of_ten() -> bytes:
    return boxed(UserUnit=10)


@nasty("page_size_out_of_range")
def page_of_a_million_points() -> bytes:
    return boxed(MediaBox=Array([0, 0, 1_000_000, 1_000_000]))


@nasty("ok")
def page_of_200_inches() -> bytes:
    return boxed(MediaBox=Array([0, 0, 14_400, 14_400]))


@nasty("page_size_out_of_range", "ok")
def page_of_no_size() -> bytes:
    return boxed(MediaBox=Array([0, 0, 0, 0]))


@nasty("page_size_out_of_range")
def page_of_a_hundredth_point() -> bytes:
    return boxed(MediaBox=Array([0, 0, 0.01, 0.01]))


@nasty("bad_page_box", "ok")
def page_box_of_names() -> bytes:
    return boxed(MediaBox=Array([Name.A, Name.B, Name.C, Name.D]))


@nasty("page_size_out_of_range")
def user_unit_of_a_thousand() -> bytes:
    return boxed(UserUnit=1000)


@nasty("ok")
def no_media_box() -> bytes:
    pdf = text_pdf()
    del pdf.pages[0].obj["/MediaBox"]
    return pdf_bytes(pdf)


@nasty("ok")
def crop_box_outside() -> bytes:
    return boxed(CropBox=Array([5000, 5000, 6000, 6000]))


# --- encryption ---


@nasty("password_needed")
def password_to_open() -> bytes:
    return pdf_bytes(text_pdf(3), encryption=Encryption(user="secret", owner="owner", R=6))


@nasty("ok")
def owner_password_only() -> bytes:
    nothing = Permissions(
        accessibility=False,
        extract=False,
        modify_annotation=False,
        modify_assembly=False,
        modify_form=False,
        modify_other=False,
        print_highres=False,
        print_lowres=False,
    )
    return pdf_bytes(text_pdf(3), encryption=Encryption(user="", owner="owner", R=6, allow=nothing))


@nasty("ok")
def owner_password_old_cipher() -> bytes:
    return pdf_bytes(text_pdf(), encryption=Encryption(user="", owner="o", R=2, aes=False, metadata=False))


@nasty("ok")
def owner_password_forbids_everything() -> bytes:
    nothing = Permissions(extract=False, modify_annotation=False, modify_form=False, print_highres=False)
    return pdf_bytes(text_pdf(), encryption=Encryption(user="", owner="owner", R=4, allow=nothing))


# --- active content: all of it goes, the document stays ---


def javascript(code: str = "app.alert(1)") -> Dictionary:
    return Dictionary(S=Name.JavaScript, JS=String(code))


@nasty("ok")
def script_on_open() -> bytes:
    pdf = text_pdf()
    pdf.Root["/OpenAction"] = javascript()
    return pdf_bytes(pdf)


@nasty("ok")
def script_in_names() -> bytes:
    pdf = text_pdf()
    pdf.Root["/Names"] = Dictionary(
        JavaScript=Dictionary(Names=Array([String("a"), pdf.make_indirect(javascript())]))
    )
    return pdf_bytes(pdf)


@nasty("ok")
def launches_a_program() -> bytes:
    pdf = text_pdf()
    pdf.Root["/OpenAction"] = pdf.make_indirect(
        Dictionary(Type=Name.Action, S=Name.Launch, F=String("cmd.exe"), Win=Dictionary(F=String("calc.exe")))
    )
    return pdf_bytes(pdf)


@nasty("ok")
def link_runs_script() -> bytes:
    return pdf_bytes(with_annotation(Subtype=Name.Link, A=javascript()))


@nasty("ok")
def link_with_javascript_uri() -> bytes:
    action = Dictionary(S=Name.URI, URI=String("javascript:alert(1)"))
    return pdf_bytes(with_annotation(Subtype=Name.Link, A=action))


@nasty("ok")
def link_to_a_local_file() -> bytes:
    action = Dictionary(S=Name.URI, URI=String("file:///etc/passwd"))
    return pdf_bytes(with_annotation(Subtype=Name.Link, A=action))


@nasty("ok")
def link_to_a_share() -> bytes:
    action = Dictionary(S=Name.GoToR, F=String("\\\\evil\\share\\x.pdf"), D=Array([0, Name.Fit]))
    return pdf_bytes(with_annotation(Subtype=Name.Link, A=action))


@nasty("ok")
def link_submits_a_form() -> bytes:
    target = Dictionary(FS=Name.URL, F=String("http://127.0.0.1/x"))
    return pdf_bytes(with_annotation(Subtype=Name.Link, A=Dictionary(S=Name.SubmitForm, F=target)))


@nasty("ok")
def link_with_a_second_action() -> bytes:
    launch = Dictionary(S=Name.Launch, F=String("x.exe"))
    action = Dictionary(S=Name.GoTo, D=Array([0, Name.Fit]), Next=Array([launch]))
    return pdf_bytes(with_annotation(Subtype=Name.Link, A=action))


@nasty("ok")
def actions_of_pages() -> bytes:
    pdf = text_pdf()
    pdf.pages[0].obj["/AA"] = Dictionary(O=javascript())
    pdf.Root["/AA"] = Dictionary(WC=javascript("x"))
    return pdf_bytes(pdf)


@nasty("ok")
def embedded_program() -> bytes:
    pdf = text_pdf()
    pdf.attachments["evil.exe"] = b"MZ" + b"\0" * 1000
    return pdf_bytes(pdf)


@nasty("ok")
def file_attached_to_a_page() -> bytes:
    pdf = with_annotation(Subtype=Name.FileAttachment)
    file = Dictionary(Type=Name.Filespec, F=String("e.docm"), EF=Dictionary(F=pdf.make_stream(b"PK..")))
    pdf.pages[0].obj["/Annots"][0]["/FS"] = pdf.make_indirect(file)
    return pdf_bytes(pdf)


@nasty("ok")
def rich_media() -> bytes:
    return pdf_bytes(with_annotation(Subtype=Name.RichMedia))


@nasty("ok")
def stream_from_outside() -> bytes:
    pdf = text_pdf()
    outside = pdf.make_stream(b"")
    outside["/F"] = String("http://127.0.0.1/evil")
    pdf.pages[0].contents_add(outside)
    return pdf_bytes(pdf)


# --- forms, layers, signatures ---


def form_pdf() -> pikepdf.Pdf:
    pdf = text_pdf()

    def field(**entries: object) -> pikepdf.Object:
        return pdf.make_indirect(Dictionary(Type=Name.Annot, Subtype=Name.Widget, F=4, P=pdf.pages[0].obj, **entries))

    fields = [
        field(
            FT=Name.Tx,
            T=String("name"),
            V=String("Ann"),
            Rect=Array([100, 600, 300, 620]),
            DA=String("/F 10 Tf 0 g"),
            AA=Dictionary(K=javascript("AFNumber_Keystroke(2,0,0,0,'',true)")),
        ),
        field(FT=Name.Btn, T=String("agree"), V=Name.Off, AS=Name.Off, Rect=Array([100, 560, 115, 575])),
        field(FT=Name.Sig, T=String("sig"), Rect=Array([100, 450, 300, 500])),
    ]
    fonts = pdf.pages[0].obj["/Resources"]["/Font"]
    pdf.pages[0].obj["/Annots"] = Array(fields)
    pdf.Root["/AcroForm"] = pdf.make_indirect(
        Dictionary(Fields=Array(fields), DR=Dictionary(Font=fonts), DA=String("/F 0 Tf 0 g"), NeedAppearances=True)
    )
    return pdf


@nasty("ok")
def form_without_looks() -> bytes:
    return pdf_bytes(form_pdf())


@nasty("ok")
def form_with_xfa_beside() -> bytes:
    pdf = form_pdf()
    pdf.Root["/AcroForm"]["/XFA"] = pdf.make_stream(b"<xdp:xdp xmlns:xdp='http://ns.adobe.com/xdp/'/>")
    return pdf_bytes(pdf)


@nasty("pure_xfa_form")
def form_of_xfa_alone() -> bytes:
    pdf = text_pdf()
    xfa = pdf.make_stream(b"<xdp:xdp xmlns:xdp='http://ns.adobe.com/xdp/'/>")
    pdf.Root["/AcroForm"] = Dictionary(Fields=Array([]), XFA=xfa)
    return pdf_bytes(pdf)


@nasty("ok")
def form_field_is_its_own_kid() -> bytes:
    pdf = form_pdf()
    field = pdf.Root["/AcroForm"]["/Fields"][0]
    pdf.Root["/AcroForm"]["/Fields"].append(field)
    field["/Kids"] = Array([field])
    return pdf_bytes(pdf)


@nasty("ok")
def signed_field() -> bytes:
    pdf = form_pdf()
    value = Dictionary(
        Type=Name.Sig, Filter=Name("/Adobe.PPKLite"), ByteRange=Array([0, 1, 2, 3]), Contents=String("x")
    )
    pdf.Root["/AcroForm"]["/Fields"][2]["/V"] = pdf.make_indirect(value)
    return pdf_bytes(pdf)


@nasty("ok")
def hidden_layer() -> bytes:
    pdf = text_pdf()
    group = pdf.make_indirect(Dictionary(Type=Name.OCG, Name=String("L1")))
    pdf.Root["/OCProperties"] = Dictionary(
        OCGs=Array([group]), D=Dictionary(OFF=Array([group]), Order=Array([group]))
    )
    pdf.pages[0].obj["/Resources"]["/Properties"] = Dictionary(L1=group)
    hidden = b"/OC /L1 BDC BT /F 40 Tf 72 300 Td (PAY 1,000,000) Tj ET EMC"
    pdf.pages[0].contents_add(pdf.make_stream(hidden))
    return pdf_bytes(pdf)


@nasty("ok")
def annotations_by_the_thousand() -> bytes:
    pdf = text_pdf()
    notes = [
        Dictionary(Type=Name.Annot, Subtype=Name.Square, Rect=Array([n % 500, 10, n % 500 + 5, 20]))
        for n in range(8000)
    ]
    pdf.pages[0].obj["/Annots"] = Array(notes)
    return pdf_bytes(pdf)


# --- content that would swallow what follows it ---


def page_with(content: bytes) -> bytes:
    pdf = text_pdf()
    pdf.pages[0].contents_add(pdf.make_stream(content))
    return pdf_bytes(pdf)


@nasty("ok")
def graphics_state_left_scaled() -> bytes:
    pdf = text_pdf()
    leak = pdf.make_stream(b"q 0.5 0 0 0.5 200 200 cm q 1 0 0 rg\n")
    pdf.pages[0].contents_add(leak, prepend=True)
    return pdf_bytes(pdf)


@nasty("ok")
def too_many_restores() -> bytes:
    return page_with(b"Q Q Q 0.3 0 0 0.3 10 10 cm")


@nasty("ok")
def string_left_open() -> bytes:
    return page_with(b"BT /F 12 Tf (never closed")


@nasty("ok")
def inline_image_left_open() -> bytes:
    return page_with(b"BI /W 10 /H 10 /BPC 8 /CS /G ID abcdef")


@nasty("ok")
def dictionary_left_open() -> bytes:
    return page_with(b"/Span << /ActualText (x")


@nasty("ok")
def text_object_left_open() -> bytes:
    return page_with(b"BT /F 12 Tf 0.2 0 0 0.2 30 30 Tm 3 Tr")


# --- bombs ---


@nasty("content_too_large")
def content_of_a_gibibyte() -> bytes:
    return raw_pdf(one_page() | {4: stream(b"/Filter/FlateDecode", deflated_gibibyte())})


@nasty("content_too_large", "unreadable", "killed")
def content_deflated_three_times() -> bytes:
    packed = zlib.compress(zlib.compress(deflated_gibibyte(), 9), 9)
    return raw_pdf(one_page() | {4: stream(b"/Filter[/FlateDecode/FlateDecode/FlateDecode]", packed)})


@nasty("content_too_large", "unreadable")
def object_stream_of_a_gibibyte() -> bytes:
    body = stream(b"/Type/ObjStm/N 1/First 5/Filter/FlateDecode", deflated_gibibyte())
    return raw_pdf(one_page(o5=body))


@nasty("unreadable", "no_pages", "content_too_large")
def xref_stream_of_a_gibibyte() -> bytes:
    head = b"%PDF-1.5\n1 0 obj\n<</Type/Catalog/Pages 2 0 R>>\nendobj\n"
    head += b"2 0 obj\n<</Type/Pages/Kids[]/Count 0>>\nendobj\n"
    table = stream(
        b"/Type/XRef/W[1 4 2]/Index[0 150000000]/Size 150000000/Root 1 0 R/Filter/FlateDecode",
        deflated_gibibyte(),
    )
    return head + b"3 0 obj\n" + table + b"\nendobj\nstartxref\n%d\n%%%%EOF\n" % len(head)


@nasty("content_too_large", "killed")
def image_of_30000_by_30000() -> bytes:
    deflater = zlib.compressobj(9)
    pixels = b"".join(deflater.compress(b"\0" * (1 << 20)) for _ in range(860)) + deflater.flush()
    image = b"/Type/XObject/Subtype/Image/Width 30000/Height 30000/ColorSpace/DeviceGray"
    image += b"/BitsPerComponent 8/Filter/FlateDecode"
    objects = one_page(b"q 612 0 0 792 0 0 cm /I Do Q", b"/XObject<</I 5 0 R>>", o5=stream(image, pixels))
    return raw_pdf(objects)


@nasty("killed", "too_complex", "ok")
def forms_that_draw_forms() -> bytes:
    objects = one_page(b"/I Do " * 10, b"/XObject<</I 5 0 R>>")
    for number in range(5, 16):
        form = b"/Type/XObject/Subtype/Form/BBox[0 0 612 792]/Resources<</XObject<</I %d 0 R>>>>"
        objects[number] = stream(form % (number + 1), b"/I Do " * 10)
    objects[16] = stream(b"/Type/XObject/Subtype/Form/BBox[0 0 612 792]", b"0 0 100 100 re f")
    return raw_pdf(objects)


@nasty("ok")
def form_that_draws_itself() -> bytes:
    form = b"/Type/XObject/Subtype/Form/BBox[0 0 612 792]/Resources<</XObject<</I 5 0 R>>>>"
    return raw_pdf(one_page(b"/I Do", b"/XObject<</I 5 0 R>>", o5=stream(form, b"/I Do")))


@nasty("ok", "killed", "too_complex")
def lines_by_the_hundred_thousand() -> bytes:
    dice = random.Random(1)
    lines = (
        f"{dice.random() * 600:.0f} {dice.random() * 780:.0f} m "
        f"{dice.random() * 600:.0f} {dice.random() * 780:.0f} l S\n"
        for _ in range(200_000)
    )
    content = zlib.compress("".join(lines).encode())
    return raw_pdf(one_page() | {4: stream(b"/Filter/FlateDecode", content)})


# --- pictures ---


@nasty("picture_too_large")
def png_of_81_million_pixels() -> bytes:
    return picture((9_000, 9_000), mode="1")


@nasty("picture_unreadable")
def png_cut_short() -> bytes:
    whole = picture((900, 900))
    return whole[: len(whole) // 2]


@nasty("picture_unreadable")
def jpeg_of_noise() -> bytes:
    return b"\xff\xd8\xff\xe0" + random.Random(3).randbytes(4000)


@nasty("ok", "picture_unreadable")
def jpeg_that_is_a_script() -> bytes:
    return picture(kind="JPEG") + b"<script>alert(1)</script>%PDF-1.7"


@nasty("picture_unreadable")
def tiff_of_noise() -> bytes:
    return b"II*\x00" + random.Random(4).randbytes(4000)


@nasty("picture_unreadable")
def gif_of_nothing() -> bytes:
    return b"GIF89a" + b"\xff" * 40
