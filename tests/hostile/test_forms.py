"""Forms that nobody should send, on real files: named or carried out, never a crash, at the send or later."""

from __future__ import annotations

import json
import time
from itertools import pairwise
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from paraph.kit.queue import failed_jobs
from tests.documents.samples import text_pdf_bytes
from tests.harness import Server, running_server
from tests.helpers.accounts import make_person
from tests.helpers.filling import field, fill_form, final_pdf, page_text
from tests.helpers.requests import accepted, get, load_signer, post_send, sign, signing_token

from . import odd
from .world import FORM

PAGES, FIELDS = 200, 500
BUDGET_SECONDS = 30
"""For all steps together, on a machine that does other things as well; they take about three."""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Any:
    with running_server(tmp_path_factory.mktemp("data"), api_rate_limit=10**7, asks_per_hour=10**7) as running:
        yield running


@pytest.fixture(scope="module")
def client(server: Server) -> httpx.Client:
    return server.api(make_person(server, "Mallory").api_key)


def send(client: httpx.Client, **form: Any) -> httpx.Response:
    answer = post_send(client, files=[("a.pdf", text_pdf_bytes())], **form)
    assert answer.status_code < 500, (answer.text, form)
    if answer.status_code != 200:
        assert answer.json()["error"]["error_msg"], form
    return answer


@settings(max_examples=25, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_forms_that_are_odd_in_a_few_places(server: Server, client: httpx.Client, data: Any) -> None:
    form = FORM
    for _ in range(data.draw(st.integers(1, 4))):
        form = odd.replaced(form, data.draw(st.sampled_from(odd.places(form)[1:])), data.draw(odd.texts | odd.values))
    try:
        json.dumps(form, allow_nan=False).encode()
    except (ValueError, UnicodeEncodeError):
        return  # no client could write it; bodies made by hand are the other module's
    send(client, **{name: value for name, value in form.items() if isinstance(value, list | dict | str | bool)})


def test_whatever_was_taken_can_be_prepared(server: Server) -> None:
    """After all of the examples above."""
    server.run_jobs()
    assert server.read(lambda tx: failed_jobs(tx)) == []


@pytest.mark.parametrize(
    ("form", "path"),
    [
        ({"form_fields_per_document": [field("text", x=2**31)]}, "form_fields_per_document[0].x"),
        ({"form_fields_per_document": [field("text", x="1e400")]}, "form_fields_per_document[0].x"),
        ({"form_fields_per_document": [field("text", width=float(2**40))]}, "form_fields_per_document[0].width"),
        ({"form_fields_per_document": [field("text", page=2**31)]}, "form_fields_per_document[0]"),
        (
            {"form_fields_per_document": [field("text", document_index=-1)]},
            "form_fields_per_document[0].document_index",
        ),
        ({"form_fields_per_document": [field("text", signer="9" * 400)]}, "form_fields_per_document[0].signer"),
        ({"form_fields_per_document": [field("text")] * 2001}, "form_fields_per_document"),
        ({"form_fields_per_document": [[[field("text")]]]}, "form_fields_per_document[0][0]"),
    ],
)
def test_the_largest_numbers_are_named(client: httpx.Client, form: dict[str, Any], path: str) -> None:
    answer = send(client, **form)
    assert answer.status_code == 400
    assert answer.json()["error"]["error_path"] == path


def test_many_rules_and_hostile_patterns_answer_soon(client: httpx.Client) -> None:
    names = [f"t{number}" for number in range(400)]
    form = [field("text", name, x=1, y=1) for name in names]
    rules = [
        {
            "id": f"r{place}",
            "trigger_operator": "AND",
            "triggers": [{"id": one, "operator": "match", "value": f"(a+)+{place}$"}],
            "actions": [{"field_id": other, "hidden": True, "type": "change-field-visibility"}],
        }
        for place, (one, other) in enumerate(pairwise(names))
    ]
    started = time.monotonic()
    answer = send(client, form_fields_per_document=form, form_field_rules=rules)
    assert answer.status_code == 200
    ring = {
        "form_field_rules": [
            *rules,
            {**rules[0], "id": "ring", "triggers": [{**rules[0]["triggers"][0], "id": "t399"}]},
        ]
    }
    ring["form_field_rules"][-1]["actions"] = [{"field_id": "t0", "hidden": True, "type": "change-field-visibility"}]
    refused = send(client, form_fields_per_document=form, **ring)
    assert "back to itself" in refused.json()["error"]["error_msg"]
    assert time.monotonic() - started < BUDGET_SECONDS


def test_five_hundred_fields_on_two_hundred_pages(server: Server, client: httpx.Client) -> None:
    """T30: from the send to the sealed file, with every value on its page."""
    kinds = ("text", "checkbox", "signature", "date_signed", "dropdown")
    form = [
        field(kinds[number % 5], f"f{number}", page=number % PAGES + 1, x=40, y=40 + number // PAGES * 100)
        for number in range(FIELDS)
    ]
    values = {"text": "value of {}", "checkbox": True, "dropdown": "green"}
    answers = {
        one["api_id"]: value.format(one["api_id"]) if isinstance(value, str) else value
        for one in form
        if (value := values.get(one["type"])) is not None
    }
    started = time.monotonic()
    sent = accepted(post_send(client, files=[("a.pdf", text_pdf_bytes(PAGES))], form_fields_per_document=form))
    server.run_jobs()
    token = signing_token(server, "jack@example.com")
    assert len(load_signer(server, token).fields) == FIELDS
    sign(server, token, fill_form(answers))
    assert get(client, sent)["is_complete"]
    assert time.monotonic() - started < BUDGET_SECONDS
    sealed = final_pdf(client, sent)
    assert "value of f0" in page_text(sealed, 1)
    assert "value of f495" in page_text(sealed, 96)
