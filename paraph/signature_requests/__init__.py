"""Signature requests: send, prepare, remind, cancel, expire, complete, download, and the chain of evidence.

The signing room acts through ``load_for_signer``/``lock_for_signer`` and the ``record_…`` verbs.
"""

from .access import Door, Method, masked_number, methods_of, next_door
from .answers import VerificationAnswer
from .assembly import PROPERTY_HEAD
from .attach import (
    HandedIn,
    attachment_of,
    attachments_missing,
    attachments_of,
    record_attached,
    record_detached,
)
from .audit import AuditEvent, chain_of, is_intact
from .bundle import bundle_name, evidence_bundle
from .carried import Carried, CarriedSigner
from .certificate import CHAIN_FILE
from .chain_check import chain_fault, chain_fault_in
from .consent import record_consent, record_consent_withdrawn
from .decline import record_declined
from .download import download_name, fetched_by_signer, record_download
from .facts import FilesDeleted
from .fill import AnswersRefused, signing_day
from .filled import AdoptedPicture, FilledSignature, Ink
from .form import Given, RequestField
from .lifecycle import RequestState, SignatureStatus
from .links import file_link, signing_link
from .list_requests import waiting_for_me
from .looks import takes_lines
from .queries import app_of_request, ended_signatures
from .reassign import Successor, is_passed_on, may_reassign, record_reassigned
from .seal_page import RecentSeal, recent_seals
from .send_code import text_code
from .shapes import (
    Consent,
    RequestAttachment,
    RequestDocument,
    Signature,
    SignatureRequest,
    SigningOptions,
    WholeRequest,
)
from .sign import record_signed
from .signer_view import (
    OtherSigner,
    SignerView,
    Standing,
    check_documents,
    load_for_signer,
    load_signer,
    lock_for_signer,
    lock_signer,
    refusal_of,
)
from .stuck import StuckRequest, retry_request, revive_lost, stuck_requests, unfinished
from .try_code import Attempt, record_try
from .verification import Finding, finding_of, verify_file
from .verification_json import finding_json
from .verification_words import finding_in_words, note_in_words, reason_in_words, sentence_for
from .view import record_viewed

__all__ = [
    "CHAIN_FILE",
    "PROPERTY_HEAD",
    "AdoptedPicture",
    "AnswersRefused",
    "Attempt",
    "AuditEvent",
    "Carried",
    "CarriedSigner",
    "Consent",
    "Door",
    "FilesDeleted",
    "FilledSignature",
    "Finding",
    "Given",
    "HandedIn",
    "Ink",
    "Method",
    "OtherSigner",
    "RecentSeal",
    "RequestAttachment",
    "RequestDocument",
    "RequestField",
    "RequestState",
    "Signature",
    "SignatureRequest",
    "SignatureStatus",
    "SignerView",
    "SigningOptions",
    "Standing",
    "StuckRequest",
    "Successor",
    "VerificationAnswer",
    "WholeRequest",
    "app_of_request",
    "attachment_of",
    "attachments_missing",
    "attachments_of",
    "bundle_name",
    "chain_fault",
    "chain_fault_in",
    "chain_of",
    "check_documents",
    "download_name",
    "ended_signatures",
    "evidence_bundle",
    "fetched_by_signer",
    "file_link",
    "finding_in_words",
    "finding_json",
    "finding_of",
    "is_intact",
    "is_passed_on",
    "load_for_signer",
    "load_signer",
    "lock_for_signer",
    "lock_signer",
    "masked_number",
    "may_reassign",
    "methods_of",
    "next_door",
    "note_in_words",
    "reason_in_words",
    "recent_seals",
    "record_attached",
    "record_consent",
    "record_consent_withdrawn",
    "record_declined",
    "record_detached",
    "record_download",
    "record_reassigned",
    "record_signed",
    "record_try",
    "record_viewed",
    "refusal_of",
    "retry_request",
    "revive_lost",
    "sentence_for",
    "signing_day",
    "signing_link",
    "stuck_requests",
    "takes_lines",
    "text_code",
    "unfinished",
    "verify_file",
    "waiting_for_me",
]
