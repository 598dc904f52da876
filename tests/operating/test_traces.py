"""Traces through OpenTelemetry's own SDK: what belongs together hangs together, and nothing of it is personal."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import SpanKind, StatusCode

from paraph.events import set_callback
from paraph.kit import trace
from paraph.kit.mail import Mail, send_mail
from tests.harness import running_server
from tests.helpers import requests
from tests.helpers.accounts import make_person
from tests.helpers.receiver import receiving
from tests.kit.test_mail import postbox

PARENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


@pytest.fixture(scope="module")
def spans(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[ReadableSpan, ...]]:
    """The spans of a request that is sent and prepared, of its events, and of a mail that is delivered."""
    exporter, provider = InMemorySpanExporter(), TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    trace.use(provider)
    try:
        with receiving() as receiver, postbox() as (_, settings), _server(tmp_path_factory, settings) as server:
            alice = make_person(server, "Alice")
            server.write(lambda tx: set_callback(tx, account_pk=alice.pk, url=receiver.url, kit=server.kit))
            api = server.api(alice.api_key)
            api.headers["traceparent"] = PARENT
            assert requests.post_send(api).status_code == 200
            server.run_jobs()
            server.write(lambda tx: send_mail(tx, Mail("b@example.com", "S", "t", "h"), kit=server.kit))
            server.run_jobs()
            assert server.client().get("/no/such/page/alice@example.com?secret=1").status_code == 404
        yield exporter.get_finished_spans()
    finally:
        trace.use(None)


def _server(factory: pytest.TempPathFactory, settings: dict[str, Any]) -> Any:
    return running_server(factory.mktemp("traces"), **settings)


def one(spans: tuple[ReadableSpan, ...], name: str) -> ReadableSpan:
    found = [span for span in spans if span.name == name]
    assert found, sorted({span.name for span in spans})
    return found[0]


def about(span: ReadableSpan) -> dict[str, Any]:
    return dict(span.attributes or {})


def test_a_request_goes_on_the_trace_of_its_caller(spans: tuple[ReadableSpan, ...]) -> None:
    span = one(spans, "POST /v3/signature_request/send")
    assert span.kind is SpanKind.SERVER
    assert format(span.context.trace_id, "032x") == PARENT.split("-")[1]
    assert span.parent is not None
    assert format(span.parent.span_id, "016x") == PARENT.split("-")[2]
    assert about(span) == {
        "http.request.method": "POST",
        "url.scheme": "http",
        "http.route": "/v3/signature_request/send",
        "http.response.status_code": 200,
    }


def test_transactions_lie_within_the_request(spans: tuple[ReadableSpan, ...]) -> None:
    request = one(spans, "POST /v3/signature_request/send")
    within = [span for span in spans if span.parent and span.parent.span_id == request.context.span_id]
    assert {"read transaction", "write transaction"} <= {span.name for span in within}
    assert {about(span)["db.system.name"] for span in within if "transaction" in span.name} == {"sqlite"}
    assert {span.kind for span in within if "transaction" in span.name} == {SpanKind.CLIENT}


def test_a_job_is_linked_to_the_request_that_asked_for_it(spans: tuple[ReadableSpan, ...]) -> None:
    request = one(spans, "POST /v3/signature_request/send")
    job = one(spans, "process signature_requests.prepare")
    assert job.kind is SpanKind.CONSUMER
    assert job.parent is None, "a trace of its own: it may run hours later"
    linked = {(link.context.trace_id, format(link.context.trace_id, "032x")) for link in job.links}
    assert linked == {(request.context.trace_id, PARENT.split("-")[1])}
    assert about(job) == {
        "messaging.system": "paraph",
        "messaging.operation.type": "process",
        "messaging.destination.name": "signature_requests.prepare",
    }


def test_work_outside_of_the_process_has_spans(spans: tuple[ReadableSpan, ...]) -> None:
    job = one(spans, "process signature_requests.prepare")
    child = one(spans, "child intake")
    assert child.context.trace_id == job.context.trace_id
    delivery = next(span for span in spans if span.name == "POST" and span.kind is SpanKind.CLIENT)
    assert about(delivery) | {"server.address": ""} == {
        "http.request.method": "POST",
        "http.response.status_code": 200,
        "url.scheme": "http",
        "server.address": "",
    }
    mail = one(spans, "send mail")
    assert about(mail)["server.address"] == "127.0.0.1"
    assert mail.kind is SpanKind.CLIENT


def test_no_span_holds_personal_data(spans: tuple[ReadableSpan, ...]) -> None:
    missing = [span for span in spans if about(span).get("http.route") == "unmatched"]
    assert [span.name for span in missing] == ["GET unmatched"]
    for span in spans:
        told = span.to_json()
        for secret in ("@example.com", "secret=1", "nda.pdf", "NDA with", "no/such/page", "/hook"):
            assert secret not in told, told
        assert span.status.status_code is not StatusCode.ERROR, told


def test_a_failure_is_told_by_its_type_alone() -> None:
    exporter, provider = InMemorySpanExporter(), TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    trace.use(provider)
    try:
        with pytest.raises(ValueError, match="bob"), trace.span("work"):
            raise ValueError("bob@example.com")
    finally:
        trace.use(None)
    (span,) = exporter.get_finished_spans()
    assert (span.status.status_code, span.status.description, span.events) == (StatusCode.ERROR, None, ())
    assert about(span) == {"error.type": "ValueError"}


def test_who_asks_for_traces() -> None:
    assert not trace.wants_traces({})
    assert trace.wants_traces({"OTEL_EXPORTER_OTLP_ENDPOINT": "http://localhost:4318"})
    assert trace.wants_traces({"OTEL_TRACES_EXPORTER": "console"})
    assert not trace.wants_traces({"OTEL_TRACES_EXPORTER": "none", "OTEL_EXPORTER_OTLP_ENDPOINT": "x"})
    assert not trace.wants_traces({"OTEL_TRACES_EXPORTER": "otlp", "OTEL_SDK_DISABLED": "true"})


def test_nothing_is_loaded_unless_it_is_wanted() -> None:
    script = (
        "import sys, paraph.server; print([m for m in sys.modules if m.startswith(('opentelemetry', 'prometheus'))])"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60)
    assert done.stdout.strip() == "[]", done.stderr


def test_the_standard_variables_configure_the_sdk() -> None:
    script = (
        "from paraph.kit import trace; trace.start('paraph')\n"
        "with trace.span('work', http__route='/x'): pass\n"
        "trace.flush()"
    )
    environment = {"OTEL_TRACES_EXPORTER": "console", "OTEL_SERVICE_NAME": "mine", "PATH": "/usr/bin"}
    done = subprocess.run([sys.executable, "-c", script], env=environment, capture_output=True, text=True, timeout=60)
    assert '"service.name": "mine"' in done.stdout, done.stderr
    assert '"http.route": "/x"' in done.stdout
    assert '"service.version"' in done.stdout
