"""A JPEG without what its page need not tell: EXIF (place, camera), XMP, Photoshop data, comments."""

from typing import Final

START_OF_SCAN: Final = 0xDA
END_OF_IMAGE: Final = b"\xff\xd9"
PRIVATE: Final = frozenset({0xE1, 0xED, 0xFE, *range(0xE3, 0xED)})
"""APP1, APP13, COM and the APPn nobody needs; APP0 (JFIF), APP2 (colour profile) and APP14 (Adobe's colour
transform) stay."""
WITHOUT_LENGTH: Final = frozenset({0x01, *range(0xD0, 0xD9)})


def without_private_segments(jpeg: bytes) -> bytes:
    """The same picture. A file whose segments cannot be followed is returned as it is (it has been decoded
    by then, so it is a picture all the same)."""
    kept, position = bytearray(jpeg[:2]), 2
    while position + 4 <= len(jpeg) and jpeg[position] == 0xFF:
        marker = jpeg[position + 1]
        if marker == 0xFF:
            position += 1
            continue
        if marker == START_OF_SCAN:
            return bytes(kept) + _up_to_its_end(jpeg[position:])
        stated = int.from_bytes(jpeg[position + 2 : position + 4], "big")
        length = 0 if marker in WITHOUT_LENGTH else stated
        if marker not in PRIVATE:
            kept += jpeg[position : position + 2 + length]
        position += 2 + length
    return jpeg


def _up_to_its_end(scans: bytes) -> bytes:
    """Without what somebody hung on behind the picture."""
    end = scans.rfind(END_OF_IMAGE)
    return scans if end < 0 else scans[: end + len(END_OF_IMAGE)]
