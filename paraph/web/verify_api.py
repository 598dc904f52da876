"""POST /v3/verify: the same answer for programs. An addition of ours to the vendor's API; needs no credentials,
because whoever was given a file may ask whether it is genuine."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.responses import JSONResponse, Response

from paraph.kit.errors import ParaphError
from paraph.kit.http import Protocol, raw
from paraph.kit.http.bodies import open_body
from paraph.kit.http.client import client_of
from paraph.kit.http.failures import limit_headers, too_many, unexpected, vendor_failure
from paraph.kit.log import log
from paraph.kit.wire import FilePart
from paraph.kit.wire import Request as RequestBody
from paraph.signature_requests import VerificationAnswer, finding_json

from .verify import count_verification, examine

if TYPE_CHECKING:
    from starlette.requests import Request

    from paraph.kit import Kit


class VerifyBody(RequestBody):
    """The file to check."""

    file: FilePart


@raw("/v3/verify", "POST", told=Protocol("verify", VerificationAnswer, VerifyBody))
async def verify(request: Request, kit: Kit) -> Response:
    """``multipart/form-data`` with the part ``file``; errors in the vendor's envelope."""
    allowance = await count_verification(client_of(request, kit.settings).address, kit)
    try:
        if not allowance.allowed:
            raise too_many(allowance, kit.clock.now())
        async with open_body(request, kit, files=1) as body:
            finding, _ = await examine(body.tree.get("file"), kit)
        response: Response = JSONResponse({"verification": finding_json(finding)})
    except ParaphError as error:
        response = vendor_failure(error)
    except Exception:
        response = vendor_failure(unexpected("verify"))
    response.headers.update(limit_headers(allowance) | {"Cache-Control": "no-store"})
    log("verify", status=response.status_code)
    return response
