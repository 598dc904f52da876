"""The part of traces that needs OpenTelemetry; imported by ``trace`` alone, and only when traces are on."""

from __future__ import annotations

import atexit
import os
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from opentelemetry import trace
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, ConsoleSpanExporter
from opentelemetry.trace import Link, SpanKind, Status, StatusCode
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from paraph import __version__
from paraph.kit.errors import ParaphError
from paraph.kit.log import log

if TYPE_CHECKING:
    from collections.abc import Iterator

KINDS = {
    "internal": SpanKind.INTERNAL,
    "server": SpanKind.SERVER,
    "client": SpanKind.CLIENT,
    "producer": SpanKind.PRODUCER,
    "consumer": SpanKind.CONSUMER,
}
_TEXT = TraceContextTextMapPropagator()


def provider(service: str) -> TracerProvider:
    """A provider as the ``OTEL_*`` variables describe it, flushed when the process ends."""
    named = {} if os.environ.get("OTEL_SERVICE_NAME") else {"service.name": service}
    made = TracerProvider(resource=Resource.create({**named, "service.version": __version__}))
    exporter = _exporter()
    if exporter is not None:
        made.add_span_processor(BatchSpanProcessor(exporter))
    atexit.register(made.shutdown)
    return made


@contextmanager
def begin(tracer: Any, name: str, kind: str, link: str, parent: str, attributes: dict[str, Any]) -> Iterator[Any]:
    """A span around the block. A failure is told by its type alone: messages may quote what people wrote."""
    links = [Link(context)] if link and (context := _context_of(link)).is_valid else []
    within = _TEXT.extract({"traceparent": parent}) if parent else None
    with tracer.start_as_current_span(
        name,
        context=within,
        kind=KINDS[kind],
        attributes=attributes,
        links=links,
        record_exception=False,
        set_status_on_exception=False,
    ) as span:
        try:
            yield span
        except BaseException as error:
            if not isinstance(error, ParaphError) or error.status >= 500:
                span.set_attribute("error.type", type(error).__qualname__)
                span.set_status(Status(StatusCode.ERROR))
            raise


def present() -> str:
    """The present span as ``traceparent``; empty when there is none."""
    carrier: dict[str, str] = {}
    _TEXT.inject(carrier)
    return carrier.get("traceparent", "")


def _context_of(traceparent: str) -> Any:
    return trace.get_current_span(_TEXT.extract({"traceparent": traceparent})).get_span_context()


def _exporter() -> Any:
    name = os.environ.get("OTEL_TRACES_EXPORTER", "otlp").partition(",")[0].strip()
    if name == "console":
        return ConsoleSpanExporter()
    try:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import (  # type: ignore[import-not-found,unused-ignore]
            OTLPSpanExporter,
        )
    except ImportError:
        log("traces_not_sent", why="opentelemetry-exporter-otlp-proto-http is not installed")
        return None
    return OTLPSpanExporter()
