"""What an import tells while it works; the terminal, event files and callers listen alike."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    from .ledger import Books
    from .sources import Finding


@dataclass(frozen=True, slots=True)
class SourceSeen:
    """The source answered; ``expected`` records where it can say how many."""

    title: str
    expected: int | None


@dataclass(frozen=True, slots=True)
class FindingSeen:
    """Something that the owner of the data should know."""

    finding: Finding


@dataclass(frozen=True, slots=True)
class DestinationSeen:
    """Synap answered, or there is none."""

    title: str


@dataclass(frozen=True, slots=True)
class JobOpened:
    """The job that this import begins or goes on with."""

    name: str
    folder: str


@dataclass(frozen=True, slots=True)
class Progressed:
    """Where the run is, in records and documents as ``Progress`` counts them."""

    progress: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Ended:
    """The account of the job, and what the command tells its shell; ``stopped`` says why early."""

    books: Books
    exit_code: int
    stopped: str | None = None


Event: TypeAlias = SourceSeen | FindingSeen | DestinationSeen | JobOpened | Progressed | Ended
Listener: TypeAlias = Callable[[Event], None]

_NAMES = {
    SourceSeen: "source",
    FindingSeen: "finding",
    DestinationSeen: "destination",
    JobOpened: "job",
    Progressed: "progress",
    Ended: "end",
}


def nobody(_: Event) -> None:
    """Listens to nothing."""


def all_of(listeners: Sequence[Listener]) -> Listener:
    """Tells each of them in turn."""

    def tell(event: Event) -> None:
        for listener in listeners:
            listener(event)

    return tell


def event_line(event: Event, at: str) -> str:
    """The event as one line of JSON: ``event`` names it, ``at`` is the time of day."""
    return json.dumps({"event": _NAMES[type(event)], "at": at, **asdict(event)}, default=str)
