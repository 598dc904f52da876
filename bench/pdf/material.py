"""What the documents bench works on: files, fonts, words, a picture, and keys in the forms that each side reads."""

import io
import json
import random
import shutil
from pathlib import Path

import pikepdf
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.serialization import PrivateFormat, pkcs12
from pikepdf import Dictionary, Name
from PIL import Image, ImageDraw

from tests.helpers.pki import Holder, World, rsa2048

FONTS = Path(__file__).parents[2] / "paraph" / "documents" / "fonts"
PASSPHRASE = b"bench"
TEXTS = (10, 100, 500)
SCANS = (100, 500)
SCANNED = (1654, 2339)
"""A4 at 200 dots per inch."""
WORDS = [
    "Ann-Marie O'Brien",
    "Zoë Łukasz",
    "Thanks, signed",
    "Jane Q. Public",
    "Acme GmbH",
    "42 Long Street",
    "A longer line of text",
    "2026-11-23",
    "Option B",
    "x",
    "x",
    "o",
    "o",
    "Terms of service",
    "s",
    "p",
    "Ann-Marie O'Brien",
    "AMO",
    "i",
    "last",
]


def make(folder: Path, world: World) -> None:
    """Write everything."""
    for pages in TEXTS:
        _text(pages).save(folder / f"text_{pages}.pdf")
    for pages in SCANS:
        _scan(pages).save(folder / f"scan_{pages}.pdf")
    shutil.copy(FONTS / "NotoSans-Regular.ttf", folder / "sans.ttf")
    shutil.copy(FONTS / "dancing-script.ttf", folder / "script.ttf")
    (folder / "words.json").write_text(json.dumps(WORDS))
    (folder / "signature.png").write_bytes(_signature())
    _keys(folder, world)


def _text(pages: int) -> pikepdf.Pdf:
    chance, pdf = random.Random(pages), pikepdf.new()
    words = [
        "party",
        "first",
        "part",
        "shall",
        "indemnify",
        "hold",
        "harmless",
        "signatory",
        "claim",
        "arising",
        "agreement",
        "clause",
        "liability",
    ]
    font = pdf.make_indirect(Dictionary(Type=Name.Font, Subtype=Name.Type1, BaseFont=Name.Helvetica))
    for _ in range(pages):
        lines = "".join(f"({' '.join(chance.choice(words) for _ in range(12))}) Tj 0 -13 Td " for _ in range(52))
        page = _page(pdf, f"BT /F 9 Tf 50 750 Td {lines} ET".encode())
        page.obj["/Resources"] = Dictionary(Font=Dictionary(F=font))
    return pdf


def _scan(pages: int) -> pikepdf.Pdf:
    """Ten different pictures, each copy made distinct by a comment, as pages of a scanner are."""
    pdf, pictures = pikepdf.new(), [_jpeg(place) for place in range(10)]
    for place in range(pages):
        data = pictures[place % 10]
        data = data[:2] + b"\xff\xfe\x00\x0a" + f"{place:08d}".encode() + data[2:]
        image = pikepdf.Stream(
            pdf,
            data,
            Type=Name.XObject,
            Subtype=Name.Image,
            Width=SCANNED[0],
            Height=SCANNED[1],
            ColorSpace=Name.DeviceGray,
            BitsPerComponent=8,
            Filter=Name.DCTDecode,
        )
        page = _page(pdf, b"q 595.276 0 0 841.89 0 0 cm /I Do Q")
        page.obj["/Resources"] = Dictionary(XObject=Dictionary(I=pdf.make_indirect(image)))
    return pdf


def _page(pdf: pikepdf.Pdf, content: bytes) -> pikepdf.Page:
    """With the boxes and the rotation written out, as intake leaves them: no side has to do intake here."""
    page = pdf.add_blank_page(page_size=(595.276, 841.89))
    page.obj["/CropBox"], page.obj["/Rotate"] = page.obj["/MediaBox"], 0
    page.obj["/Contents"] = pdf.make_stream(content)
    return page


def _jpeg(seed: int) -> bytes:
    grain = Image.effect_noise(SCANNED, 20)
    pen = ImageDraw.Draw(grain)
    chance = random.Random(seed)
    for line in range(60):
        pen.rectangle((130, 120 + 35 * line, 400 + chance.randrange(1000), 136 + 35 * line), fill=60)
    output = io.BytesIO()
    grain.save(output, "JPEG", quality=27)
    return output.getvalue()


def _signature() -> bytes:
    drawn, output = Image.new("RGBA", (320, 96), (0, 0, 0, 0)), io.BytesIO()
    ImageDraw.Draw(drawn).line([(10 + 6 * x, 48 + 40 * ((x * 7) % 5 - 2) // 3) for x in range(50)], "black", 3)
    drawn.save(output, "PNG")
    return output.getvalue()


def _keys(folder: Path, world: World) -> None:
    own = _self_signed(world)
    modern = serialization.BestAvailableEncryption(PASSPHRASE)
    # what node-forge can read
    old = PrivateFormat.PKCS12.encryption_builder().kdf_rounds(2000)
    old = old.key_cert_algorithm(pkcs12.PBES.PBESv1SHA1And3KeyTripleDESCBC).hmac_hash(hashes.SHA1())
    bought = world.certified("Bench Bought Seal", rsa2048())
    chain = [world.intermediate.certificate, world.root.certificate]
    for name, holder, others, how in (
        ("own.p12", own, None, modern),
        ("own-3des.p12", own, None, old.build(PASSPHRASE)),
        ("bought.p12", bought, chain, modern),
    ):
        (folder / name).write_bytes(
            pkcs12.serialize_key_and_certificates(b"seal", holder.key, holder.certificate, others, how)
        )


def _self_signed(world: World) -> Holder:
    model, key = world.certified("Bench Seal", rsa2048()).certificate, rsa2048()
    builder = x509.CertificateBuilder().subject_name(model.subject).issuer_name(model.subject)
    builder = builder.public_key(key.public_key()).serial_number(7)
    builder = builder.not_valid_before(model.not_valid_before_utc).not_valid_after(model.not_valid_after_utc)
    usage = model.extensions.get_extension_for_class(x509.KeyUsage)
    return Holder(key, builder.add_extension(usage.value, usage.critical).sign(key, hashes.SHA256()))
