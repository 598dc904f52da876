"""The fonts of one document: which glyphs it uses, and their embedding as subsets at the end.

Each pair of glyph and text gets a code (CID) of its own, so that what is copied from the document is
what was written, even where two characters share one glyph.
"""

import hashlib
import zlib

import pikepdf
import uharfbuzz as hb
from pikepdf import Array, Dictionary, Name

from paraph.documents.lettering.faces import Face, face

DROPPED_TABLES = ("GSUB", "GPOS", "GDEF", "cmap", "name", "post", "OS/2", "kern", "STAT")
SUBSET_FLAGS = (
    hb.SubsetFlags.RETAIN_GIDS
    | hb.SubsetFlags.NOTDEF_OUTLINE
    | hb.SubsetFlags.NO_HINTING
    | hb.SubsetFlags.NO_LAYOUT_CLOSURE
)
MAPPINGS_A_BLOCK = 100
"""The most entries that one beginbfchar may hold (Adobe technical note 5014)."""
NONSYMBOLIC_OR_NOT = 4


class FontBook:
    """Collects glyphs while pages are drawn; `embed` writes the fonts, once, before the file is saved."""

    def __init__(self, pdf: pikepdf.Pdf) -> None:
        self._pdf = pdf
        self._fonts: dict[str, pikepdf.Object] = {}
        self._codes: dict[str, dict[tuple[int, str], int]] = {}

    def font(self, name: str) -> pikepdf.Object:
        """The font object to name in a page's resources; its content follows with `embed`."""
        if name not in self._fonts:
            self._fonts[name] = self._pdf.make_indirect(Dictionary(Type=Name.Font))
            self._codes[name] = {}
        return self._fonts[name]

    def code(self, name: str, glyph: int, text: str) -> int:
        """The two-byte code that shows this glyph and reads as this text."""
        self.font(name)
        codes = self._codes[name]
        # 0 stays free: some readers take it for "no glyph"
        return codes.setdefault((glyph, text), len(codes) + 1)

    def embed(self) -> None:
        for name, font in self._fonts.items():
            self._embed(face(name), font, self._codes[name])

    def _embed(self, source: Face, font: pikepdf.Object, codes: dict[tuple[int, str], int]) -> None:
        data = _subset(source, {glyph for glyph, _ in codes})
        base = Name(f"/{_tag(data)}+{source.name.replace('-', '')}")
        font.Subtype = Name.Type0
        font.BaseFont = base
        font.Encoding = Name("/Identity-H")
        font.DescendantFonts = Array([self._descendant(source, base, data, codes)])
        font.ToUnicode = self._compressed(_to_unicode(codes))

    def _descendant(self, source: Face, base: Name, data: bytes, codes: dict[tuple[int, str], int]) -> pikepdf.Object:
        widths = [source.per_mille(source.advances[glyph]) for glyph, _ in codes]
        glyph_ids = b"".join(number.to_bytes(2, "big") for number in (0, *(glyph for glyph, _ in codes)))
        return self._pdf.make_indirect(
            Dictionary(
                Type=Name.Font,
                Subtype=Name.CIDFontType2,
                BaseFont=base,
                CIDSystemInfo=Dictionary(
                    Registry=pikepdf.String("Adobe"), Ordering=pikepdf.String("Identity"), Supplement=0
                ),
                FontDescriptor=self._descriptor(source, base, data),
                DW=1000,
                W=Array([1, Array(widths)]),
                CIDToGIDMap=self._compressed(glyph_ids),
            )
        )

    def _descriptor(self, source: Face, base: Name, data: bytes) -> pikepdf.Object:
        file = self._compressed(data)
        file.Length1 = len(data)
        return self._pdf.make_indirect(
            Dictionary(
                Type=Name.FontDescriptor,
                FontName=base,
                Flags=NONSYMBOLIC_OR_NOT,
                FontBBox=Array([source.per_mille(edge) for edge in source.bounds]),
                ItalicAngle=0,
                Ascent=source.per_mille(source.ascent),
                Descent=source.per_mille(source.descent),
                CapHeight=700,
                StemV=80,
                FontFile2=file,
            )
        )

    def _compressed(self, data: bytes) -> pikepdf.Stream:
        return self._pdf.make_stream(zlib.compress(data, 6), Filter=Name.FlateDecode)


def _subset(source: Face, glyphs: set[int]) -> bytes:
    wanted = hb.SubsetInput()
    wanted.flags = SUBSET_FLAGS
    wanted.glyph_set.update(glyphs)
    wanted.drop_table_tag_set.update(int.from_bytes(tag.encode(), "big") for tag in DROPPED_TABLES)
    return bytes(wanted.subset(source.hb_face).blob.data)


def _tag(data: bytes) -> str:
    """Six capitals that differ between subsets (ISO 32000-1, 9.6.4)."""
    return "".join(chr(ord("A") + byte % 26) for byte in hashlib.sha256(data).digest()[:6])


def _to_unicode(codes: dict[tuple[int, str], int]) -> bytes:
    mappings = [f"<{code:04x}> <{text.encode('utf-16-be').hex()}>" for (_, text), code in codes.items() if text]
    blocks = []
    for start in range(0, len(mappings), MAPPINGS_A_BLOCK):
        block = mappings[start : start + MAPPINGS_A_BLOCK]
        blocks.append("\n".join([f"{len(block)} beginbfchar", *block, "endbfchar"]))
    return "\n".join(
        [
            "/CIDInit /ProcSet findresource begin 12 dict begin begincmap",
            "/CIDSystemInfo <</Registry (Adobe) /Ordering (UCS) /Supplement 0>> def",
            "/CMapName /Adobe-Identity-UCS def /CMapType 2 def",
            "1 begincodespacerange <0000> <ffff> endcodespacerange",
            *blocks,
            "endcmap CMapName currentdict /CMap defineresource pop end end",
        ]
    ).encode()
