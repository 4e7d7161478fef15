"""What ``synap-import users`` says: who is there, what became of the file, what to do next."""

from __future__ import annotations

from typing import TYPE_CHECKING

from synap_import.errors import UserMapError
from synap_import.identity import Confidence, Customers, load_user_map, moment

from .terminal import inert, inert_lines, number

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from synap_import.identity import Changes, SourceOwner, Wishes
    from synap_import.inventory import Inventory

_SHOWN = 10
_GONE = " (not in the source now; the file keeps and marks them)"


def owner_lines(inventory: Inventory) -> Iterator[str]:
    """How many records belong to whom, the largest first."""
    ids = "1 id" if len(inventory.owners) == 1 else f"{number(len(inventory.owners))} ids"
    if inventory.records is None:
        yield f"The source names {ids}; it was not read, so kinds and times are not known."
        yield "  --read-all reads it."
    else:
        yield f"{_records(inventory.records)} to {ids}."
    most = sorted(inventory.owners, key=lambda owner: -(owner.records or 0))
    for owner in most[:_SHOWN]:
        yield f"  {_owner(owner)}"
    if len(most) > _SHOWN:
        yield f"  and {number(len(most) - _SHOWN)} more"
    if inventory.unowned:
        yield f"{_records(inventory.unowned)} to nobody: see --no-user of the import."
    if inventory.unreadable:
        items = "1 item" if inventory.unreadable == 1 else f"{number(inventory.unreadable)} items"
        yield f"{items} could not be read."


def row_lines(changes: Changes, path: Path, wishes: Wishes) -> Iterator[str]:
    """What became of the rows, and how many suggestions there are."""
    new = "1 row" if changes.new == 1 else f"{number(changes.new)} rows"
    if changes.kept or changes.gone:
        marked = _GONE if changes.gone else ""
        rows = f"{number(changes.kept)} kept, {number(changes.gone)} gone{marked}"
        yield f"Written to {path}: {new} new, {rows}."
    else:
        yield f"Written to {path}: {new}."
    if wishes.known:
        counts = [
            f"{name} {number(changes.suggested[name])}"
            for name in Confidence
            if changes.suggested.get(name)
        ]
        yield f"Compared with the known users: {', '.join(counts) or 'nobody'}."
        filled = f"{number(changes.filled)} taken over into user_id" if wishes.fill else ""
        yield f"  {filled or 'See the columns suggestion, confidence and because.'}"


def next_step_lines(
    source: str, path: Path, changes: Changes, customers: Customers
) -> Iterator[str]:
    """What is to be decided still, or the command that goes on."""
    if changes.wrong_customers and customers is Customers.LEFT_OUT:
        yield (
            f"{_rows(changes.wrong_customers)} a customer_id, which a B2C instance refuses: "
            "empty the column."
        )
    if changes.wrong_customers and customers is Customers.REQUIRED:
        yield (
            f"{_rows(changes.wrong_customers)} no customer_id yet, which a B2B instance needs: "
            "fill the column, or give one for all with --customer-id."
        )
    try:
        undecided = len(load_user_map(path).undecided())
    except UserMapError as error:
        yield f"An import would not take the file as it is. {inert_lines(error.message)}"
        return
    if undecided:
        yield (
            f"{_rows(undecided)} no decision: fill in user_id, or write keep (users only: the "
            "same id) or skip into the column action."
        )
        if not changes.kept:
            yield "If all users have the same ids in Synap, --user-map identity needs no file."
        yield f"Then: synap-import {source} … --user-map {path} --dry-run"
    else:
        yield f"All rows are decided. Next: synap-import {source} … --user-map {path} --dry-run"


def _owner(owner: SourceOwner) -> str:
    count = "" if owner.records is None else f": {number(owner.records)}"
    kinds = ", ".join(f"{kind} {number(count)}" for kind, count in owner.kinds)
    parts = [kinds if len(owner.kinds) > 1 else "", _span(owner), inert(owner.note, 100)]
    more = "; ".join(filter(None, parts))
    return f"{owner.kind} {inert(owner.id, 60)}{count}{f'  ({more})' if more else ''}"


def _span(owner: SourceOwner) -> str:
    if owner.first is None or owner.last is None:
        return ""
    first, last = (moment(time).partition("T")[0] for time in (owner.first, owner.last))
    return first if first == last else f"{first} to {last}"


def _records(count: int) -> str:
    return "1 record belongs" if count == 1 else f"{number(count)} records belong"


def _rows(count: int) -> str:
    return "1 row has" if count == 1 else f"{number(count)} rows have"
