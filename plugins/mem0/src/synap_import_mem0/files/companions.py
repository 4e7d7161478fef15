"""A history among other files: its texts are those of their memories, under the same ids."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from synap_import import Finding, Severity
from synap_import_mem0.stores.history import HistoryDatabase

if TYPE_CHECKING:
    from .finding_files import Found

_EXAMPLES = 10


def without_histories(files: Sequence[Found]) -> tuple[list[Found], list[Finding]]:
    """The files but for histories, which are read by themselves only when there is nothing else.

    A store brings its history along, with the users that a history does not know.
    """
    others = [one for one in files if not isinstance(one.format, HistoryDatabase)]
    histories = [one.name for one in files if isinstance(one.format, HistoryDatabase)]
    if not others or not histories:
        return list(files), []
    finding = Finding(
        Severity.INFO,
        "history-beside-store",
        "Beside other files a history of Mem0 is not read by itself, for it does not know whose "
        "its texts are.",
        "With --with-history a store brings it along, with its users; read alone, it gives the "
        "last text of each memory.",
        count=len(histories),
        examples=tuple(histories[:_EXAMPLES]),
    )
    return others, [finding]
