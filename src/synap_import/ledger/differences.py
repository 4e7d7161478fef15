"""What a re-sync found to differ from what was loaded, and what is to be done about it in Synap."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from .values import Confirmable, Ingested, Undoable, Undone


@dataclass(frozen=True, slots=True)
class Gone:
    """Records that the last re-sync did not find any more, of so many ``known`` ones.

    ``in_synap`` are those whose documents are still there; ``examples`` are ids of these.
    """

    records: int = 0
    in_synap: int = 0
    known: int = 0
    examples: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Replaced:
    """Documents of which a newer version was loaded, or whose records are gone.

    ``to_remove`` can be removed now; the memories of ``to_ask`` of them are not known yet.
    ``waiting`` ones have a successor that is not loaded. ``kept`` have memories that Synap does
    not name or refused to delete, ``not_ours`` were there already, or may not be there at all.
    ``examples`` are document ids of these two.
    """

    to_remove: int = 0
    to_ask: int = 0
    waiting: int = 0
    kept: int = 0
    not_ours: int = 0
    examples: tuple[str, ...] = ()


class Differences(Protocol):
    """Every method is one transaction."""

    def gone(self, examples: int = 5) -> Gone:
        """What the source does not have any more."""
        ...

    def mirror(self) -> int:
        """Give up the documents whose records are gone; their other records are planned anew.

        Returns how many documents that is.
        """
        ...

    def replaced(self, examples: int = 5) -> Replaced:
        """What is to be removed from Synap, and what is not."""
        ...

    def ask_about_replaced(self) -> int:
        """Mark what can be removed and whose memories are not known; returns how many."""
        ...

    def unconfirmed(
        self, behind: int, limit: int, *, user_id: str | None = None
    ) -> list[Confirmable]:
        """The next marked documents behind this number, that are not finished."""
        ...

    def confirm(self, answers: Sequence[tuple[int, Ingested]]) -> None:
        """Write what Synap said about documents."""
        ...

    def removable(self, behind: int, limit: int) -> list[Undoable]:
        """The next documents, behind this number, that can be removed."""
        ...

    def end_removing(self, outcomes: Sequence[Undone]) -> None:
        """Write down which memories are gone."""
        ...
