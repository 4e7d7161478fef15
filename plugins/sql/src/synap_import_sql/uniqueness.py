"""Which columns are the key, and whether they tell every row apart."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import func, inspect, or_, select

from synap_import import ConfigurationError, SourceError

from .keys import Key

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from .relation import Relation
    from .session import Session

_EXAMPLES = 3


async def find_key(session: Session, relation: Relation, wanted: str | None) -> Key:
    """The key that was asked for, or the primary key.

    Raises ConfigurationError when it must be asked for, SourceError when it is no key.
    """
    if wanted is None:
        return await _primary_key(session, relation)
    names = tuple(name.strip() for name in wanted.split(",") if name.strip())
    if not names or len(set(names)) < len(names):
        raise ConfigurationError(
            f"--key {wanted!r} does not name columns.",
            remedy="It looks like id, or conversation_id,position.",
        )
    relation.require(names, "--key")
    key = Key(names)
    await session.read(lambda connection: _refuse_enums(connection, relation, key))
    if not await session.read(lambda connection: _is_declared(connection, relation, key)):
        await session.read(lambda connection: _verify(connection, relation, key))
    return key


async def _primary_key(session: Session, relation: Relation) -> Key:
    names: list[str] = []
    if relation.table is not None:
        names = await session.read(lambda connection: _declared(connection, relation)[0])
    if names and set(names) <= set(relation.columns):
        key = Key(tuple(names))
        await session.read(lambda connection: _refuse_enums(connection, relation, key))
        return key
    why = "has no primary key" if relation.table is not None else "has no key of its own"
    raise ConfigurationError(
        f"It is not said which columns tell the rows apart: {relation.title} {why}.",
        remedy="Name them with --key, in the order of an index if there is one. Columns are "
        f"{', '.join(relation.columns)}.",
    )


def _refuse_enums(connection: Connection, relation: Relation, key: Key) -> None:
    """MySQL puts them in order by their number, and compares them by their name."""
    if relation.table is None or connection.dialect.name not in {"mysql", "mariadb"}:
        return
    columns = inspect(connection).get_columns(relation.table, relation.schema)
    kinds = {one["name"]: type(one["type"]).__name__ for one in columns}
    for name in key.names:
        if kinds.get(name) in {"ENUM", "SET"}:
            raise SourceError(
                f"The column {name} of {relation.title} is of the type {kinds[name]}, which "
                f"{connection.dialect.name} does not compare in the order in which it sorts.",
                remedy="Name other columns with --key, or read a --query that has "
                f"CAST({name} AS CHAR) AS {name}.",
            )


def _declared(connection: Connection, relation: Relation) -> list[list[str]]:
    """What the table's definition says is unique; the primary key, maybe empty, is first."""
    inspector = inspect(connection)
    name, schema = relation.table or "", relation.schema
    if not inspector.has_table(name, schema) or name in inspector.get_view_names(schema):
        return [[]]
    found = [list(inspector.get_pk_constraint(name, schema)["constrained_columns"])]
    found += [list(one["column_names"]) for one in inspector.get_unique_constraints(name, schema)]
    for index in inspector.get_indexes(name, schema):
        # A partial index says nothing about the rows outside it.
        is_partial = any(key.endswith("_where") for key in index.get("dialect_options", {}))
        if index["unique"] and not is_partial and None not in index["column_names"]:
            found.append([one for one in index["column_names"] if one is not None])
    return found


def _is_declared(connection: Connection, relation: Relation, key: Key) -> bool:
    if relation.table is None:
        return False
    primary, *others = _declared(connection, relation)
    if not primary and not others:
        return False
    columns = inspect(connection).get_columns(relation.table, relation.schema)
    nullable = {one["name"] for one in columns if one["nullable"]} - set(primary)
    unique = any(one and set(one) <= set(key.names) for one in (primary, *others))
    return unique and nullable.isdisjoint(key.names)


def _verify(connection: Connection, relation: Relation, key: Key) -> None:
    """Look at all rows. Raises SourceError with examples."""
    columns = key.columns(relation)
    empty = connection.execute(
        select(func.count())
        .select_from(relation.source)
        .where(or_(*(c.is_(None) for c in columns)))
    ).scalar_one()
    if empty:
        raise _no_key(relation, key, f"it is empty in {empty} rows")
    twice = connection.execute(
        select(*columns, func.count()).group_by(*columns).having(func.count() > 1).limit(_EXAMPLES)
    ).all()
    if twice:
        raise _no_key(relation, key, "; ".join(_example(key, row) for row in twice))


def _example(key: Key, row: Any) -> str:
    *place, count = row
    return f"{key.described(tuple(place))} is there {count} times"


def _no_key(relation: Relation, key: Key, why: str) -> SourceError:
    return SourceError(
        f"--key {key} does not tell the rows of {relation.title} apart: {why}.",
        remedy="Name columns that are never empty and together never the same, such as a "
        "primary key; a join that repeats rows needs the keys of both tables.",
    )
