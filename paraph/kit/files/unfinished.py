"""Uploads in parts that a killed process left unfinished: hidden in the bucket, and paid for.

The client has no call for them, so the two requests are made here, signed as its own are (Signature Version 4).
"""

from __future__ import annotations

import hashlib
import hmac
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from urllib.parse import quote, urlsplit
from xml.etree import ElementTree

import httpx

from paraph.kit.log import log

from .spool import ABANDONED_SECONDS
from .store import is_key

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from .bucket import Bucket

_EMPTY = hashlib.sha256(b"").hexdigest()
MOST_PAGES = 1000
PAGE = 1000


@dataclass(frozen=True, slots=True)
class Unfinished:
    """An upload that was begun and neither completed nor aborted."""

    key: str
    upload_id: str
    begun: datetime


def abort_unfinished(bucket: Bucket, older_than: int = ABANDONED_SECONDS) -> int:
    """Abort what was begun longer ago and return how many; a store that fails is asked again by the next sweep."""
    limit, aborted = datetime.now(UTC) - timedelta(seconds=older_than), 0
    with httpx.Client(timeout=bucket.seconds) as client:
        try:
            for upload in unfinished_uploads(bucket, client):
                if upload.begun < limit:
                    _ask(client, bucket, "DELETE", {"uploadId": upload.upload_id}, upload.key)
                    aborted += 1
        except (httpx.HTTPError, ElementTree.ParseError, ValueError) as error:
            log("unfinished_uploads_not_swept", reason=str(error)[:300])
    if aborted:
        log("unfinished_uploads_aborted", count=aborted)
    return aborted


def unfinished_uploads(bucket: Bucket, client: httpx.Client) -> Iterator[Unfinished]:
    """Yield this server's own, a page at a time. Raises httpx.HTTPError, ParseError, ValueError."""
    query = {"uploads": "", "max-uploads": str(PAGE), "prefix": f"{bucket.prefix}/" if bucket.prefix else ""}
    for _ in range(MOST_PAGES):
        page = ElementTree.fromstring(_ask(client, bucket, "GET", query).content)  # noqa: S314 - the operator's store
        space = page.tag.partition("}")[0] + "}" if page.tag.startswith("{") else ""
        for entry in page.iter(f"{space}Upload"):
            key = entry.findtext(f"{space}Key", "")
            if is_key(key.rpartition("/")[2]):
                begun = datetime.fromisoformat(entry.findtext(f"{space}Initiated", ""))
                yield Unfinished(key, entry.findtext(f"{space}UploadId", ""), begun)
        if page.findtext(f"{space}IsTruncated") != "true":
            return
        query["key-marker"] = page.findtext(f"{space}NextKeyMarker", "")
        query["upload-id-marker"] = page.findtext(f"{space}NextUploadIdMarker", "")


def _ask(
    client: httpx.Client, bucket: Bucket, method: str, query: Mapping[str, str], key: str = ""
) -> httpx.Response:
    url = f"{bucket.url}/{quote(key)}" if key else bucket.url
    asked = "&".join(f"{quote(name, safe='')}={quote(value, safe='')}" for name, value in sorted(query.items()))
    headers = signed_headers(bucket, method, url, asked, time.gmtime())
    return client.request(method, f"{url}?{asked}", headers=headers).raise_for_status()


def signed_headers(bucket: Bucket, method: str, url: str, query: str, now: time.struct_time) -> dict[str, str]:
    """Return the headers that authenticate a request without a body (AWS Signature Version 4); ``query`` is sorted
    and encoded."""
    moment, day = time.strftime("%Y%m%dT%H%M%SZ", now), time.strftime("%Y%m%d", now)
    parts = urlsplit(url)
    headers = {"host": parts.netloc, "x-amz-content-sha256": _EMPTY, "x-amz-date": moment}
    names = ";".join(sorted(headers))
    lines = [f"{name}:{headers[name]}" for name in sorted(headers)]
    canonical = "\n".join([method, parts.path or "/", query, *lines, "", names, _EMPTY])
    scope = f"{day}/{bucket.region}/s3/aws4_request"
    text = f"AWS4-HMAC-SHA256\n{moment}\n{scope}\n{hashlib.sha256(canonical.encode()).hexdigest()}"
    key = f"AWS4{bucket.secret_access_key}".encode()
    for step in (*scope.split("/"),):
        key = hmac.digest(key, step.encode(), "sha256")
    signature = hmac.digest(key, text.encode(), "sha256").hex()
    credential = f"{bucket.access_key_id}/{scope}"
    headers["authorization"] = (
        f"AWS4-HMAC-SHA256 Credential={credential}, SignedHeaders={names}, Signature={signature}"
    )
    return headers
