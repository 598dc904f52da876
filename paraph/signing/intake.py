"""Take a signature out of a form: values only, pictures re-encoded by the documents room before they are kept."""

from __future__ import annotations

import asyncio
import shutil
from typing import TYPE_CHECKING, Final

from paraph.documents import DocumentFailure, DocumentWorkers, Rejected
from paraph.kit.errors import TooManyRequests
from paraph.kit.i18n import gettext as _
from paraph.kit.wire import FilePart

from .drawing import Drawing, Unusable, read_drawing
from .refusals import NotYet
from .values import MAX_PICTURE_BYTES, Adopted, Typed, Uploaded, read_typed

if TYPE_CHECKING:
    from pathlib import Path

    from paraph.kit import Kit
    from paraph.kit.http import Visit
    from paraph.signature_requests import SignerView

    from .queries import Kept

PICTURES_AN_HOUR: Final = 30
HOUR_SECONDS: Final = 3600


async def read_signature(visit: Visit, view: SignerView, kept: Kept | None, kit: Kit) -> Adopted:
    """Return what the form holds; ``kept`` is what was adopted before, whose picture may stay.

    Raises NotYet with the element to mend.
    """
    method = visit.text("method")
    if method == "draw":
        return _drawn(visit.secret("strokes"))
    if method == "type":
        return _typed(visit)
    if method == "upload":
        return await _uploaded(visit, view, kept, kit)
    raise NotYet("sign", _("Choose how you want to sign."))


def _drawn(strokes: str) -> Drawing:
    try:
        return read_drawing(strokes)
    except Unusable as refused:
        raise NotYet("pad", str(refused)) from refused


def _typed(visit: Visit) -> Typed:
    return read_typed(visit.secret("text"), visit.text("face"))


async def _uploaded(visit: Visit, view: SignerView, kept: Kept | None, kit: Kit) -> Uploaded:
    part = visit.form.get("picture")
    if not isinstance(part, FilePart) or part.size == 0:
        if kept is not None and isinstance(kept.adopted, Uploaded):
            return kept.adopted
        raise NotYet("picture", _("Choose a picture of your signature first."))
    if part.size > MAX_PICTURE_BYTES:
        raise NotYet(
            "picture",
            _("The picture is larger than %(limit)s MB. Choose a smaller one.", limit=MAX_PICTURE_BYTES >> 20),
        )
    key = f"picture:{view.signature.signature_id}"
    if not (await kit.limits.take(key, PICTURES_AN_HOUR, HOUR_SECONDS)).allowed:
        raise TooManyRequests(_("You have uploaded many pictures. Wait an hour, or sign in another way."))
    return await _kept_picture(part, kit)


async def _kept_picture(part: FilePart, kit: Kit) -> Uploaded:
    async with kit.files.workspace() as folder:
        source, target = folder / "upload", folder / "picture.png"
        await asyncio.to_thread(_copy, part, source)
        try:
            taken = await kit.service(DocumentWorkers).take_picture(source, target)
        except Rejected as refused:
            raise NotYet("picture", refused.sentence) from refused
        except DocumentFailure as failure:
            raise NotYet("picture", _("The picture could not be read just now. Try once more.")) from failure
        stored = await kit.files.put(target)
        return Uploaded(stored.key, stored.sha256, taken.width, taken.height)


def _copy(part: FilePart, target: Path) -> None:
    with part.open() as source, target.open("wb") as file:
        shutil.copyfileobj(source, file)
