"""What people and apps do while the server dies under them: they try again, and note what they were told.

An answer below 500 is an acknowledgement; a lost connection or a 5xx leaves open whether it was done.
"""

from __future__ import annotations

import io
import itertools
import json
import re
import time
from functools import cache
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx
import pikepdf

from tests.helpers.oauth import VERIFIER, challenge, form_fields

from .ledger import Asked, Grant, Request

if TYPE_CHECKING:
    from collections.abc import Callable

    from .world import AppMade, World

PATIENCE_SECONDS = 120.0
PAUSE_SECONDS = 0.02
RETRY_WINDOW_SECONDS = 9
"""What docs/oauth.md promises to who lost the answer of a refresh is 10; the clock has whole seconds."""
NAMES = ("Ann", "Bob")
_numbers = itertools.count(1)


class Unknown(Exception):
    """No answer came, or one that leaves open whether it was done."""


class Impatient(AssertionError):
    """Something that was acknowledged does not happen."""


class Visitor:
    """Somebody with an HTTP client."""

    def __init__(self, world: World, **how: Any) -> None:
        self.world = world
        self.client = httpx.Client(base_url=world.url, timeout=20, **how)

    def ask(self, method: str, path: str, **more: Any) -> httpx.Response:
        """One try; raises Unknown."""
        try:
            answer = self.client.request(method, path, **more)
        except httpx.TransportError as lost:
            raise Unknown(path) from lost
        if answer.status_code >= 500:
            self.world.ledger.count(f"answers {answer.status_code}")
            raise Unknown(f"{path}: {answer.status_code} {answer.text[:300]}")
        return answer

    def patiently(self, doing: Callable[[], httpx.Response | None], what: str) -> httpx.Response:
        """Do it until it has an answer that is not None; only for what may be repeated."""
        deadline, last = time.monotonic() + PATIENCE_SECONDS, ""
        while time.monotonic() < deadline:
            try:
                answer = doing()
            except Unknown as unknown:
                last = str(unknown)
            else:
                if answer is not None:
                    return answer
            time.sleep(PAUSE_SECONDS)
        raise Impatient(f"{what} does not happen: {last}\n{self.world.last_words()}")

    def get(self, path: str, **more: Any) -> httpx.Response:
        """Read; as often as it takes."""
        return self.patiently(lambda: self.ask("GET", path, **more), f"GET {path}")


def send_and_sign(world: World) -> None:
    """A sender sends, two people sign one after the other."""
    sender = Visitor(world, auth=(world.api_key, ""))
    request = _send(sender)
    for asked in request.signers:
        _sign(sender, request, asked)


def _send(sender: Visitor) -> Request:
    """Until a request is acknowledged. One whose answer was lost is not sent again: it is there or it is not."""
    world = sender.world
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline:
        number = next(_numbers)
        title = f"Crash {number}"
        signers = [Asked(name, f"{name.lower()}{number}@example.com") for name in NAMES]
        fields = {"title": title, "test_mode": "1", "signers": json.dumps([_person(one) for one in signers])}
        try:
            answer = sender.ask(
                "POST", "/v3/signature_request/send", data=fields, files={"files[0]": ("one.pdf", one_page())}
            )
        except Unknown:
            world.ledger.unknown.append(title)
            time.sleep(PAUSE_SECONDS)
            continue
        assert answer.status_code == 200, answer.text
        made = answer.json()["signature_request"]
        for asked, signature in zip(signers, made["signatures"], strict=True):
            asked.signature_id = signature["signature_id"]
        request = Request(made["signature_request_id"], title, signers)
        world.ledger.requests.append(request)
        return request
    raise Impatient(f"nothing can be sent\n{world.last_words()}")


@cache
def one_page() -> bytes:
    """A small document."""
    buffer = io.BytesIO()
    with pikepdf.new() as pdf:
        pdf.add_blank_page(page_size=(612, 792))
        pdf.save(buffer)
    return buffer.getvalue()


def _person(asked: Asked) -> dict[str, str]:
    return {"name": asked.name, "email_address": asked.email}


def _sign(sender: Visitor, request: Request, asked: Asked) -> None:
    signer = Visitor(sender.world)
    link = _signing_link(signer, asked)
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline:
        if _has_signed(sender, request, asked):
            return  # done, though its answer was lost
        try:
            _act(signer, link, asked)
        except Unknown:
            time.sleep(PAUSE_SECONDS)
        else:
            sender.world.ledger.count("signatures acknowledged")
            return
    raise Impatient(f"{asked.email} cannot sign {request.title}\n{sender.world.last_words()}")


def _signing_link(signer: Visitor, asked: Asked) -> str:
    found: list[str] = []

    def look() -> httpx.Response | None:
        for text in signer.world.postbox.texts_to(asked.email):
            found.extend(re.findall(r"/sign/\S+", text)[:1])
        return httpx.Response(200) if found else None

    signer.patiently(look, f"the invitation of {asked.email}")
    return found[0]


def _has_signed(sender: Visitor, request: Request, asked: Asked) -> bool:
    shown = sender.get(f"/v3/signature_request/{request.request_id}").json()["signature_request"]
    status = {one["signature_id"]: one["status_code"] for one in shown["signatures"]}
    return bool(status[asked.signature_id] == "signed")


