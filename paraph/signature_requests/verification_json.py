"""A finding as JSON: for POST /v3/verify and ``paraph verify --json``; docs/verify.md."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .verification_words import reason_in_words, sentence_for

if TYPE_CHECKING:
    from .carried import Carried
    from .verification import Finding


def finding_json(finding: Finding) -> dict[str, Any]:
    """What is known of the file. What the file says of itself is told only when it is sound."""
    verdict = finding.verdict
    return {
        "outcome": finding.outcome,
        "is_sealed_here": finding.is_sealed_here,
        "is_unchanged": finding.is_sound,
        "is_archived": finding.is_archived,
        "message": sentence_for(finding),
        "reasons": [{"code": code, "message": reason_in_words(code)} for code in finding.reasons],
        "notes": list(verdict.notes),
        "sha256": verdict.sha256,
        "byte_count": verdict.byte_count,
        "page_count": verdict.page_count,
        "seal": _seal(finding),
        "chain": _chain(finding),
        "signature_request": _request(finding.carried) if finding.is_sound else None,
    }


def _seal(finding: Finding) -> dict[str, Any] | None:
    verdict = finding.verdict
    if not verdict.sealed_by:
        return None
    return {
        "level": verdict.level,
        "sealed_by": verdict.sealed_by,
        "issued_by": verdict.issued_by,
        "certificate_sha256": verdict.certificate_sha256,
        "sealed_at": verdict.sealed_at,
        "timestamped_at": verdict.timestamped_at or None,
        "timestamped_by": verdict.timestamped_by or None,
    }


def _chain(finding: Finding) -> dict[str, Any] | None:
    if finding.verdict.state not in ("sealed_intact", "not_intact"):
        return None
    carried = finding.carried
    return {
        "is_intact": carried.fault is None,
        "fault": carried.fault,
        "events": carried.events,
        "head": carried.head or None,
    }


def _request(carried: Carried) -> dict[str, Any]:
    return {
        "signature_request_id": carried.signature_request_id,
        "title": carried.title,
        "sender": carried.sender,
        "app_name": carried.app_name or None,
        "signers": [
            {
                "name": signer.name,
                "email_address": signer.email_address,
                "signed_at": signer.signed_at,
                "kind": signer.kind or None,
                "authentication": list(signer.methods),
            }
            for signer in carried.signers
        ],
    }
