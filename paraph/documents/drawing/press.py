"""What all drawing in one document shares: fonts and pictures, each embedded once."""

import zlib
from pathlib import Path

import pikepdf
from pikepdf import Name
from PIL import Image

from paraph.documents.intake.mark_picture import safe_picture
from paraph.documents.lettering import FontBook


class Press:
    """One per document that is written; `finish` before it is saved."""

    def __init__(self, pdf: pikepdf.Pdf) -> None:
        self.pdf = pdf
        self.fonts = FontBook(pdf)
        self._pictures: dict[Path, tuple[pikepdf.Stream, float]] = {}

    def picture(self, path: Path) -> tuple[pikepdf.Stream, float]:
        """The picture as an object of this document, and its width / height."""
        if path not in self._pictures:
            pixels = safe_picture(path.read_bytes())
            self._pictures[path] = (self._with_transparency(pixels), pixels.width / pixels.height)
        return self._pictures[path]

    def finish(self) -> None:
        self.fonts.embed()

    def _with_transparency(self, pixels: Image.Image) -> pikepdf.Stream:
        mask = self._image(pixels.getchannel("A"), Name.DeviceGray)
        image = self._image(pixels.convert("RGB"), Name.DeviceRGB)
        image["/SMask"] = mask
        return image

    def _image(self, pixels: Image.Image, colours: Name) -> pikepdf.Stream:
        return self.pdf.make_stream(
            zlib.compress(pixels.tobytes(), 6),
            Type=Name.XObject,
            Subtype=Name.Image,
            Width=pixels.width,
            Height=pixels.height,
            ColorSpace=colours,
            BitsPerComponent=8,
            Filter=Name.FlateDecode,
        )
