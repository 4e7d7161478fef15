"""What went in beside what Synap made of it, for people to compare."""

from __future__ import annotations

import io
import shutil
from typing import TYPE_CHECKING

from synap_import.ledger import Confirmation
from synap_import.verifying.judging import Outcome

from .terminal import inert, number

if TYPE_CHECKING:
    from synap_import.verifying.judging import Sought
    from synap_import.verifying.run import Verified

_EXCERPT = 300
_WIDEST, _NARROWEST = 140, 60

_SAID = {
    Outcome.FOUND: "found by its user's search",
    Outcome.FOUND_BY_WORDS: "found by its user's search, by its words",
    Outcome.OUTRANKED: "50 other memories came first in its user's search",
    Outcome.NOT_FOUND: "NOT FOUND by its user's search",
    Outcome.FAILED: "its ingestion FAILED",
    Outcome.UNVERIFIED: "not verified",
    Outcome.UNFINISHED: "Synap is not finished with it",
    Outcome.NO_MEMORIES: "Synap made no memory of it",
    Outcome.NO_WORDS: "no words to search for",
    None: "not reached",
}


def side_by_side(found: Verified) -> str:
    """A table with a row for each document."""
    from rich import box  # noqa: PLC0415 - start-up time
    from rich.console import Console  # noqa: PLC0415
    from rich.table import Table  # noqa: PLC0415
    from rich.text import Text  # noqa: PLC0415

    table = Table(box=box.SQUARE, show_lines=True, expand=True)
    table.add_column("went in", ratio=1)
    table.add_column("in Synap", ratio=1)
    for document in found.sought:
        # As Text, so that no markup in a memory is obeyed.
        table.add_row(Text(_went_in(document)), Text(_in_synap(document)))
    width = max(_NARROWEST, min(_WIDEST, shutil.get_terminal_size((100, 24)).columns))
    console = Console(file=io.StringIO(), width=width)
    console.print(table)
    file = console.file
    assert isinstance(file, io.StringIO)  # noqa: S101 - for the type checker
    return file.getvalue().rstrip("\n")


def _went_in(document: Sought) -> str:
    customer = f" of {inert(document.customer_id, 60)}" if document.customer_id else ""
    time = document.created_at.isoformat() if document.created_at else "no time"
    head = f"{inert(document.user_id, 60)}{customer} · {document.kind} · {time}"
    return f"{head}\n{inert(document.text, _EXCERPT)}"


def _in_synap(document: Sought) -> str:
    reason = f": {inert(document.reason)}" if document.reason else ""
    lines = [f"{_SAID[document.outcome]}{reason}"]
    if document.confirmation is Confirmation.ALREADY_THERE:
        lines.append("it was there already, so which memories are its own is not known")
    lines += [f"• {inert(content, _EXCERPT)}" for content in document.contents]
    more = len(document.memory_ids) - len(document.contents)
    if document.contents and more > 0:
        lines.append(f"and {number(more)} more")
    if document.memory_there is False:
        lines.append("its memories are not there by their ids")
    return "\n".join(lines)
