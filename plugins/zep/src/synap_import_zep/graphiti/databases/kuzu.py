"""Graphiti in Kuzu, embedded: a file (0.11) or folder, opened read-only."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from synap_import import SourceError
from synap_import_zep.extras import needed
from synap_import_zep.graphiti.sorts import ENDS, Shape, Sort
from synap_import_zep.words import first_line

from .database import LABELS, Row, Session

# A fact is a node between two relationships there, because Kuzu cannot index those.
_FACT_TABLE = "RelatesToNode_"
_FACT_ENDS = (
    " OPTIONAL MATCH (a:Entity)-[:RELATES_TO]->(n) OPTIONAL MATCH (n)-[:RELATES_TO]->(b:Entity)"
)
_EMBEDDINGS = {"name_embedding", "fact_embedding"}


class KuzuDatabase:
    """A database on this machine."""

    keeps_zones = False
    graph_per_group = False

    def __init__(self, path: Path) -> None:
        self._driver = needed("kuzu", extra="graphiti", purpose="Reading Kuzu")
        self._path = path
        self.title = f"Kuzu database {path}"
        self.account = f"kuzu:{path.resolve()}"

    def open(self) -> Session:
        """Opens it read-only, which several processes may do at once, but none that writes."""
        if not self._path.exists():
            raise SourceError(f"There is no Kuzu database at {self._path}.", remedy="Check --kuzu.")
        try:
            # The default buffer pool claims most of the machine's memory.
            database = self._driver.Database(
                str(self._path), read_only=True, buffer_pool_size=2**30
            )
            return _KuzuSession(self, database, self._driver.Connection(database))
        except RuntimeError as error:
            raise _not_opened(self._path, error) from None


class _KuzuSession:
    def __init__(self, owner: KuzuDatabase, database: Any, connection: Any) -> None:
        self._title = owner.title
        self._database = database
        self._connection = connection

    def graphs(self) -> Sequence[str]:
        return [""]

    def shapes(self, graph: str) -> Mapping[Sort, Shape]:
        """Of the tables that there are: releases of Graphiti had fewer, with fewer columns."""
        tables = {row["name"] for row in self.rows("", "CALL show_tables() RETURN *", {})}
        shapes = {sort: self._shape(label) for sort, label in LABELS.items() if label in tables}
        if _FACT_TABLE in tables and "Entity" in tables:
            fact = self._shape(_FACT_TABLE)
            shapes[Sort.FACTS] = fact._replace(more=_FACT_ENDS, ends=ENDS)
        return {sort: shapes[sort] for sort in Sort if sort in shapes}

    def rows(self, graph: str, query: str, params: Mapping[str, Any]) -> list[Row]:
        try:
            answer = self._connection.execute(query, dict(params))
            names = answer.get_column_names()
            return [dict(zip(names, row, strict=True)) for row in answer.get_all()]
        except RuntimeError as error:
            raise SourceError(f"{self._title} cannot be read: {_said(error)}.") from None

    def close(self) -> None:
        self._connection.close()
        self._database.close()

    def _shape(self, table: str) -> Shape:
        columns = [row["name"] for row in self.rows("", f"CALL table_info('{table}') RETURN *", {})]
        kept = ", ".join(f"{one}: n.{one}" for one in columns if one not in _EMBEDDINGS)
        labels = "n.labels" if "labels" in columns else "null"
        return Shape(f"MATCH (n:{table})", f"{{{kept}}}", labels)


def _not_opened(path: Path, error: RuntimeError) -> SourceError:
    words = _said(error)
    if "lock" in words.lower():
        return SourceError(
            f"The Kuzu database {path} is in use by a program that writes to it.",
            remedy="Stop that program (the Graphiti service), or read a copy of the database, made "
            "together with the .wal file beside it.",
        )
    if path.is_dir():
        return SourceError(
            f"The folder {path} cannot be opened as a Kuzu database: {words}.",
            remedy="Before 0.11 Kuzu kept a database in a folder, and each release reads its own "
            "form only: install the kuzu package that wrote it (pip install kuzu==0.10.0).",
        )
    return SourceError(
        f"{path} cannot be opened as a Kuzu database: {words}.",
        remedy="Check --kuzu. A database of another Kuzu release needs that release's package.",
    )


def _said(error: Exception) -> str:
    return first_line(error).removeprefix("Runtime exception: ")
