"""What is said about the rows before they are read, and after."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, select

from synap_import import Finding, Kind, MemoryRecord, Severity, SourceError

from .specs import plain_column

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from .config import SqlConfig
    from .late import Seen
    from .plan import Plan
    from .rows import Stretch

SAMPLES = 50
_NAIVE = "naive-time:"


def require_own_ids(connection: Connection, plan: Plan) -> None:
    """Raise SourceError when the mapping gives rows the same id."""
    name = plain_column(plan.document.id)
    if name is None or name not in plan.relation.columns or (name,) == plan.key.names:
        return
    column = plan.relation.column(name)
    exactly = plan.session.database.exactly(column)
    counted = select(func.count(column), func.count(exactly.distinct()))
    rows, ids = connection.execute(counted.select_from(plan.relation.source)).one()
    if ids < rows:
        raise SourceError(
            f"'id' in the mapping names the column {name}, which is the same in several rows of "
            f"{plan.relation.title}: {rows} rows have {ids} ids.",
            remedy="Each record needs an id of its own; without 'id', the key is it.",
        )


def findings_of(
    config: SqlConfig, stretch: Stretch, columns: Sequence[str], records: Sequence[MemoryRecord]
) -> Iterator[Finding]:
    """What the owner should know, by the first rows."""
    naive = sorted(
        {
            one.removeprefix(_NAIVE)
            for record in records
            for one in record.assumptions
            if one.startswith(_NAIVE)
        }
    )
    if naive:
        yield Finding(
            Severity.INFO if config.assume_tz else Severity.WARNING,
            "sql-naive-time",
            f"Times in {', '.join(naive)} name no zone: they are read in "
            f"{config.assume_tz or 'UTC, or the zone that the mapping names'}.",
            "If they are of another zone: --assume-tz Europe/Berlin, or 'tz' in the mapping.",
        )
    binary = sorted({name for row in stretch.rows for name in _binary_columns(columns, row)})
    if binary:
        yield Finding(
            Severity.INFO,
            "sql-binary-columns",
            f"Columns hold bytes: {', '.join(binary)}. Where they are not the text itself, short "
            "ones are kept in hexadecimal digits, and of long ones only their length and digest.",
            "To leave a column out, name it in 'drop' of the mapping's 'metadata'.",
        )
    loose = [one for one in records if one.kind is Kind.MESSAGE and one.position is None]
    if loose:
        yield Finding(
            Severity.INFO,
            "sql-no-position",
            "Messages have no position: they are put in order by their time, and where that is "
            "the same, by the key.",
            "If a column numbers them, name it as 'position' in the mapping.",
        )


def after_reading(plan: Plan, seen: Seen, now: int, exported: int) -> Iterator[Finding]:
    """The rows that there are now, compared with what came out."""
    if now > seen.rows:
        yield Finding(
            Severity.WARNING,
            "sql-added-meanwhile",
            f"Rows were added to {plan.relation.title} while its end was read.",
            "Run the same command again: it loads what is new.",
            count=now - seen.rows,
        )
    shared = seen.rows - seen.unreadable - exported
    title = plan.relation.title
    if shared > 0:
        yield Finding(
            Severity.WARNING,
            "sql-rows-without-record",
            f"{title[:1].upper()}{title[1:]} has {seen.rows} rows, {seen.unreadable} of them "
            f"unreadable, and only {exported} records came out.",
            "Rows to which the mapping gives the same id and content become one record; without "
            "'id' in the mapping, the key tells them apart.",
            count=shared,
        )


def _binary_columns(columns: Sequence[str], row: Sequence[Any]) -> Iterator[str]:
    pairs = zip(columns, row, strict=True)
    return (name for name, value in pairs if isinstance(value, bytes | memoryview))
