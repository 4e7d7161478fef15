"""What is read: a table or view, or a query, as something to select from."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from sqlalchemy import column, func, inspect, literal_column, select, table, text
from sqlalchemy.sql import quoted_name

from synap_import import ConfigurationError, SourceError

from .databases.database import Trouble
from .session import MissingError

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement, Connection, FromClause, Select, TextClause

    from .session import Session

_NAME = re.compile(r'\s*(?:"((?:[^"]|"")+)"|([^".]+))\s*(?:\.|$)')
_ALIAS = "synap_import_rows"


@dataclass(frozen=True, slots=True)
class Relation:
    """Rows to read. ``name`` tells it apart from others in the same database."""

    name: str
    title: str
    source: FromClause
    columns: tuple[str, ...]
    schema: str | None = None
    table: str | None = None

    def column(self, name: str) -> ColumnElement[Any]:
        """A column of it."""
        return self.source.c[name]

    def count(self, connection: Connection) -> int:
        """How many rows it has now."""
        return int(connection.execute(select(func.count()).select_from(self.source)).scalar_one())

    def require(self, names: Iterable[str], wanted_by: str) -> None:
        """Raise SourceError, with what was probably meant, for a column that is not there."""
        for name in names:
            if name not in self.columns:
                raise SourceError(
                    f"{self.title} has no column '{name}', which {wanted_by} names"
                    f"{did_you_mean(name, self.columns)}",
                    remedy=f"Its columns are {', '.join(self.columns)}.",
                )


async def open_table(session: Session, text_of_name: str) -> Relation:
    """A table or view. Raises ConfigurationError or SourceError when there is no such."""
    schema, name = _split(text_of_name)
    whole = table(quoted_name(name, quote=True), schema=_quoted(schema))
    try:
        columns = await session.read(lambda connection: _columns(connection, whole))
    except MissingError as error:
        if error.trouble is not Trouble.NO_TABLE:
            raise
        names = await session.read(_tables)
        raise _no_table(session, text_of_name, names) from None
    return Relation(
        name=f"table {f'{schema}.' if schema else ''}{name}",
        title=f"table {text_of_name}",
        source=table(
            quoted_name(name, quote=True),
            *(column(quoted_name(one, quote=True)) for one in columns),
            schema=_quoted(schema),
        ),
        columns=columns,
        schema=schema,
        table=name,
    )


async def open_query(session: Session, query: str) -> Relation:
    """What a SELECT gives. Raises SourceError when the database refuses it."""
    query = query.strip().rstrip(";").rstrip()
    # A line of its own for the bracket: the query may end in a comment.
    verbatim = escaped(f"{query}\n")
    whole = text(f"({verbatim}) AS {_ALIAS}")
    columns = await session.read(lambda connection: _columns(connection, whole))
    twice = [name for name, count in Counter(columns).items() if count > 1]
    if twice:
        raise SourceError(
            f"The query gives more than one column named '{twice[0]}'.",
            remedy="Name each column once: AS gives it another name.",
        )
    named = text(verbatim).columns(*(column(quoted_name(one, quote=True)) for one in columns))
    digest = sha256(" ".join(query.split()).encode()).hexdigest()[:12]
    return Relation(f"query {digest}", "the query", named.subquery(_ALIAS), columns)


def escaped(query: str) -> str:
    """For :func:`sqlalchemy.text`, which takes ``:name`` for a parameter: there is none here."""
    return query.replace(":", "\\:")


def did_you_mean(name: str, known: Sequence[str]) -> str:
    """The end of a sentence that names something unknown."""
    by_lower = {one.lower(): one for one in known}
    near = get_close_matches(name.lower(), by_lower, n=3, cutoff=0.6)
    meant = " or ".join(f"'{by_lower[one]}'" for one in near)
    return f"; did you mean {meant}?" if meant else "."


def _split(name: str) -> tuple[str | None, str]:
    """Schema and table; quotes are for names with dots in them."""
    parts: list[str] = []
    position = 0
    while position < len(name) and (match := _NAME.match(name, position)):
        quoted, bare = match.groups()
        parts.append(quoted.replace('""', '"') if quoted else bare.strip())
        position = match.end()
    if position < len(name) or not 1 <= len(parts) <= 2:
        raise ConfigurationError(
            f"--table {name} is not the name of a table.",
            remedy='It looks like messages, chat.messages, or chat."odd.name".',
        )
    return (parts[0] if len(parts) == 2 else None), parts[-1]


def _quoted(name: str | None) -> quoted_name | None:
    return None if name is None else quoted_name(name, quote=True)


def _columns(connection: Connection, source: FromClause | TextClause) -> tuple[str, ...]:
    statement: Select[Any] = select(literal_column("*")).select_from(source).limit(0)
    return tuple(connection.execute(statement).keys())


def _tables(connection: Connection) -> list[str]:
    inspector = inspect(connection)
    own = [*inspector.get_table_names(), *inspector.get_view_names()]
    default = inspector.default_schema_name
    others = [
        f"{schema}.{name}"
        for schema in inspector.get_schema_names()
        if schema not in {default, "information_schema", "mysql", "performance_schema", "sys"}
        for name in (*inspector.get_table_names(schema), *inspector.get_view_names(schema))
    ]
    return [*own, *others]


def _no_table(session: Session, name: str, known: Sequence[str]) -> SourceError:
    shown = ", ".join(known[:20]) or "none that this user may see"
    return SourceError(
        f"{session.database.title} at {session.address} has no table '{name}'"
        f"{did_you_mean(name, known)}",
        remedy=f"Tables there: {shown}.",
    )
