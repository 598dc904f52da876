"""Accounts with many requests: one is sent over the API, and its rows are copied."""

from __future__ import annotations

import base64
import secrets
import urllib.request
from typing import Any

from sqlalchemy import insert, select, update

from paraph.kit import Kit
from paraph.kit.db import WriteTx
from paraph.signature_requests.models import request_documents, signature_requests, signatures

from .outside import PDF
from .paraphs import Paraph

AT_ONCE = 500
"""Requests that share a transaction."""
DAY = 86_400
LISTS_JOB = "signature_requests.lists"
BOUNDARY = "bench-boundary"


def fill_account(found: Paraph, name: str, count: int) -> str:
    """Give a new account so many requests, sent yesterday; return its API key."""
    account_pk, api_key = found.seeder.account(name)
    _send(found, api_key)
    for done in range(1, count, AT_ONCE):
        batch = min(AT_ONCE, count - done)
        found.seeder.write(lambda tx, kit, batch=batch: _copy(tx, kit, account_pk, batch))  # type: ignore[misc]
    found.seeder.run_job(LISTS_JOB)
    return api_key


def _send(found: Paraph, api_key: str) -> None:
    fields = {"title": "Lease", "signers[0][name]": "Jill", "signers[0][email_address]": "jill@example.com"}
    parts = [
        f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
        for name, value in fields.items()
    ]
    parts.append(
        f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="files[0]"; filename="a.pdf"\r\n\r\n'.encode()
    )
    parts += [PDF.read_bytes(), f"\r\n--{BOUNDARY}--\r\n".encode()]
    headers = {"Content-Type": f"multipart/form-data; boundary={BOUNDARY}", "Authorization": basic(api_key)}
    url = f"{found.host.url}/v3/signature_request/send"
    urllib.request.urlopen(urllib.request.Request(url, b"".join(parts), headers), timeout=60).close()


def basic(api_key: str) -> str:
    """The Authorization header for a key."""
    return "Basic " + base64.b64encode(f"{api_key}:".encode()).decode()


def _copy(tx: WriteTx, kit: Kit, account_pk: int, count: int) -> None:
    of_account = signature_requests.c.account_pk == account_pk
    first = tx.all(select(signature_requests).where(of_account).order_by(signature_requests.c.id).limit(1))[0]
    sent = {"created_at": kit.clock.now() - DAY, "sent_at": kit.clock.now() - DAY}
    tx.execute(update(signature_requests).where(signature_requests.c.id == first.id).values(**sent))
    copies = [_copied(first, "signature_request_id", 20) | sent for _ in range(count)]
    keys = [row.id for row in tx.all(insert(signature_requests).returning(signature_requests.c.id), copies)]
    for table, unique in ((signatures, "signature_id"), (request_documents, "")):
        for row in tx.all(select(table).where(table.c.request_pk == first.id)):
            tx.execute(insert(table), [_copied(row, unique, 16) | {"request_pk": key} for key in keys])


def _copied(row: Any, unique: str, size: int) -> dict[str, Any]:
    """Without its key, which the database gives."""
    own = {name: value for name, value in row._mapping.items() if name != "id"}
    return own | ({unique: secrets.token_hex(size)} if unique else {})
