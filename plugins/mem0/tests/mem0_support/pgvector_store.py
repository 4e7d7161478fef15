"""A pgvector store of a test, in a real PostgreSQL."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from psycopg.types.json import Jsonb

from support.postgres_server import READER, PostgresServer
from synap_import import MemoryRecord, Source, SourceCheck
from synap_import.testing import in_one_run
from synap_import_mem0.config import Mem0Config
from synap_import_mem0.stores.pgvector import PgVector

from .reading import check, read_all
from .store_rows import Stored, row_id


class Store:
    """A database of this test, and what the source makes of it as a user who may only read."""

    def __init__(self, server: PostgresServer, database: str) -> None:
        self.server = server
        self.database = database

    def run(self, *statements: str) -> None:
        self.server.run(self.database, *statements)

    def table(self, name: str = "memories", rows: Sequence[Stored] = (), ids: str = "uuid") -> None:
        self.run(
            f"CREATE TABLE {name} (id {ids} PRIMARY KEY, vector real[], payload jsonb)",
            f"GRANT SELECT (id, payload) ON {name} TO {READER}",
        )
        self.insert(rows, name)

    def insert(self, rows: Sequence[Stored], name: str = "memories") -> None:
        if rows:
            values = [(one, Jsonb(payload)) for one, payload in rows]
            self.server.run(
                self.database, f"INSERT INTO {name} (id, payload) VALUES (%s, %s)", many=values
            )

    def act(self, act: Callable[[Source[Any]], Any], **options: Any) -> Any:
        exported = options.pop("exported", None)
        address = options.pop("postgres", None) or self.server.address(self.database)
        config = Mem0Config(postgres=address, **options)
        return in_one_run(lambda context: PgVector(config, context), act, exported)

    def records(self, **options: Any) -> dict[str, MemoryRecord]:
        return {record.id: record for record in self.act(read_all, **options)}

    def record(self, payload: dict[str, Any]) -> MemoryRecord:
        self.table(rows=[(row_id(1), payload)])
        return self.records()[row_id(1)]

    def check(self, **options: Any) -> SourceCheck:
        return self.act(check, **options)
