"""Which shipped face stands for each family that a sender may name. Metrics are equal where it says so."""

from typing import Final

from paraph.documents.lettering.faces import TEXT
from paraph.documents.shapes import FontFamily

FAMILIES: Final[dict[FontFamily, str]] = {
    "helvetica": "liberation-sans",  # equal metrics
    "arial": "liberation-sans",  # equal metrics
    "courier": "liberation-mono",  # equal metrics
    "calibri": "carlito",  # equal metrics
    "cambria": "caladea",  # equal metrics
    "georgia": "gelasio",  # equal metrics
    "times": "liberation-serif",  # equal metrics
    "trebuchet": "fira-sans",
    "verdana": "dejavu-sans",
    "roboto": "roboto",
    "robotoMono": "roboto-mono",
    "notoSans": "NotoSans-Regular",
    "notoSerif": "NotoSerif-Regular",
    "notoCJK-JP-Regular": "DroidSansFallback",
    "notoHebrew-Regular": "NotoSansHebrew-Regular",
    "notoSanThaiMerged": "NotoSansThai-Regular",
}


def face_of(family: FontFamily | None) -> str:
    """The name of the face; the text face when no family was named."""
    return TEXT if family is None else FAMILIES[family]
