"""Whose rows there are, counted by the database where the mapping takes ids from columns."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement, and_, func, or_, select

from synap_import import ScopeCount, ScopeKind

from .specs import plain_column
from .values import plain

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from synap_import.mapping import MappingDocument

    from .databases.database import Database
    from .relation import Relation


def owner_columns(
    document: MappingDocument, columns: Sequence[str]
) -> list[tuple[ScopeKind, str]] | None:
    """The columns that decide whose a row is, in their order; None where it takes more to know."""
    found = []
    for kind in ScopeKind:
        spec = getattr(document, kind.value)
        if spec is None:
            continue
        name = plain_column(spec)
        if name is None or name not in columns:
            return None
        found.append((kind, name))
    return found


def count_owners(
    connection: Connection,
    database: Database,
    relation: Relation,
    columns: Sequence[tuple[ScopeKind, str]],
) -> list[ScopeCount]:
    """Each owner with the number of rows; of rows without a user, the next id they carry."""
    counts: list[ScopeCount] = []
    unowned: list[ColumnElement[bool]] = []
    for kind, name in columns:
        column = relation.column(name)
        each = select(func.min(database.shown(column)), func.count()).select_from(relation.source)
        each = each.where(and_(True, *unowned)).group_by(database.exactly(column))
        blank: list[Any] = []
        for value, count in connection.execute(each):
            if is_blank(value):
                blank.append(value)
            else:
                counts.append(ScopeCount(kind, str(plain(value)), count))
        if not blank:
            break
        texts = [column == value for value in blank if value is not None]
        unowned.append(or_(column.is_(None), *texts))
    return counts


def is_blank(value: Any) -> bool:
    """Whether an id is missing, as the mapping sees it."""
    return value is None or (isinstance(value, str) and not value.strip())
