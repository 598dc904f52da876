"""A server with something of everything on it, for requests that are wrong in one place only."""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tests.harness import Server
from tests.helpers.accounts import PASSWORD, Person, csrf_token, log_in, make_person
from tests.helpers.apps import CALLBACK, approve, make_app
from tests.helpers.oauth import make_world
from tests.helpers.requests import JACK, accepted, agree, post_send, send, signing_token, view

ALL_USER_SCOPES = ("account_access", "signature_request_access", "template_access", "team_access", "api_app_access")


@dataclass(frozen=True)
class Browser:
    """What a browser holds after it opened a page of ours."""

    name: str
    csrf: str
    value: str

    @property
    def cookie(self) -> bytes:
        return f"{self.name}={self.value}".encode()


@dataclass(frozen=True)
class World:
    """Credentials that work, ids that exist, and bodies that would be taken."""

    server: Server
    person: Person
    logged_in: Browser
    anonymous: Browser
    token: str
    ids: Mapping[str, tuple[str, ...]]
    bodies: Mapping[str, dict[str, Any]]
    fields: dict[str, str]

    @property
    def right_credentials(self) -> tuple[bytes, bytes]:
        """The values of two Authorization headers: the key, and the token."""
        key = base64.b64encode(f"{self.person.api_key}:".encode())
        return b"Basic " + key, b"Bearer " + self.token.encode()

    def _repr_pretty_(self, printer: Any, _cycle: bool) -> None:
        printer.text("the world")  # in what hypothesis tells, the request is what matters


def build_world(server: Server) -> World:
    """An operator with an API key, apps, a connected app, requests out for signature, and a live signing link."""
    person = make_person(server, "Olga", operator=True)
    browser = log_in(server, person)
    oauth = make_world(server, scopes=ALL_USER_SCOPES)
    tokens = oauth.connect()
    own = [_app(server, person, name) for name in ("Blue barn", "Green gate", "Red roof")]
    api = server.api(person.api_key)
    links, sent = [], []
    for may_decline in (True, False):
        sent.append(send(server, api, metadata={"a": 1}, allow_decline=may_decline).id)
        links.append(signing_token(server, "jack@example.com"))
    willing = send(server, api, **ASKING)
    links.append(signing_token(server, "jack@example.com"))
    view(server, links[-1])
    agree(server, links[-1])
    send(server, api, signers=[JACK | {"pin": "7531"}])
    links.append(signing_token(server, "jack@example.com"))
    for link in links[:3]:
        assert server.client().post(f"/sign/{link}/report", data={"reason": "Fraud"}).status_code == 200
    strangers = [make_person(server, name).account_id for name in ("Sam", "Tim")]
    unprepared = accepted(post_send(api, title="Not prepared")).id
    ids = {
        "account_id": (person.account_id, *strangers),
        "callback_pk": ("1", "2"),
        "report_id": ("1", "2", "3"),
        "request_id": (sent[0], unprepared),
        "attachment": (str(willing.json["attachments"][0]["id"]),),
        "pad": (_pad(server, links[2]), "A" * 43),
        "client_id": (own[0], oauth.app.client_id),
        "signature_request_id": (sent[0],),
        "token": tuple(links),
        "document": ("0", "1"),
        "page": ("1",),
        "key": ("1", "2"),
        "number": ("1", "2"),
        "job_id": ("1", "2"),
        "delivery_id": ("1" * 32,),
        "decision": ("approve", "refuse", "suspend", "resume"),
    }
    stranger = server.client()
    anonymous = Browser("paraph_visit", csrf_token(stranger.get("/login")), stranger.cookies["paraph_visit"])
    logged_in = Browser("paraph_session", csrf_token(browser.get("/settings")), browser.cookies["paraph_session"])
    return World(
        server, person, logged_in, anonymous, tokens.access_token, ids, _bodies(person, oauth), _fields(person)
    )


def _pad(server: Server, token: str) -> str:
    """The token of a live pad for a phone."""
    signer = server.client()
    signer.post(f"/sign/{token}/phone", data={"kind": "signature"})
    found = re.search(r"/draw/([\w-]+)", signer.get(f"/sign/{token}/phone").text)
    assert found is not None
    return found[1]


def _app(server: Server, person: Person, name: str) -> str:
    made = make_app(server.api(person.api_key), name=name)
    approve(server, made.client_id)
    return made.client_id


ASKING: dict[str, Any] = {
    "attachments": [{"name": "Passport", "signer_index": 0, "instructions": "Both sides", "required": True}],
    "allow_reassign": True,
    "signing_options": {"draw": True, "type": True, "upload": True, "phone": True, "default_type": "phone"},
}
"""All that a send may ask of signers beside their signature."""

