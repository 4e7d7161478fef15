"""What an import tells, as lines for the person in front of the terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from synap_import.events import DestinationSeen, FindingSeen, JobOpened, SourceSeen

from .terminal import inert, say, say_finding

if TYPE_CHECKING:
    from synap_import.events import Event


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