def _act(signer: Visitor, link: str, asked: Asked) -> None:
    """Open, agree, adopt, look once more, finish; each step may have been done before. Raises Unknown."""
    assert signer.ask("POST", f"{link}/view", data={"by": "script"}).status_code == 204
    asked.acknowledged.add("viewed")
    page = signer.ask("GET", link).text
    version = re.search(r'name="disclosure" value="([^"]+)"', page)
    if version is not None:
        agreed = {"disclosure": version.group(1), "agree": "yes"}
        assert signer.ask("POST", f"{link}/consent", data=agreed).status_code == 303
        asked.acknowledged.add("consented")
    adopted = {"method": "type", "text": asked.name, "face": "caveat"}
    assert signer.ask("POST", f"{link}/signature", data=adopted).status_code == 303
    review = signer.ask("GET", f"{link}/review")
    fingerprint = re.search(r'name="fingerprint" value="([^"]+)"', review.text)
    assert fingerprint is not None, f"no review page: {review.status_code} {review.headers.get('location')}"
    form = {"fingerprint": fingerprint.group(1), "button": "Agree and finish", "time_zone": "Europe/Berlin"}
    answer = signer.ask("POST", f"{link}/finish", data=form)
    assert answer.status_code == 303, answer.text
    asked.acknowledged.add("signed")


def connect_and_refresh(world: World, app: AppMade) -> None:
    """A person connects an app, which exchanges the code and refreshes; a lost answer is asked for again."""
    browser, caller = Visitor(world, cookies=world.cookies), Visitor(world)
    tokens = None
    deadline = time.monotonic() + PATIENCE_SECONDS
    while tokens is None and time.monotonic() < deadline:
        tokens = _exchange(caller, app, _code(browser, app))
    if tokens is None:
        raise Impatient(f"no code can be exchanged\n{world.last_words()}")
    grant = Grant(app.profile, [], "")
    _note(caller, grant, tokens)
    for _ in range(2):
        answer = _refresh(caller, app, grant.refresh_token)
        if answer is None:
            return  # used too late after its answer was lost: the grant has ended, as promised
        _note(caller, grant, answer)
    world.ledger.grants.append(grant)


def _code(browser: Visitor, app: AppMade) -> str:
    query = urlencode({"response_type": "code", "client_id": app.client_id, "state": "abc"} | challenge())

    def consent() -> httpx.Response | None:
        page = browser.ask("GET", f"/oauth/authorize?{query}")
        if page.status_code == 303:  # consented to before, and remembered
            return page
        accepted = form_fields(page) | {"decision": "accept"}
        answer = browser.ask("POST", "/oauth/authorize/consent", data=accepted)
        return answer if answer.status_code == 303 else None

    location = browser.patiently(consent, "a code").headers["location"]
    found = parse_qs(urlsplit(location).query)
    assert "code" in found, location
    return found["code"][0]


def _exchange(caller: Visitor, app: AppMade, code: str) -> dict[str, Any] | None:
    """The tokens; None when a lost try has used the code up (RFC 6749 section 4.1.2: then they are revoked)."""
    wanted = {"grant_type": "authorization_code", "code": code, "code_verifier": VERIFIER, **app.credentials}
    tries: list[float] = []

    def exchange() -> httpx.Response:
        tries.append(caller.world.now())
        return caller.ask("POST", "/oauth/token", data=wanted)

    answer = caller.patiently(exchange, "the exchange of a code")
    if answer.status_code == 200:
        caller.world.ledger.count("codes exchanged")
        return dict(answer.json())
    assert answer.json()["error"] == "invalid_grant", answer.text
    assert len(tries) > 1, f"a fresh code was refused: {answer.text}"
    caller.world.ledger.count("codes lost with their answer")
    return None


def _refresh(caller: Visitor, app: AppMade, token: str) -> dict[str, Any] | None:
    """The next tokens; None when a lost answer was asked for after the retry window of an app that rotates."""
    wanted = {"grant_type": "refresh_token", "refresh_token": token, **app.credentials}
    tries: list[float] = []

    def refresh() -> httpx.Response:
        tries.append(caller.world.now())
        return caller.ask("POST", "/oauth/token", data=wanted)

    answer = caller.patiently(refresh, "a refresh")
    if answer.status_code == 200:
        caller.world.ledger.count("refreshes retried" if len(tries) > 1 else "refreshes")
        return dict(answer.json())
    is_late = caller.world.now() - tries[0] >= RETRY_WINDOW_SECONDS
    assert app.profile == "standard" and len(tries) > 1 and is_late, f"{tries}: {answer.text}"
    caller.world.ledger.count("refreshes asked for too late")
    return None


def _note(caller: Visitor, grant: Grant, answer: dict[str, Any]) -> None:
    """Use what was given at once: an acknowledged token works."""
    grant.access_tokens.append(answer["access_token"])
    grant.refresh_token = answer["refresh_token"]
    used = caller.get("/v3/account", headers={"Authorization": f"Bearer {answer['access_token']}"})
    assert used.status_code == 200, used.text
