"""What is decided before the first row: the columns, the key, the mapping, how they are read."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING

from synap_import import ConfigurationError, Finding
from synap_import.mapping import MappingDocument, load_mapping

from . import convention
from .late import Glance, id_in
from .making import ROW_KEY, RowMaker, completed, joined
from .relation import Relation, open_query, open_table
from .rows import RowReader
from .specs import plain_column, readings, wanted_columns
from .uniqueness import find_key

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .config import SqlConfig
    from .keys import Key
    from .session import Session


@dataclass(frozen=True, slots=True)
class Plan:
    """How the rows of a relation become records."""

    session: Session
    relation: Relation
    key: Key
    document: MappingDocument
    findings: tuple[Finding, ...]
    columns: tuple[str, ...]
    page_size: int

    @property
    def version(self) -> str:
        """Differs when a cursor, or the records before it, would be others."""
        parts = (str(self.key), self.document.model_dump_json())
        return sha256("\0".join(parts).encode()).hexdigest()[:16]

    def reader(self, columns: Sequence[str] | None = None) -> RowReader:
        """Reads all that the mapping needs, or less."""
        wanted = self.columns if columns is None else columns
        return RowReader(self.session, self.relation, self.key, wanted, self.page_size)

    def maker(self, reader: RowReader) -> RowMaker:
        """Makes records of what a reader reads."""
        return RowMaker(self.document, self.key, reader.columns)

    def glance(self) -> Glance | None:
        """Enough of each row to know its id, where the mapping takes that from a column."""
        name = plain_column(self.document.id)
        if name == ROW_KEY and name not in self.relation.columns:
            width = len(self.key.names)
            return Glance(self.reader(()), lambda row: joined(tuple(row[:width])))
        if name is None or name not in self.relation.columns:
            return None
        reader = self.reader((name,))
        return Glance(reader, id_in(reader.columns.index(name)))


async def make_plan(session: Session, config: SqlConfig) -> Plan:
    """Raises ConfigurationError or SourceError when it cannot be read as asked."""
    relation = await _relation(session, config)
    document, findings = _mapping(config, relation)
    _require_columns(document, relation)
    key = await find_key(session, relation, config.key_columns)
    first = await RowReader(session, relation, key, (), first=1).behind(None)
    place = tuple(first.rows[0]) if first.rows else ()
    document = completed(document, key, place, config.assume_tz)
    columns = wanted_columns(document, relation.columns, key.names)
    return Plan(session, relation, key, document, findings, columns, config.page_size)


async def _relation(session: Session, config: SqlConfig) -> Relation:
    if config.table is not None and config.query is None:
        return await open_table(session, config.table)
    if config.query is not None and config.table is None:
        return await open_query(session, config.query)
    raise ConfigurationError(
        "Either --table or --query says what to read.",
        remedy="Give one of them: --table messages, or --query 'SELECT … FROM …'.",
    )


def _mapping(config: SqlConfig, relation: Relation) -> tuple[MappingDocument, tuple[Finding, ...]]:
    if config.mapping is not None:
        return load_mapping(config.mapping), ()
    made = convention.convention(relation.columns, relation.title)
    return made.document, convention.findings(made, relation.title)


def _require_columns(document: MappingDocument, relation: Relation) -> None:
    """A field that finds none of its columns is a slip of the pen: columns do not come and go."""
    for field, columns in readings(document):
        if columns is not None and columns.isdisjoint(relation.columns):
            relation.require(sorted(columns), f"'{field}' in the mapping")
