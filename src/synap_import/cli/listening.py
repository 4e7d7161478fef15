"""Who listens to an import: the person at the terminal, a file of events, a file of metrics."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from synap_import.events import DestinationSeen, FindingSeen, JobOpened, SourceSeen, all_of

from .terminal import inert, say, say_finding

if TYPE_CHECKING:
    from synap_import.events import Event, Listener


def listen(event: Event) -> None:
    """Say what begins; progress and the end have displays of their own."""
    match event:
        case SourceSeen(title):
            say(f"Source: {inert(title)}")
        case FindingSeen(finding):
            say_finding(finding)
        case DestinationSeen(title):
            say(f"Destination: {title}")
        case JobOpened(name, folder):
            say(f"Job: {name} in {folder}")


@contextmanager
def listening(events: Path | None, metrics: Path | None) -> Iterator[Listener]:
    """The terminal, and the files that were asked for.

    Raises ConfigurationError when one cannot be written.
    """
    listeners: list[Listener] = [listen]
    with ExitStack() as stack:
        if events is not None:
            from synap_import.event_file import event_file  # noqa: PLC0415 - start-up time

            listeners.append(stack.enter_context(event_file(events)))
        if metrics is not None:
            from synap_import.metrics import metrics_file  # noqa: PLC0415 - start-up time

            listeners.append(metrics_file(metrics))
        yield all_of(listeners)
