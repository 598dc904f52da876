"""Build the ASGI application from what the rooms declare."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles

from paraph.kit.errors import NotFound, ParaphError
from paraph.kit.i18n import ENGLISH, speaking
from paraph.kit.i18n import gettext as _
from paraph.kit.templates import PACKAGE, template_environment

from .api import ApiDispatcher
from .compression import Compressed, compressed, may_be_compressed
from .endpoints import ApiEndpoint, RawEndpoint, WebEndpoint
from .failures import unexpected, vendor_failure
from .languages import wanted_language
from .observed import ROUTE
from .refusal import Refusal
from .shedding import Shedding
from .table import ShortCut, TabledRouter
from .web import WebDispatcher

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from jinja2 import Environment
    from starlette.requests import Request
    from starlette.responses import Response

    from paraph.kit import Kit

    from .authentication import Schemes
    from .operation import Operation

VERSION_PREFIX = "/v3"
VERIFYING = (("POST", "/verify"), ("POST", "/v3/verify"))
"""Anybody may have a file opened there: it waits behind what people who are known send."""


@dataclass(frozen=True)
class Edges:
    """Everything the rooms declare, and the table of operations that the API endpoints answer."""

    operations: Mapping[str, Operation]
    aliases: Sequence[tuple[str, str, str]] = ()
    api: Sequence[ApiEndpoint] = ()
    web: Sequence[WebEndpoint] = ()
    raw: Sequence[RawEndpoint] = ()
    own_operations: Sequence[str] = field(default_factory=tuple)


def build_app(kit: Kit, edges: Edges, schemes: Schemes) -> Starlette:
    """Return the application; raises ValueError when endpoints and the table of operations do not fit."""
    templates = template_environment()
    raw_routes, api_routes = _raw_routes(kit, edges), _api_routes(kit, edges, schemes)
    routes: list[BaseRoute] = [
        *raw_routes,
        *api_routes,
        *_web_routes(edges, schemes, templates, kit),
        *_static_routes(),
    ]
    speaks_json = {endpoint.path for endpoint in edges.raw} - {endpoint.path for endpoint in edges.web}
    refusals = _Refusals(kit, schemes, templates, frozenset(speaks_json))
    # Starlette would send /login/ to /login under the name and scheme that the request claims to have come by
    router = TabledRouter(routes=routes, redirect_slashes=False).tabled([*raw_routes, *api_routes])
    short_cut = Middleware(ShortCut, router=router, refuse=refusals.any)
    app = Starlette(
        middleware=[_shedding(kit, edges, Refusal(kit.settings, templates)), short_cut],
        exception_handlers={
            404: refusals.missing,
            405: refusals.wrong_method,
            ParaphError: refusals.refused,
            Exception: refusals.refused,
        },
    )
    app.router = router
    return app


@dataclass(frozen=True)
class _Refusals:
    """What is answered where no endpoint answers: the vendor's envelope to programs, a page to people."""

    kit: Kit
    schemes: Schemes
    templates: Environment
    speaks_json: frozenset[str]

    async def any(self, request: Request, error: Exception) -> Response:
        """As the application's own handlers would."""
        by_status = {404: self.missing, 405: self.wrong_method}
        if isinstance(error, HTTPException) and error.status_code in by_status:
            return await by_status[error.status_code](request, error)
        return await self.refused(request, error)

    async def missing(self, request: Request, _error: Exception) -> Response:
        if self._wants_envelope(request):
            return vendor_failure(NotFound("There is no such operation."))
        with speaking(wanted_language(request) if _is_for_signers(request) else ENGLISH):
            return await self._refuse(request, NotFound(_("There is no such page.")))

    async def wrong_method(self, request: Request, error: Exception) -> Response:
        message = f"{request.method} is not supported here."
        headers = getattr(error, "headers", None)
        refusal = ParaphError(message, name="method_not_supported", status=405, headers=headers)
        return await self._refuse(request, refusal)

    async def refused(self, request: Request, error: Exception) -> Response:
        told = error if isinstance(error, ParaphError) else unexpected(request.url.path)
        return await self._refuse(request, told)

    async def _refuse(self, request: Request, error: ParaphError) -> Response:
        if self._wants_envelope(request):
            return vendor_failure(error)
        endpoint = _refusing(error, translated=_is_for_signers(request))
        return await WebDispatcher(endpoint, self.schemes, self.templates, self.kit)(request)

    def _wants_envelope(self, request: Request) -> bool:
        path = request.url.path
        return path.startswith(VERSION_PREFIX + "/") or path in self.speaks_json


