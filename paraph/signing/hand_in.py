"""A signer hands in a file: kept as bytes, known by its first ones, never opened here."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from paraph.documents import HEAD_BYTES, sniff
from paraph.kit.errors import TooManyRequests
from paraph.kit.i18n import gettext as _
from paraph.kit.wire import FilePart
from paraph.signature_requests import HandedIn, attachments_missing, lock_for_signer, record_attached, record_detached

from .refusals import NotYet, Problem

if TYPE_CHECKING:
    from paraph.kit import Kit
    from paraph.kit.caller import Client
    from paraph.kit.db import WriteTx
    from paraph.kit.http import Visit
    from paraph.signature_requests import SignerView

MOST_BYTES: Final = 25 * 1024 * 1024
MOST_NAME: Final = 200
UPLOADS_AN_HOUR: Final = 60
HOUR_SECONDS: Final = 3600
PICTURES: Final = frozenset({"image/jpeg", "image/png", "image/gif", "image/tiff"})
OFFICE: Final = frozenset({"application/msword", "application/rtf", "application/x-ole-storage"})
OFFICE_FAMILIES: Final = (
    "application/vnd.openxmlformats-officedocument.",
    "application/vnd.oasis.opendocument.",
    "application/vnd.ms-",
)
ACCEPT: Final = ".pdf,.jpg,.jpeg,.png,.gif,.tif,.tiff,.doc,.docx,.xls,.xlsx,.ppt,.pptx,.odt,.ods,.odp,.rtf"
"""What a browser offers to choose; what counts is what the bytes show."""


async def stored_file(visit: Visit, view: SignerView, kit: Kit) -> HandedIn:
    """Store the file of the form for the attachment of its address; raises NotYet, TooManyRequests."""
    part = visit.form.get("file")
    if not isinstance(part, FilePart) or part.size == 0:
        raise NotYet("file", _("Choose a file first."))
    most = min(MOST_BYTES, kit.settings.max_file_bytes)
    if part.size > most:
        raise NotYet("file", _("The file is larger than %(limit)s MB. Choose a smaller one.", limit=most >> 20))
    with part.open() as file:
        head = file.read(HEAD_BYTES)
        media_type = sniff(head)
        if not is_accepted(media_type):
            sentence = _("This kind of file is not taken. Choose a PDF, a picture or an Office document.")
            raise NotYet("file", sentence)
        key = f"attachment:{view.signature.signature_id}"
        if not (await kit.limits.take(key, UPLOADS_AN_HOUR, HOUR_SECONDS)).allowed:
            raise TooManyRequests(_("You have handed in many files. Wait an hour before the next one."))
        stored = await kit.files.take_over(part.content, part.sha256)
    name = _shown(part.filename)
    return HandedIn(visit.path["attachment"], name, stored.key, stored.sha256, stored.size, media_type)


def is_accepted(media_type: str) -> bool:
    """True for PDF, pictures and Office documents, by what ``sniff`` says."""
    return media_type in PICTURES | OFFICE | {"application/pdf"} or media_type.startswith(OFFICE_FAMILIES)


def missing_files(view: SignerView) -> tuple[Problem, ...]:
    """What to mend before this signer can finish: one problem, however many files are missing."""
    if not attachments_missing(view):
        return ()
    return (Problem("attachments", _("Hand in the files that the sender needs first.")),)


def hand_in(tx: WriteTx, token: str, file: HandedIn, client: Client, *, kit: Kit) -> None:
    """Keep the stored file; raises as ``record_attached``."""
    record_attached(tx, lock_for_signer(tx, token, kit), file, client, kit)


def take_back(tx: WriteTx, token: str, attachment_id: str, client: Client, *, kit: Kit) -> None:
    """Forget the file; raises as ``record_detached``."""
    record_detached(tx, lock_for_signer(tx, token, kit), attachment_id, client, kit)


def _shown(filename: str) -> str:
    """The last part of the name, as people may be shown it."""
    name = filename.replace("\\", "/").rpartition("/")[2]
    return "".join(one for one in name if one.isprintable()).strip()[-MOST_NAME:] or "file"
