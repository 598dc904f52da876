"""OpenTelemetry traces, where its SDK is installed (``paraph[otel]``) and told where to send them.

Names and attributes follow the semantic conventions. No attribute holds a path, an id, an address or a name of a
person. Without the SDK nothing is imported, and a span costs one comparison.
"""

from __future__ import annotations

import os
from contextlib import AbstractContextManager, nullcontext
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, Literal

from paraph import __version__

if TYPE_CHECKING:
    from collections.abc import Mapping

Kind = Literal["internal", "server", "client", "producer", "consumer"]

ASKED_FOR_BY = ("OTEL_TRACES_EXPORTER", "OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT")
_OFF: AbstractContextManager[None] = nullcontext()
_tracer: Any = None
_provider: Any = None


def is_on() -> bool:
    """Whether spans are recorded."""
    return _tracer is not None


def wants_traces(environ: Mapping[str, str] = os.environ) -> bool:
    """Whether the environment asks for traces and the SDK is there to make them."""
    if environ.get("OTEL_SDK_DISABLED", "").lower() == "true" or environ.get("OTEL_TRACES_EXPORTER") == "none":
        return False
    return any(environ.get(name) for name in ASKED_FOR_BY) and find_spec("opentelemetry") is not None


def start(service: str) -> None:
    """Begin to record if the environment wants it; the SDK itself reads the other ``OTEL_*`` variables."""
    if wants_traces():
        from .trace_sdk import provider

        use(provider(service))


def use(provider: Any) -> None:
    """Record with this provider from now on; None: no more."""
    global _tracer, _provider
    _provider = provider
    _tracer = None if provider is None else provider.get_tracer("paraph", __version__)


def flush() -> None:
    """Send what was recorded: the process is about to end. May take seconds."""
    if _provider is not None:
        _provider.force_flush()


def span(
    name: str, kind: Kind = "internal", *, link: str = "", parent: str = "", **attributes: Any
) -> AbstractContextManager[Any]:
    """A span around a block, current within it; ``link`` and ``parent`` are W3C ``traceparent`` texts.

    Two underscores in the name of an attribute stand for a dot (``http__route``). Yields the span, or None when off.
    """
    if _tracer is None:
        return _OFF
    from .trace_sdk import begin

    return begin(_tracer, name, kind, link, parent, dotted(attributes))


def traceparent() -> str:
    """The present span as W3C text, for what goes on elsewhere; empty when there is none."""
    if _tracer is None:
        return ""
    from .trace_sdk import present

    return present()


def note(recording: Any, **attributes: Any) -> None:
    """Add attributes to what ``span`` yielded."""
    if recording is not None:
        recording.set_attributes(dotted(attributes))


def dotted(attributes: Mapping[str, Any]) -> dict[str, Any]:
    """``http__response__status_code`` is ``http.response.status_code``: two underscores are a dot."""
    return {name.replace("__", "."): value for name, value in attributes.items()}
