"""Settings of a file store in S3 that contradict each other."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from .settings import Settings

_BUCKET = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")
_PREFIX = re.compile(r"[A-Za-z0-9!_.*'()/-]{0,200}")
_REGION = re.compile(r"[a-z0-9-]{1,40}")
LONGEST_ANSWER_SECONDS = 300


def s3_problem(settings: Settings) -> str | None:
    """What is wrong with the settings of the store, as a sentence; None when they fit."""
    given = {
        "PARAPH_S3_ENDPOINT": settings.s3_endpoint,
        "PARAPH_S3_ACCESS_KEY_ID": settings.s3_access_key_id,
        "PARAPH_S3_SECRET_ACCESS_KEY": settings.s3_secret_access_key,
        "PARAPH_S3_PREFIX": settings.s3_prefix,
        "PARAPH_S3_KMS_KEY": settings.s3_kms_key,
    }
    if not settings.s3_bucket:
        lonely = [name for name, value in given.items() if value]
        return f"{lonely[0]} needs PARAPH_S3_BUCKET." if lonely else None
    if not settings.s3_access_key_id or not settings.s3_secret_access_key:
        return "PARAPH_S3_BUCKET needs PARAPH_S3_ACCESS_KEY_ID and PARAPH_S3_SECRET_ACCESS_KEY."
    return _name_problem(settings) or _address_problem(settings) or _choice_problem(settings)


def _name_problem(settings: Settings) -> str | None:
    if not _BUCKET.fullmatch(settings.s3_bucket):
        return "PARAPH_S3_BUCKET must be the name of a bucket: 3 to 63 small letters, digits, dots and hyphens."
    steps = set(settings.s3_prefix.strip("/").split("/")) if settings.s3_prefix else set()
    if not _PREFIX.fullmatch(settings.s3_prefix) or steps & {"", ".", ".."}:
        return "PARAPH_S3_PREFIX must be a plain path in the bucket, such as paraph/files."
    if not _REGION.fullmatch(settings.s3_region):
        return "PARAPH_S3_REGION must be the name of a region, such as eu-central-1."
    return None


def _address_problem(settings: Settings) -> str | None:
    if not settings.s3_endpoint:
        return None
    try:
        parts = urlsplit(settings.s3_endpoint)
        plain = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        plain = False
    if not plain or parts.path.strip("/") or parts.query or parts.fragment or parts.username is not None:
        return "PARAPH_S3_ENDPOINT must be a plain http or https address, such as https://s3.example.com."
    return None


def _choice_problem(settings: Settings) -> str | None:
    if settings.s3_kms_key and settings.s3_encryption != "aws:kms":
        return "PARAPH_S3_KMS_KEY needs PARAPH_S3_ENCRYPTION=aws:kms."
    if not 1 <= settings.s3_seconds <= LONGEST_ANSWER_SECONDS:
        return f"PARAPH_S3_SECONDS must lie between 1 and {LONGEST_ANSWER_SECONDS}."
    if settings.s3_cache_bytes < 0:
        return "PARAPH_S3_CACHE_BYTES must be 0 or more."
    return None
