"""Dispatch of the vendor's API: authenticate, limit, decode, run in one transaction, render."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from starlette.requests import Request
from starlette.responses import Response

from paraph.kit.errors import NotFound, ParaphError
from paraph.kit.log import log
from paraph.kit.wire.body import tree_from_query

from .authentication import Authenticated, Credential, Schemes, asked_ahead, authenticate, read_credential
from .bodies import open_body
from .client import client_of
from .endpoints import ApiAnswer, ApiEndpoint, ApiRequest
from .failures import add_limit_headers, too_many, unexpected, vendor_failure
from .render import render_api_answer
from .uses import note_use

if TYPE_CHECKING:
    from paraph.kit import Kit
    from paraph.kit.caller import Caller, Client
    from paraph.kit.db import ReadTx
    from paraph.kit.limits import Allowance

    from .operation import Operation

WINDOW_SECONDS = 60
Served = Callable[[Request], Awaitable[Response]]


@dataclass(frozen=True)
class ApiDispatcher:
    """Serves one operation."""

    operation: Operation
    endpoint: ApiEndpoint | None
    schemes: Schemes
    kit: Kit

    async def __call__(self, request: Request) -> Response:
        """Answer one call; every failure is the vendor's envelope, every answer has rate-limit headers."""
        call = _Call(self, request, client_of(request, self.kit.settings), time.perf_counter())
        try:
            response = await call.answer()
        except ParaphError as error:
            response = vendor_failure(error)
        except Exception:
            response = vendor_failure(unexpected(self.operation.id))
        return await call.finish(response)


class _Call:
    def __init__(self, dispatcher: ApiDispatcher, request: Request, client: Client, started: float) -> None:
        self.operation, self.endpoint = dispatcher.operation, dispatcher.endpoint
        self.schemes, self.kit = dispatcher.schemes, dispatcher.kit
        self.request, self.client, self.started = request, client, started
        self.caller: Caller | None = None
        self.allowance: Allowance | None = None

    async def answer(self) -> Response:
        sent = self.request.scope["headers"]
        headers = [value.decode("latin-1") for name, value in sent if name == b"authorization"]
        credential = read_credential(headers, self.kit.settings.public_url)
        asked = asked_ahead(credential, self.schemes, self.kit)
        if self.endpoint is not None and self.endpoint.mode == "reads":
            # one view for the credential and the answer: half the round trips of the commonest call
            found, answer = await self.kit.db.read(
                lambda tx: self._authenticated_read(tx, credential), long=self.endpoint.long, ahead=asked
            )
            await self._admit(found)
            if isinstance(answer, ParaphError):
                raise answer
            return await render_api_answer(answer, self.operation, self.kit)
        await self._admit(await self.kit.db.read(lambda tx: self._authenticate(tx, credential), ahead=asked))
        if self.endpoint is None:
            raise NotFound(f"This server does not offer {self.operation.id} yet.")
        return await self._with_body(self.endpoint)

    async def finish(self, response: Response) -> Response:
        if self.allowance is None:
            self.allowance = await self._count(f"address:{self.client.address}")
        add_limit_headers(response, self.allowance)
        caller = self.caller
        log(
            "call",
            operation=self.operation.id,
            status=response.status_code,
            caller=caller.kind if caller else None,
            account=caller.account_id if caller else None,
            app=caller.client_id if caller else None,
            ms=round((time.perf_counter() - self.started) * 1000, 1),
        )
        return response

    def _authenticate(self, tx: ReadTx, credential: Credential) -> Authenticated:
        return authenticate(tx, credential, self.operation, self.client, self.schemes, self.kit)

    def _authenticated_read(
        self, tx: ReadTx, credential: Credential
    ) -> tuple[Authenticated, ApiAnswer | ParaphError]:
        found = self._authenticate(tx, credential)
        assert self.endpoint is not None
        try:
            return found, self.endpoint.function(tx, self._request(found.caller, None), self.kit)
        except ParaphError as error:  # told apart from a failed authentication: this caller's limit counts
            return found, error

    async def _admit(self, found: Authenticated) -> None:
        self.caller = found.caller
        if found.touch is not None:
            await note_use(found.touch, self.kit)
        settings, account = self.kit.settings, found.caller.account_pk
        if self.operation.costly and settings.api_rate_limit_costly:
            await self._spend(f"costly:{account}", settings.api_rate_limit_costly)
        else:
            await self._spend(f"account:{account}", settings.api_rate_limit)

    async def _spend(self, key: str, limit: int) -> None:
        """Count the call; the headers tell of the class that it was counted in last."""
        self.allowance = await self.kit.limits.take(key, limit, WINDOW_SECONDS)
        if not self.allowance.allowed:
            raise too_many(self.allowance, self.kit.clock.now())

    async def _count(self, key: str) -> Allowance:
        return await self.kit.limits.take(key, self.kit.settings.api_rate_limit, WINDOW_SECONDS)

    async def _with_body(self, endpoint: ApiEndpoint) -> Response:
        assert self.caller is not None
        if endpoint.body is None:
            return await self._run(endpoint, self._request(self.caller, None))
        async with open_body(self.request, self.kit) as body:
            decoded = body.decode(endpoint.body)
            test_limit = self.kit.settings.api_rate_limit_test
            if test_limit and getattr(decoded, "test_mode", False):
                await self._spend(f"test:{self.caller.account_pk}", test_limit)
            return await self._run(endpoint, self._request(self.caller, decoded))

    async def _run(self, endpoint: ApiEndpoint, request: ApiRequest[Any]) -> Response:
        if endpoint.mode == "prepares":
            answer = await endpoint.function(request, self.kit)
        else:
            answer = await self.kit.db.write(lambda tx: endpoint.function(tx, request, self.kit))
        return await render_api_answer(answer, self.operation, self.kit)

    def _request(self, caller: Caller, body: Any) -> ApiRequest[Any]:
        found = self.request.path_params
        path = {key: str(value) for key, value in found.items()} if found else found
        query = self.request.scope["query_string"]
        return ApiRequest(caller, path, tree_from_query(query) if query else {}, body)
