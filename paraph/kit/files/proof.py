"""Try whether a bucket is what the store needs: put, get, list, delete, and the lists of unfinished uploads."""

from __future__ import annotations

import asyncio
import hashlib
import secrets
from typing import TYPE_CHECKING

import httpx
import obstore

from .asking import Asking
from .bucket import Bucket
from .store import FilesUnavailable, place_of
from .unfinished import unfinished_uploads

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from paraph.kit.settings import Settings


PERMISSIONS = {
    "put": "s3:PutObject",
    "get": "s3:GetObject",
    "list": "s3:ListBucket",
    "delete": "s3:DeleteObject",
    "list unfinished uploads": "s3:ListBucketMultipartUploads",
}
"""What is tried, in order, and what a policy has to allow for it (and s3:AbortMultipartUpload for the last)."""


async def bucket_problem(settings: Settings) -> str | None:
    """Say what fails first in the bucket that the settings name, and the permission it takes; None when all works.

    What was put is deleted again."""
    bucket = Bucket.from_settings(settings)
    tried = _steps(bucket)
    for step, permission in PERMISSIONS.items():
        try:
            async with Asking(bucket)():
                await anext(tried)
        except FilesUnavailable as error:
            return f"{step} fails: {error.detail} (it takes {permission})"
        except (FileNotFoundError, ValueError, httpx.HTTPError) as error:
            return f"{step} fails: {str(error).splitlines()[0]} (it takes {permission})"
    return None


async def _steps(bucket: Bucket) -> AsyncIterator[None]:
    client, key, content = bucket.client(), secrets.token_hex(20), secrets.token_bytes(1000)
    place = place_of(key)
    await obstore.put_async(client, place, content, use_multipart=False)
    yield
    found = await (await obstore.get_async(client, place)).bytes_async()
    if hashlib.sha256(found).digest() != hashlib.sha256(content).digest():
        raise ValueError("what came back is not what was put")
    yield
    listed = await obstore.list(client, prefix=place.rpartition("/")[0]).collect_async()
    if place not in [entry["path"] for entry in listed]:
        raise ValueError("what was put is not listed")
    yield
    await obstore.delete_async(client, place)
    yield
    await asyncio.to_thread(_list_unfinished, bucket)
    yield


def _list_unfinished(bucket: Bucket) -> None:
    with httpx.Client(timeout=bucket.seconds) as client:
        next(unfinished_uploads(bucket, client), None)
