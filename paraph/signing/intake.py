"""Take a signature out of a form: values only, pictures re-encoded by the documents room before they are kept."""

from __future__ import annotations

import asyncio
import shutil
from typing import TYPE_CHECKING, Final

from paraph.documents import DocumentFailure, DocumentWorkers, Rejected
from paraph.kit.errors import TooManyRequests
from paraph.kit.i18n import N_
from paraph.kit.i18n import gettext as _
from paraph.kit.wire import FilePart

from .drawing import Drawing, Unusable, read_drawing
from .refusals import NotYet
from .values import MAX_PICTURE_BYTES, Adopted, Uploaded, read_typed

if TYPE_CHECKING:
    from pathlib import Path

    from paraph.kit import Kit
    from paraph.kit.http import Visit
    from paraph.signature_requests import SignerView

    from .drafts import InkKind

PICTURES_AN_HOUR: Final = 30
HOUR_SECONDS: Final = 3600
UNUSABLE_PICTURE: Final = N_("The picture is damaged or of an unusual kind. Save it as PNG or JPG and try again.")
REFUSED_PICTURES: Final = {
    "empty": N_("The file is empty. Choose it once more."),
    "unsupported_type": N_("This is not a PNG or JPG picture. Choose another file."),
    "picture_too_large": N_("The picture has too many pixels. Make it smaller and choose it again."),
}
"""What the reasons of the documents room mean to a signer, whose picture is no document."""


PREFIX: Final[dict[InkKind, str]] = {"signature": "", "initials": "initials_"}
"""Before the names of the controls, so that one form can make both."""


async def read_ink(visit: Visit, view: SignerView, kind: InkKind, before: Adopted | None, kit: Kit) -> Adopted:
    """Return what the form holds; ``before`` is what was adopted earlier, whose picture may stay.

    Raises NotYet with the element to mend.
    """
    prefix = PREFIX[kind]
    method = visit.text(f"{prefix}method")
    if method == "draw":
        return _drawn(visit.secret(f"{prefix}strokes"), prefix)
    if method == "type":
        return read_typed(visit.secret(f"{prefix}text"), visit.text(f"{prefix}face"), prefix)
    if method == "upload":
        return await _uploaded(visit, view, prefix, before, kit)
    raise NotYet("fill", _("Choose how you want to sign."))


def _drawn(strokes: str, prefix: str) -> Drawing:
    try:
        return read_drawing(strokes)
    except Unusable as refused:
        raise NotYet(f"{prefix}pad", str(refused)) from refused


async def _uploaded(visit: Visit, view: SignerView, prefix: str, before: Adopted | None, kit: Kit) -> Uploaded:
    part, field = visit.form.get(f"{prefix}picture"), f"{prefix}picture"
    if not isinstance(part, FilePart) or part.size == 0:
        if isinstance(before, Uploaded):
            return before
        raise NotYet(field, _("Choose a picture of your signature first."))
    if part.size > MAX_PICTURE_BYTES:
        raise NotYet(
            field,
            _("The picture is larger than %(limit)s MB. Choose a smaller one.", limit=MAX_PICTURE_BYTES >> 20),
        )
    key = f"picture:{view.signature.signature_id}"
    if not (await kit.limits.take(key, PICTURES_AN_HOUR, HOUR_SECONDS)).allowed:
        raise TooManyRequests(_("You have uploaded many pictures. Wait an hour, or sign in another way."))
    return await _kept_picture(part, field, kit)


async def _kept_picture(part: FilePart, field: str, kit: Kit) -> Uploaded:
    async with kit.files.workspace() as folder:
        source, target = folder / "upload", folder / "picture.png"
        await asyncio.to_thread(_copy, part, source)
        try:
            taken = await kit.service(DocumentWorkers).take_picture(source, target)
        except Rejected as refused:
            raise NotYet(field, _(REFUSED_PICTURES.get(refused.reason, UNUSABLE_PICTURE))) from refused
        except DocumentFailure as failure:
            raise NotYet(field, _("The picture could not be read just now. Try once more.")) from failure
        stored = await kit.files.put(target)
        return Uploaded(stored.key, stored.sha256, taken.width, taken.height)


def _copy(part: FilePart, target: Path) -> None:
    with part.open() as source, target.open("wb") as file:
        shutil.copyfileobj(source, file)
