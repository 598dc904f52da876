"""Documents: bytes in, bytes out. Knows no signer, no HTTP and no database.

Untrusted bytes are opened only in sandboxed children (DocumentWorkers); the process that imports this
face loads no PDF library.
"""

from paraph.documents.findings import FoundText, HiddenTexts
from paraph.documents.identity import SealingIdentity, SealingIdentityError
from paraph.documents.limits import Limits
from paraph.documents.plans import (
    Assembled,
    Assembly,
    Completed,
    CompletionPlan,
    SourceDocument,
    Verdict,
    VerdictState,
)
from paraph.documents.rejected import DocumentFailure, Rejected
from paraph.documents.shapes import (
    Align,
    Attachment,
    Box,
    Certificate,
    CertificateSection,
    Face,
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
from paraph.documents.sniffing import HEAD_BYTES, sniff
from paraph.documents.workers import DocumentWorkers

__all__ = [
    "HEAD_BYTES",
    "Align",
    "Assembled",
    "Assembly",
    "Attachment",
    "Box",
    "Certificate",
    "CertificateSection",
    "Completed",
    "CompletionPlan",
    "DocumentFailure",
    "DocumentWorkers",
    "Face",
    "FoundText",
    "HiddenTexts",
    "Limits",
    "LogEntry",
    "Mark",
    "MarkContent",
    "NormalisedDocument",
    "PageGeometry",
    "Picture",
    "PlacedPage",
    "PlainText",
    "Rejected",
    "SealingIdentity",
    "SealingIdentityError",
    "SignaturePagePlan",
    "SignatureRow",
    "SourceDocument",
    "Strokes",
    "TakenPicture",
    "Tick",
    "TypedText",
    "Verdict",
    "VerdictState",
    "sniff",
]
