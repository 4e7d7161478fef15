"""What a worker is told: all that it needs to read and send, and no key.

Plain values that survive the way to another machine.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from pydantic import BaseModel

    from synap_import.forms import DocumentForm
    from synap_import.loading import LoadLimits
    from synap_import.sources import Source

    from .keys import Wanted


class Target(NamedTuple):
    """The instance of Synap that a worker sends to."""

    url: str
    instance_id: str


@dataclass(frozen=True, slots=True)
class Order:
    """One job, as its workers need to know it.

    ``account`` is what the source must turn out to be there as well; ``marks`` the version of
    what looks at records. Without a ``target`` nothing is sent.
    """

    adapter: type[Source[Any]]
    config: BaseModel
    wanted: Wanted
    account: str
    folder: str
    workers: int
    transforms: tuple[str, ...]
    marks: str
    scans: bool
    form: DocumentForm
    limits: LoadLimits
    ledger: str
    job: str
    target: Target | None


class Told(NamedTuple):
    """What a worker may do by now; ``planned`` grows when there is more to send."""

    may_send: bool = False
    planned: int = 0
    sending_over: bool = False
    stop_sending: bool = False
    reading_over: bool = False
    stop_reading: bool = False

    @property
    def is_stopped(self) -> bool:
        """Whether what is left is for another run."""
        return self.stop_reading and self.stop_sending

    @property
    def is_over(self) -> bool:
        """Whether there is nothing to do any more for somebody who comes now."""
        return (self.reading_over or self.stop_reading) and (self.sending_over or self.stop_sending)


class Report(NamedTuple):
    """What a worker has done so far, in records; ``finished`` counts partitions.

    ``waits_for`` so many ``seconds`` it waits for what that says.
    """

    is_ready: bool = False
    finished: int = 0
    pages: int = 0
    exported: int = 0
    held: int = 0
    rejected: int = 0
    loaded: int = 0
    already_there: int = 0
    in_doubt: int = 0
    waits_for: str = ""
    seconds: float = 0.0


class Failure(NamedTuple):
    """What ended a worker's work: one of our errors by its name, or a fault with its traceback."""

    error: str
    message: str
    remedy: str = ""


class Ended(NamedTuple):
    """How a worker's work ended, and all it did."""

    report: Report
    failure: Failure | None = None
