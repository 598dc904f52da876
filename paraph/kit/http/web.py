"""Dispatch of pages and forms: session, CSRF, one transaction, HTML."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from starlette.responses import HTMLResponse, RedirectResponse, Response

from paraph.kit import ids
from paraph.kit.errors import BadRequest, NotFound, ParaphError
from paraph.kit.i18n import gettext as _
from paraph.kit.i18n import speaking, spoken
from paraph.kit.templates import render
from paraph.kit.wire.body import Body

from .bodies import LARGEST_FILES_PER_BODY, open_body
from .client import client_of, is_loopback
from .csrf import check_csrf, check_same_origin, csrf_token
from .endpoints import Page, Redirect, Visit, WebAnswer, WebEndpoint
from .failures import unexpected
from .headers import secure
from .languages import choices, keep_choice, speak_as_the_form, wanted_language
from .links import sign_in_path
from .render import render_plain
from .uses import note_use

if TYPE_CHECKING:
    from jinja2 import Environment
    from starlette.requests import Request

    from paraph.kit import Kit
    from paraph.kit.db import ReadTx

    from .authentication import Authenticated, Schemes

SESSION_COOKIE = "paraph_session"
VISIT_COOKIE = "paraph_visit"
NOTICE_COOKIE = "paraph_notice"
SESSION_SECONDS = 14 * 86_400
VISIT_SECONDS = 86_400
NOTICE_SECONDS = 60


@dataclass(frozen=True)
class WebDispatcher:
    """Serves one page or form."""

    endpoint: WebEndpoint
    schemes: Schemes
    templates: Environment
    kit: Kit

    async def __call__(self, request: Request) -> Response:
        """Answer one visit; failures are pages."""
        if not self.endpoint.translated:
            return await self._serve(request)
        with speaking(wanted_language(request)):
            return await self._serve(request)

    async def _serve(self, request: Request) -> Response:
        visitor = _Visitor(None, None, _visit_token(request))
        try:
            visitor = await self._visitor(request, visitor)
            answer = await self._answer(request, visitor)
            return await self._render(request, visitor, answer)
        except ParaphError as error:
            return self._failure(request, visitor, error)
        except Exception:
            return self._failure(request, visitor, unexpected(self.endpoint.path))

    async def _visitor(self, request: Request, stranger: _Visitor) -> _Visitor:
        token = request.cookies.get(SESSION_COOKIE)
        if not token:
            return stranger
        client = client_of(request, self.kit.settings)
        found = await self.kit.db.read(lambda tx: self.schemes.session(tx, token, client, self.kit))
        if found is None:
            return stranger
        if found.touch is not None:
            await note_use(found.touch, self.kit)
        return _Visitor(found, token, stranger.visit_token)

    async def _answer(self, request: Request, visitor: _Visitor) -> WebAnswer:
        endpoint = self.endpoint
        caller = visitor.found.caller if visitor.found else None
        if endpoint.loopback and not is_loopback(request, self.kit.settings):
            raise NotFound("There is no page at this address.")
        if endpoint.operator and (caller is None or not caller.is_operator):
            raise NotFound("There is no page at this address.")
        if endpoint.signed_in and caller is None:
            going_to = _path_and_query(request) if request.method == "GET" else "/"
            return Redirect(sign_in_path(self.kit, going_to))
        if request.method != "POST":
            return await self._run(self._visit(request, visitor, Body()))
        files = 1 if endpoint.one_file else LARGEST_FILES_PER_BODY
        async with open_body(request, self.kit, files=files) as body:
            if self.endpoint.translated:
                speak_as_the_form(body)
            self._check_origin(request, visitor, body)
            return await self._run(self._visit(request, visitor, body))

    async def _run(self, visit: Visit) -> WebAnswer:
        endpoint = self.endpoint
        if endpoint.mode == "prepares":
            answer: WebAnswer = await endpoint.function(visit, self.kit)
        elif endpoint.mode == "writes":
            answer = await self.kit.db.write(lambda tx: endpoint.function(tx, visit, self.kit))
        else:
            answer = await self.kit.db.read(lambda tx: self._read(tx, visit))
        return answer

    def _check_origin(self, request: Request, visitor: _Visitor, body: Body) -> None:
        if self.endpoint.csrf:
            check_csrf(request, body.tree.get("csrf_token"), csrf_token(self.kit, visitor.csrf_cookie), self.kit)
        else:
            check_same_origin(request, self.kit)

    def _read(self, tx: ReadTx, visit: Visit) -> WebAnswer:
        answer: WebAnswer = self.endpoint.function(tx, visit, self.kit)
        return answer

    def _visit(self, request: Request, visitor: _Visitor, body: Body) -> Visit:
        if any("\x00" in text for pair in request.query_params.multi_items() for text in pair):
            raise BadRequest(_("This address holds a character that cannot be used."))
        return Visit(
            method=request.method,
            url=_path_and_query(request),
            path={key: str(value) for key, value in request.path_params.items()},
            query=dict(request.query_params),
            query_pairs=tuple(request.query_params.multi_items()),
            form=body.tree,
            encoding=body.encoding,
            headers=request.headers,
            cookies=request.cookies,
            client=client_of(request, self.kit.settings),
            caller=visitor.found.caller if visitor.found else None,
            session_token=visitor.session_token,
            csrf_token=csrf_token(self.kit, visitor.csrf_cookie),
            language=spoken().language,
        )

    async def _render(self, request: Request, visitor: _Visitor, answer: WebAnswer) -> Response:
        if isinstance(answer, Redirect):
            response: Response = RedirectResponse(answer.location, 303, dict(answer.headers))
            self._set_session(response, answer.session)
            if answer.notice:
                signed = self.kit.keyring.sign("notice", answer.notice)
                self._set_cookie(response, NOTICE_COOKIE, signed, NOTICE_SECONDS)
            return secure(response)
        if isinstance(answer, Page):
            return self._page(request, visitor, answer)
        return secure(await render_plain(answer, self.kit))

    def _page(self, request: Request, visitor: _Visitor, answer: Page) -> Response:
        notice = request.cookies.get(NOTICE_COOKIE)
        context = {
            "caller": visitor.found.caller if visitor.found else None,
            "csrf_token": csrf_token(self.kit, visitor.csrf_cookie),
            "notice": self.kit.keyring.verify("notice", notice) if notice else None,
            "settings": self.kit.settings,
            "path": request.url.path,
            "languages": choices(request) if self.endpoint.translated else (),
        } | dict(answer.context)
        html = render(self.templates, answer.template, context)
        response = HTMLResponse(html, answer.status, dict(answer.headers))
        if visitor.session_token is None and VISIT_COOKIE not in request.cookies:
            self._set_cookie(response, VISIT_COOKIE, visitor.visit_token, VISIT_SECONDS)
        if notice:
            response.delete_cookie(NOTICE_COOKIE)
        if self.endpoint.translated:
            keep_choice(request, response, secure=self._is_secure)
        self._set_session(response, answer.session)
        return secure(response, answer.form_targets)

    def _failure(self, request: Request, visitor: _Visitor, error: ParaphError) -> Response:
        page = Page("web/error.html", {"message": error.message, "status": error.status}, status=error.status)
        response = self._page(request, visitor, page)
        response.headers.update(error.headers)
        return response

    def _set_session(self, response: Response, token: str | None) -> None:
        if token:
            self._set_cookie(response, SESSION_COOKIE, token, SESSION_SECONDS)
        elif token == "":
            response.delete_cookie(SESSION_COOKIE)

    def _set_cookie(self, response: Response, name: str, value: str, seconds: int) -> None:
        # Lax, not Strict: a person coming from an app's page to /oauth/authorize must arrive logged in
        response.set_cookie(name, value, max_age=seconds, httponly=True, samesite="lax", secure=self._is_secure)

    @property
    def _is_secure(self) -> bool:
        return self.kit.settings.public_url.startswith("https")


@dataclass(frozen=True, slots=True)
class _Visitor:
    found: Authenticated | None
    session_token: str | None
    visit_token: str

    @property
    def csrf_cookie(self) -> str:
        return self.session_token or self.visit_token


def _visit_token(request: Request) -> str:
    return request.cookies.get(VISIT_COOKIE) or ids.opaque_token("pv_")


def _path_and_query(request: Request) -> str:
    query = request.url.query
    return f"{request.url.path}?{query}" if query else request.url.path
