"""Spans for OpenTelemetry, where the program that runs us has set it up.

Whoever wants traces starts the command with ``opentelemetry-instrument``, or sets a provider up in
Python; both have imported the library by then. So it is never imported here.
"""

from __future__ import annotations

import sys
from contextlib import AbstractContextManager, nullcontext
from typing import Any

_NAME = "synap_import"


def span(name: str, **attributes: str | int) -> AbstractContextManager[Any]:
    """A span around a piece of work; nothing where nobody listens."""
    trace = sys.modules.get("opentelemetry.trace")
    if trace is None:
        return nullcontext()
    manager: AbstractContextManager[Any] = trace.get_tracer(_NAME).start_as_current_span(
        f"{_NAME}.{name}", attributes={f"{_NAME}.{key}": value for key, value in attributes.items()}
    )
    return manager
