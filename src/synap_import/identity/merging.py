"""What a source tells now, put into the user map that is there: decisions stay as they are.

The columns ``source_id``, ``user_id``, ``customer_id``, ``scope``, ``action`` and ``note`` are the
person's: a row that is there keeps them, letter by letter. The others are the tool's.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from enum import StrEnum
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

from .cells import id_cell
from .decisions import Action
from .header import GONE
from .matching import Confidence, KnownUsers, unchecked
from .owners import moment
from .sheet import COLUMNS, Owner, Sheet, SheetRow

if TYPE_CHECKING:
    from collections.abc import Iterable

    from .owners import SourceOwner

NEW = "new"
_LONGEST_NOTE = 200
_WITHOUT_CUSTOMER = (Action.SKIP, Action.CLIENT_SCOPE)


class Customers(StrEnum):
    """Whether the map has customers: not on B2C, for each user on B2B, or as its owner likes."""

    LEFT_OUT = "left-out"
    OPTIONAL = "optional"
    REQUIRED = "required"


class Wishes(NamedTuple):
    """How a user map is to be written.

    ``fill`` takes over suggestions that are at least so sure, where nothing was decided.
    """

    customers: Customers = Customers.OPTIONAL
    known: KnownUsers | None = None
    fill: Confidence | None = None


class Changes(NamedTuple):
    """What writing a user map did, in rows; ``suggested`` counts by confidence.

    ``wrong_customers`` have a customer id that the instance will refuse, or lack one that it wants.
    """

    new: int
    kept: int
    gone: int
    filled: int
    suggested: dict[Confidence, int]
    wrong_customers: int


def merge(old: Sheet, owners: Iterable[SourceOwner], wishes: Wishes) -> tuple[Sheet, Changes]:
    """The map with everybody who is in the source; the rows of ``old`` become part of it, in place.

    What is not known this time (counts that the source does not tell) stays as it was.
    """
    rows_of = _by_owner(old)
    status = NEW if old.rows else ""
    new: list[tuple[Owner, SheetRow]] = []
    filled = kept = 0
    present = _by_size(owners)
    for key, owner in present.items():
        rows = rows_of.pop(key, [])
        kept += len(rows)
        for row in rows:
            row.status = ""
        if not rows:
            rows = [SheetRow(id_cell(owner.id), scope=owner.kind.value, status=status)]
            new.append((key, rows[0]))
        for row in rows:
            _refresh(row, owner, wishes)
            filled += _fill(row, wishes)
    gone = [row for rows in rows_of.values() for row in rows]
    for row in gone:
        row.status = GONE
    merged = Sheet([*old.rows, *new], (), old.delimiter, old.encoding)
    merged.columns = _columns(old, merged, wishes)
    there = [row for key, row in merged.rows if key in present]
    suggested = Counter(Confidence(row.confidence) for row in there if _is_judged(row))
    wrong = sum(_has_wrong_customer(row, wishes.customers) for row in there)
    return merged, Changes(len(new), kept, len(gone), filled, dict(suggested), wrong)


def _by_owner(sheet: Sheet) -> dict[Owner, list[SheetRow]]:
    found: defaultdict[Owner, list[SheetRow]] = defaultdict(list)
    for owner, row in sheet.rows:
        if owner is not None:
            found[owner].append(row)
    return dict(found)


def _by_size(owners: Iterable[SourceOwner]) -> dict[Owner, SourceOwner]:
    """The owners with most records first; what a source tells twice of one is told once."""
    found: dict[Owner, SourceOwner] = {}
    for one in sorted(owners, key=lambda owner: (-(owner.records or 0), owner.id, owner.kind)):
        found.setdefault((one.kind, one.id), one)
    return found


def _refresh(row: SheetRow, owner: SourceOwner, wishes: Wishes) -> None:
    if owner.records is not None:
        row.records = str(owner.records)
    if owner.kinds or owner.records == 0:
        row.kinds = ", ".join(f"{kind} {count}" for kind, count in owner.kinds)
    row.first_seen = moment(owner.first) or row.first_seen
    row.last_seen = moment(owner.last) or row.last_seen
    if owner.note or owner.kinds or not row.recognised_as:
        row.recognised_as = _words_cell(owner.recognised_as)
    _suggest(row, owner, wishes)


def _suggest(row: SheetRow, owner: SourceOwner, wishes: Wishes) -> None:
    """Suggestions of an earlier list of known users stay, unless there is one again."""
    if wishes.known is None and row.confidence.strip() not in {"", Confidence.UNCHECKED}:
        return
    made = wishes.known.suggest(owner) if wishes.known else unchecked(owner)
    row.confidence = made.confidence if made else ""
    row.because = _words_cell(made.because) if made else ""
    row.suggestion = id_cell(made.user_id) if made and made.user_id else ""
    customer = made.customer_id if made and wishes.customers is not Customers.LEFT_OUT else ""
    row.suggested_customer = id_cell(customer) if customer else ""


def _fill(row: SheetRow, wishes: Wishes) -> bool:
    """Take a suggestion over if that was asked for, and nothing was decided."""
    sure = {wishes.fill, Confidence.CERTAIN} if wishes.fill else set()
    if row.confidence not in sure or not row.suggestion or row.user_id.strip():
        return False
    if row.action.strip():
        return False
    row.user_id = row.suggestion
    if not row.customer_id.strip():
        row.customer_id = row.suggested_customer
    return True


def _columns(old: Sheet, merged: Sheet, wishes: Wishes) -> tuple[str, ...]:
    """Those of the file in their order, the others in between where a new file has them.

    There is no column for customers where none belong, unless somebody filled it.
    """
    columns = list(old.columns)
    for before, name in pairwise(COLUMNS):
        if name not in columns:
            columns.insert(columns.index(before) + 1, name)
    if wishes.customers is Customers.LEFT_OUT:
        _drop_if_empty("customer_id", columns, merged)
    _drop_if_empty("suggested_customer", columns, merged)
    return tuple(columns)


def _drop_if_empty(name: str, columns: list[str], sheet: Sheet) -> None:
    if not any(getattr(row, name).strip() for _, row in sheet.rows):
        columns.remove(name)


def _is_judged(row: SheetRow) -> bool:
    return row.confidence in set(Confidence)


def _has_wrong_customer(row: SheetRow, customers: Customers) -> bool:
    has_one = bool(row.customer_id.strip())
    match customers:
        case Customers.LEFT_OUT:
            return has_one
        case Customers.REQUIRED:
            return not has_one and row.action.strip().casefold() not in _WITHOUT_CUSTOMER
        case Customers.OPTIONAL:
            return False


def _words_cell(text: str) -> str:
    """A text for people on one line, which no spreadsheet executes."""
    return id_cell(" ".join(text.split())[:_LONGEST_NOTE])
