"""Spans from a request to its jobs, for OpenTelemetry where the extra ``django-meanwhile[telemetry]`` is installed.

Everything here does nothing where it is not. Where spans go is the site's own choice: it sets up the SDK. What joins
the spans of several processes is the W3C ``traceparent`` of the request, which travels with the payload of its jobs.
"""

from collections.abc import Iterable
from contextlib import AbstractContextManager, nullcontext
from functools import lru_cache
from typing import Any

try:
    from opentelemetry import trace
    from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator
except ImportError:
    IS_INSTALLED = False
else:
    IS_INSTALLED = True
    _provider = trace.get_tracer_provider
    _propagator = TraceContextTextMapPropagator()

_NOTHING = nullcontext()


def span(name: str, parent: str | None = None, **attributes: Any) -> AbstractContextManager[Any]:
    """A span around a block: below the one with the traceparent ``parent``, else below the one that is open here.

    What the block raises is noted in it. ``attributes`` get the prefix ``meanwhile.``; None is left out.
    """
    tracer = _tracer() if IS_INSTALLED else None
    if tracer is None:
        return _NOTHING
    context = _propagator.extract({"traceparent": parent}) if parent else None
    named = {f"meanwhile.{key}": value for key, value in attributes.items() if value is not None}
    opened: AbstractContextManager[Any] = tracer.start_as_current_span(name, context, attributes=named)
    return opened


def _tracer() -> Any:
    """The site's own; None where it has set up none. The API's stand-in would cost more than a small save's walk."""
    provider = _provider()
    return None if isinstance(provider, trace.ProxyTracerProvider) else _tracer_of(provider)


@lru_cache(maxsize=2)
def _tracer_of(provider: Any) -> Any:
    return provider.get_tracer("meanwhile")


def traceparent() -> str | None:
    """Of the span that is open here, to be given to another process; None where none is."""
    if not IS_INSTALLED or not trace.get_current_span().get_span_context().is_valid:
        return None
    carrier: dict[str, str] = {}
    _propagator.inject(carrier)
    return carrier.get("traceparent")


def link(traceparents: Iterable[str | None]) -> None:
    """The span that is open here works on behalf of all these; it cannot be below each of them."""
    if not IS_INSTALLED or not trace.get_current_span().is_recording():
        return
    here = trace.get_current_span()
    for parent in filter(None, traceparents):
        there = trace.get_current_span(_propagator.extract({"traceparent": parent}))
        here.add_link(there.get_span_context())