FORM: dict[str, Any] = {
    "form_fields_per_document": [
        {"api_id": "sig", "type": "signature", "signer": "0", "document_index": 0, "page": 1, "required": True}
        | {"x": 10, "y": 10, "width": 100, "height": 20},
        {"api_id": "box", "type": "checkbox", "signer": 0, "document_index": 0, "group": "g", "is_checked": False}
        | {"x": 10, "y": 60, "width": 20, "height": 20, "required": False},
        {"api_id": "text", "type": "text", "signer": 0, "document_index": 0, "page": 1, "required": True}
        | {"x": 10, "y": 110, "width": 100, "height": 20, "font_family": "georgia", "font_size": 12}
        | {"validation_type": "custom_regex", "validation_custom_regex": "^[a-z]+$"},
        {"api_id": "price", "type": "text-merge", "signer": "sender", "document_index": 0, "page": 1, "name": "Price"}
        | {"x": 10, "y": 160, "width": 100, "height": 20, "required": False},
    ],
    "form_field_groups": [{"group_id": "g", "group_label": "Which?", "requirement": "require_0-1"}],
    "form_field_rules": [
        {
            "id": "r",
            "trigger_operator": "AND",
            "triggers": [{"id": "box", "operator": "is", "value": "1"}],
            "actions": [{"field_id": "text", "hidden": True, "type": "change-field-visibility"}],
        }
    ],
    "custom_fields": [{"name": "Price", "value": "$1", "editor": "Jack", "required": True}],
    "use_text_tags": False,
    "hide_text_tags": False,
}
"""A form that is right."""


def _bodies(person: Person, oauth: Any) -> dict[str, dict[str, Any]]:
    app = {
        "name": "Another app",
        "domains": ["app.example.com"],
        "callback_url": "https://app.example.com/events",
        "oauth": {"callback_url": CALLBACK, "scopes": ["basic_account_info", "request_signature"]},
        "options": {"can_insert_everywhere": True},
        "white_labeling_options": {"primary_button_color": "#00b3e6"},
    }
    return {
        "accountCreate": {
            "email_address": "new@example.com",
            "locale": "en_US",
            "client_id": oauth.app.client_id,
            "client_secret": oauth.app.secret,
        },
        "accountUpdate": {"account_id": person.account_id, "callback_url": "", "locale": "en_US"},
        "accountVerify": {"email_address": person.email},
        "apiAppCreate": app,
        "apiAppUpdate": app,
        "documentDetectFields": {"detection_mode": "text_tags", "file": "x", "page_range": "0-2,5"},
        "signatureRequestSend": {
            "file_urls": ["https://files.invalid/x.pdf"],
            "title": "NDA",
            "subject": "Please sign",
            "message": "Thank you",
            "signers": [
                {"name": "Jack", "email_address": "jack@example.com", "order": 0, "pin": "7531"}
                | {"sms_phone_number": "", "sms_phone_number_type": "delivery"}
            ],
            "attachments": ASKING["attachments"],
            "allow_reassign": True,
            "cc_email_addresses": ["lawyer@example.com"],
            "metadata": {"custom_id": 1234, "custom_text": "NDA #9"},
            "signing_options": {"draw": True, "type": True, "upload": True, "phone": False, "default_type": "draw"},
            "field_options": {"date_format": "DD - MM - YYYY"},
            "signing_redirect_url": "https://app.example.com/done",
            "expires_at": 1_790_000_000 + 5 * 86_400,
            "client_id": "",
            "test_mode": True,
            "allow_decline": True,
            **FORM,
        },
        "signatureRequestRemind": {"email_address": "jack@example.com", "name": "Jack"},
        "oauth": {
            "grant_type": "refresh_token",
            "refresh_token": "pr_x",
            "code": "pc_x",
            "client_id": oauth.app.client_id,
            "client_secret": oauth.app.secret,
            "redirect_uri": CALLBACK,
            "code_verifier": "v" * 43,
            "state": "s",
            "token": "pa_x",
            "scope": "account_access",
        },
    }


def _fields(person: Person) -> dict[str, str]:
    """Every field of every form, with a value that is right."""
    return {
        "access_token_seconds": "3600",
        "agree": "yes",
        "button": "Agree and finish",
        "by": "script",
        "callback_url": "https://app.example.com/events",
        "code": "7531",
        "continue": "/settings",
        "decision": "accept",
        "disclosure": "2026-11",
        "domains": "app.example.com",
        "email": "someone@example.com",
        "email_address": "jack@example.com",
        "event_callback_url": "https://app.example.com/events",
        "face": "caveat",
        "fingerprint": "0" * 64,
        "grace": "0",
        "leave_out": "account_access",
        "locale": "en_US",
        "method": "type",
        "name": "Olga Owner",
        "new_password": PASSWORD,
        "note": "A note",
        "oauth_callback_url": CALLBACK,
        "outcome": "dismiss",
        "password": person.password,
        "profile": "walkthrough",
        "reason": "A reason",
        "request": "pq_x",
        "scopes": "basic_account_info",
        "strokes": '{"lines": [[[0.1, 0.6], [0.3, 0.2], [0.5, 0.7]]], "aspect": 2}',
        "text": "Jack",
        "time_zone": "Europe/Berlin",
    }
