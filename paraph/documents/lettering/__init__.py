"""Text of any script as PDF content: which face, which order, which glyphs, how embedded."""

from paraph.documents.lettering.faces import HANDWRITING, warm_up
from paraph.documents.lettering.families import FAMILIES, face_of
from paraph.documents.lettering.fontbook import FontBook
from paraph.documents.lettering.readable import readable
from paraph.documents.lettering.setting import Setting, TextBox, set_text
from paraph.documents.lettering.shaping import shape
from paraph.documents.lettering.wrapping import wrapped

__all__ = [
    "FAMILIES",
    "HANDWRITING",
    "FontBook",
    "Setting",
    "TextBox",
    "face_of",
    "readable",
    "set_text",
    "shape",
    "warm_up",
    "wrapped",
]
