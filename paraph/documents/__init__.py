"""Documents: bytes in, bytes out. Knows no signer, no HTTP and no database.

Untrusted bytes are opened only in sandboxed children (DocumentWorkers); the process that imports this
face loads no PDF library.
"""

from paraph.documents.conversion import INSTALL as INSTALL_OFFICE
from paraph.documents.conversion import OfficeConverter, missing_programs, try_conversion
from paraph.documents.findings import (
    FormFieldKind,
    FoundForm,
    FoundFormField,
    FoundText,
    HiddenTexts,
    PageText,
    TextLine,
)
from paraph.documents.identity import (
    SealingIdentity,
    SealingIdentityError,
    TokenKey,
    fingerprint_of,
    pem_certificates,
    pem_of,
)
from paraph.documents.levels import LEVELS, Level
from paraph.documents.limits import Limits
from paraph.documents.offline import OFFLINE_VERIFIER
from paraph.documents.own_seals import OwnSeals, is_authority, remembered_roots
from paraph.documents.plans import (
    Assembled,
    Assembly,
    Completed,
    CompletionPlan,
    SealParts,
    SourceDocument,
    Verdict,
    VerdictState,
)
from paraph.documents.rejected import DocumentFailure, Rejected
from paraph.documents.sandbox import Fetched, FetchOrder
from paraph.documents.seal_policy import Authority, LevelNotReached, SealPolicy
from paraph.documents.shapes import (
    Align,
    Attachment,
    Box,
    Certificate,
    CertificateSection,
    Face,
    FontFamily,
    Hyperlink,
    LogEntry,
    Mark,
    MarkContent,
    NormalisedDocument,
    PageGeometry,
    Picture,
    PlacedPage,
    PlainText,
    SignaturePagePlan,
    SignatureRow,
    Strokes,
    TakenPicture,
    Tick,
    TypedText,
)
from paraph.documents.sniffing import CONVERTED, HEAD_BYTES, READ_HERE, sniff
from paraph.documents.watch import SealWatch
from paraph.documents.workers import DocumentWorkers

__all__ = [
    "CONVERTED",
    "HEAD_BYTES",
    "INSTALL_OFFICE",
    "LEVELS",
    "OFFLINE_VERIFIER",
    "READ_HERE",
    "Align",
    "Assembled",
    "Assembly",
    "Attachment",
    "Authority",
    "Box",
    "Certificate",
    "CertificateSection",
    "Completed",
    "CompletionPlan",
    "DocumentFailure",
    "DocumentWorkers",
    "Face",
    "FetchOrder",
    "Fetched",
    "FontFamily",
    "FormFieldKind",
    "FoundForm",
    "FoundFormField",
    "FoundText",
    "HiddenTexts",
    "Hyperlink",
    "Level",
    "LevelNotReached",
    "Limits",
    "LogEntry",
    "Mark",
    "MarkContent",
    "NormalisedDocument",
    "OfficeConverter",
    "OwnSeals",
    "PageGeometry",
    "PageText",
    "Picture",
    "PlacedPage",
    "PlainText",
    "Rejected",
    "SealParts",
    "SealPolicy",
    "SealWatch",
    "SealingIdentity",
    "SealingIdentityError",
    "SignaturePagePlan",
    "SignatureRow",
    "SourceDocument",
    "Strokes",
    "TakenPicture",
    "TextLine",
    "Tick",
    "TokenKey",
    "TypedText",
    "Verdict",
    "VerdictState",
    "fingerprint_of",
    "is_authority",
    "missing_programs",
    "pem_certificates",
    "pem_of",
    "remembered_roots",
    "sniff",
    "try_conversion",
]