def _shedding(kit: Kit, edges: Edges, refusal: Refusal) -> Middleware:
    costly = [operation for operation in edges.operations.values() if operation.costly]
    beginnings = [(one.method, VERSION_PREFIX + one.path.partition("{")[0]) for one in costly]
    return Middleware(Shedding, kit=kit, costly=[*beginnings, *VERIFYING], refusal=refusal)


def _api_routes(kit: Kit, edges: Edges, schemes: Schemes) -> list[Route]:
    endpoints = {endpoint.operation_id: endpoint for endpoint in edges.api}
    unknown = set(endpoints) - set(edges.operations)
    if unknown or len(endpoints) != len(edges.api):
        raise ValueError(f"endpoints without an operation, or declared twice: {sorted(unknown)}")
    addresses = [(op.method, op.path, op) for op in edges.operations.values()]
    addresses += [(method, path, edges.operations[name]) for method, path, name in edges.aliases]
    # literal paths before patterns: /signature_request/list before /signature_request/{id}
    addresses.sort(key=lambda entry: [("{" in part, part) for part in entry[1].split("/")])
    grouped: dict[str, dict[str, ApiDispatcher]] = {}
    for method, path, operation in addresses:
        dispatcher = ApiDispatcher(operation, endpoints.get(operation.id), schemes, kit)
        grouped.setdefault(VERSION_PREFIX + path, {})[method] = dispatcher
    return [_methods_route(path, by_method) for path, by_method in grouped.items()]


def _methods_route(path: str, by_method: Mapping[str, Any]) -> Route:
    async def serve(request: Request) -> Response:
        if any("\x00" in str(value) for value in request.path_params.values()):
            raise HTTPException(404)  # no id holds a NUL, and PostgreSQL takes none
        request.scope[ROUTE] = path
        response: Response = await by_method[request.method](request)
        return response

    route = Route(path, serve, methods=list(by_method))
    route.methods = set(by_method)  # Starlette adds HEAD to GET; a HEAD must not reach an endpoint (A8, T14)
    return route


def _web_routes(edges: Edges, schemes: Schemes, templates: Any, kit: Kit) -> list[BaseRoute]:
    grouped: dict[str, dict[str, WebDispatcher]] = {}
    for endpoint in edges.web:
        grouped.setdefault(endpoint.path, {})[endpoint.method] = WebDispatcher(endpoint, schemes, templates, kit)
    ordered = sorted(grouped.items(), key=lambda entry: [("{" in part, part) for part in entry[0].split("/")])
    routes = [_methods_route(path, by_method) for path, by_method in ordered]
    for route in routes:
        if may_be_compressed(route.path):
            route.app = compressed(route.app)
    return list(routes)


def _raw_routes(kit: Kit, edges: Edges) -> list[Route]:
    def bind(endpoint: RawEndpoint) -> Route:
        async def serve(request: Request) -> Response:
            request.scope[ROUTE] = endpoint.path
            response: Response = await endpoint.function(request, kit)
            return response

        route = Route(endpoint.path, serve, methods=list(endpoint.methods))
        route.methods = set(endpoint.methods)
        return route

    return [bind(endpoint) for endpoint in edges.raw]


def _static_routes() -> list[BaseRoute]:
    folders = sorted(Path(PACKAGE).glob("*/static"))
    return [Mount(f"/static/{folder.parent.name}", Compressed(_LastingFiles(directory=folder))) for folder in folders]


class _LastingFiles(StaticFiles):
    """Static files may be kept by browsers; templates add a version to the address."""

    def file_response(self, *args: Any, **kwargs: Any) -> Response:
        response = super().file_response(*args, **kwargs)
        response.headers["Cache-Control"] = "public, max-age=86400"
        response.headers["X-Content-Type-Options"] = "nosniff"
        return response


def _is_for_signers(request: Request) -> bool:
    """Whether a page of this address would speak the visitor's language."""
    return request.url.path.startswith("/sign/")


def _refusing(error: ParaphError, *, translated: bool) -> WebEndpoint:
    async def refuse(_visit: object, _kit: object) -> object:
        raise error

    # the token of a form says nothing about an address that takes no form
    return WebEndpoint("GET", "*", refuse, "prepares", signed_in=False, csrf=False, translated=translated)
