"""A finding in people's words; pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from paraph.kit.i18n import N_
from paraph.kit.i18n import gettext as _
from paraph.kit.templates import moment

if TYPE_CHECKING:
    from .verification import Finding, Outcome

SENTENCES: dict[Outcome, str] = {
    "sealed_unchanged": N_("This file was sealed by this server and has not been changed since."),
    "changed": N_("Do not trust this file: it is not as it was when it was sealed."),
    "sealed_by_another": N_("This file bears a seal, but not one of this server."),
    "not_sealed": N_("This file bears no seal: it is not a finished document of this server."),
    "unreadable": N_("This file cannot be read as a PDF, or it is damaged beyond checking."),
}
REASONS = {
    "content_changed": N_("The content differs from what was sealed."),
    "changed_after_sealing": N_("Something was added or altered after the seal was made."),
    "changes_forbidden_by_the_seal": N_("A later version of the file breaks the seal's ban on changes."),
    "padding_changed": N_("The space that is reserved for the signature was altered."),
    "signature_holds_more": N_("Something was put inside the signature."),
    "signature_invalid": N_("The signature does not match its certificate."),
    "signature_unreadable": N_("The signature is damaged."),
    "certificate_of_another": N_("The certificate of the seal is somebody else's, by an authority known here."),
    "signer_not_trusted": N_("The certificate of the seal does not come from this server."),
    "weak_digest": N_("The seal uses a method that is no longer safe."),
    "not_a_pades_seal": N_("The signature is of another kind than this server's seal."),
    "not_certified_against_changes": N_("The signature does not forbid changes, as this server's seal does."),
    "more_than_one_signature": N_("Somebody signed the file once more."),
    "level_lower_than_stated": N_("The seal is of a lower level than the file states."),
    "timestamp_not_trusted": N_("The timestamp in the seal is not one that this server believes."),
    "timestamp_holds_more": N_("Something was put inside the timestamp."),
    "no_seal": N_("The file bears a timestamp, but no seal."),
    "no_signature": N_("The file bears no digital signature."),
}
NOTES = {
    "certificate_expired_since": N_(
        "The sealing certificate has expired since; it was valid when the file was sealed."
    ),
}
OF_ANOTHER = N_("This file was validly sealed, but by somebody else (%(who)s), not by this server.")
DAMAGED = N_("The file is damaged.")


def sentence_for(finding: Finding) -> str:
    """The answer in one sentence."""
    if finding.outcome == "changed" and finding.verdict.intact and finding.carried.fault is not None:
        return _("Do not trust this file: its evidence is not whole. %(fault)s", fault=finding.carried.fault)
    if finding.outcome == "sealed_by_another" and finding.verdict.intact:
        return _(OF_ANOTHER, who=finding.verdict.sealed_by)
    return _(SENTENCES[finding.outcome])


def finding_in_words(finding: Finding) -> str:
    """The whole answer as text, a fact a line."""
    verdict, carried = finding.verdict, finding.carried
    lines = [sentence_for(finding), *(f"  {reason_in_words(code)}" for code in finding.reasons)]
    lines += [f"  {note_in_words(code)}" for code in verdict.notes]
    if finding.is_sound:
        lines += [f"Document: {carried.title}", f"Sent by: {carried.sender}"]
        lines += [f"Signed by: {one.name} ({one.email_address}), {moment(one.signed_at)}" for one in carried.signers]
        lines.append(f"Request: {carried.signature_request_id}")
        lines.append(f"Chain: whole, {carried.events} events, head {carried.head}")
    if verdict.sealed_by:
        lines += [f"Sealed by: {verdict.sealed_by}", f"Issued by: {verdict.issued_by}"]
        lines += [f"Sealed at: {verdict.sealed_at}", f"Level: {verdict.level or 'none'}"]
    if verdict.timestamped_at:
        lines.append(f"Time vouched for: {verdict.timestamped_at}, by {verdict.timestamped_by}")
    return "\n".join([*lines, f"SHA-256: {verdict.sha256}"])


def reason_in_words(code: str) -> str:
    """What a reason of the verdict means; new codes are named as they are."""
    name = code.partition(":")[0]
    if name == "unreadable":
        return _(DAMAGED)
    if name in REASONS:
        return _(REASONS[name])
    return _("The seal is not as it must be (%(code)s).", code=name)


def note_in_words(code: str) -> str:
    """What is worth knowing, and no fault."""
    return _(NOTES[code]) if code in NOTES else code.replace("_", " ").capitalize() + "."
