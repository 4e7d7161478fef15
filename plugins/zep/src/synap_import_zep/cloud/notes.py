"""What is noticed while reading, and told when everything was read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from synap_import import Finding, Severity
from synap_import_zep.holds import COPY

from .items import SYSTEM, message_id

if TYPE_CHECKING:
    from synap_import import Exported

_EXAMPLES = 5
_REMEMBERED = 1_000


@dataclass(slots=True)
class Notes:
    """Of one run.

    ``unprocessed`` counts episodes that Zep has not made facts of, ``copies`` those that are a
    message by its id, ``by_thread`` those that only their thread makes one; some of these are
    remembered.
    """

    holes: list[str] = field(default_factory=list)
    gone: list[str] = field(default_factory=list)
    not_offered: Counter[str] = field(default_factory=Counter)
    unprocessed: int = 0
    copies: int = 0
    by_thread: int = 0
    _without_message: list[str] = field(default_factory=list)

    def see_copy(self, uuid: str, *, has_message: bool) -> None:
        """An episode was held as the copy of a message."""
        if has_message:
            self.copies += 1
            return
        self.by_thread += 1
        if len(self._without_message) < _REMEMBERED:
            self._without_message.append(uuid)

    def findings(self, exported: Exported) -> list[Finding]:
        """All of it."""
        return [*self._incomplete(), *self._unprocessed(), *self._copies(exported), *self._absent()]

    def _incomplete(self) -> Iterator[Finding]:
        if self.holes:
            yield Finding(
                Severity.ERROR,
                "zep-list-incomplete",
                "A list of Zep could not be read to its end.",
                remedy="When the cause is mended, --new-job reads everything again. If there is "
                "none on your side, ask Zep's support.",
                count=len(self.holes),
                examples=tuple(self.holes[:_EXAMPLES]),
            )

    def _unprocessed(self) -> Iterator[Finding]:
        if self.unprocessed:
            yield Finding(
                Severity.WARNING,
                "zep-not-processed",
                "A text came out that Zep has not processed yet, so there are no facts about it.",
                remedy="It makes a difference only if facts are loaded: then run again later.",
                count=self.unprocessed,
            )

    def _copies(self, exported: Exported) -> Iterator[Finding]:
        if self.by_thread and not self.copies:
            yield Finding(
                Severity.INFO,
                "zep-copies-by-thread",
                "An episode was taken for the copy of a message because the messages of its "
                "thread were read; none of them has its id.",
                remedy=f"If texts are missing, --include {COPY} loads them.",
                count=self.by_thread,
            )
            return
        # Elsewhere the two share an id, so here the message itself is missing.
        if late := exported.missing(SYSTEM, [message_id(uuid) for uuid in self._without_message]):
            yield Finding(
                Severity.WARNING,
                "zep-said-since",
                "An episode belongs to a thread that was read, but its message was not there: it "
                "was said since, or Zep did not list it. It is held as a copy.",
                remedy="--new-job reads every thread again; what Synap has is not loaded twice.",
                count=len(late),
            )

    def _absent(self) -> Iterator[Finding]:
        if self.gone:
            yield Finding(
                Severity.INFO,
                "zep-gone",
                "Zep lists a thread or graph that it does not have (any more): a deletion may be "
                "under way.",
                count=len(self.gone),
                examples=tuple(self.gone[:_EXAMPLES]),
            )
        if self.not_offered:
            yield Finding(
                Severity.INFO, "zep-not-offered", f"This Zep has no {', '.join(self.not_offered)}."
            )
