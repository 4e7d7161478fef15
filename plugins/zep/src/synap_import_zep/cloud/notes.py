"""What is noticed while reading, and told when everything was read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from synap_import import Finding, Severity

_EXAMPLES = 5


@dataclass(slots=True)
class Notes:
    """Of one run."""

    holes: list[str] = field(default_factory=list)
    gone: list[str] = field(default_factory=list)
    not_offered: Counter[str] = field(default_factory=Counter)
    unprocessed: int = 0
    copies_by_thread: int = 0

    def see(self, item: Mapping[str, Any]) -> None:
        """A text that Zep has not made facts of is counted."""
        self.unprocessed += item.get("processed") is False

    def findings(self) -> list[Finding]:
        """All of it."""
        found = []
        if self.holes:
            found.append(
                Finding(
                    Severity.ERROR,
                    "zep-list-incomplete",
                    f"{len(self.holes)} lists of Zep could not be read to their end.",
                    remedy="Start again with --new-job. If it stays so, ask Zep's support.",
                    count=len(self.holes),
                    examples=tuple(self.holes[:_EXAMPLES]),
                )
            )
        if self.unprocessed:
            found.append(
                Finding(
                    Severity.WARNING,
                    "zep-not-processed",
                    f"Zep has not yet processed {self.unprocessed} texts; they came out, but "
                    "there are no facts about them yet.",
                    remedy="It makes a difference only if facts are loaded: then run again later.",
                    count=self.unprocessed,
                )
            )
        if self.copies_by_thread:
            found.append(
                Finding(
                    Severity.INFO,
                    "zep-copies-by-thread",
                    f"{self.copies_by_thread} episodes were taken for copies because the messages "
                    "of their thread were read; none of these messages has their id.",
                    remedy="If texts are missing, --include copy-of-message loads them.",
                    count=self.copies_by_thread,
                )
            )
        if self.gone:
            found.append(
                Finding(
                    Severity.INFO,
                    "zep-gone",
                    "Zep lists threads or graphs that it does not have (any more): a deletion "
                    "may be under way.",
                    count=len(self.gone),
                    examples=tuple(self.gone[:_EXAMPLES]),
                )
            )
        if self.not_offered:
            found.append(
                Finding(
                    Severity.INFO,
                    "zep-not-offered",
                    f"This Zep has no {', '.join(self.not_offered)}.",
                    count=len(self.not_offered),
                )
            )
        return found
