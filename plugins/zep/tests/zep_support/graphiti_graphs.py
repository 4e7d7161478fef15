"""Graphs that graphiti-core wrote, put into databases of the tests' own."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import anyio
import kuzu

from synap_import.testing import read_source
from synap_import.testing.reading import Reading
from synap_import_zep.graphiti.config import GraphitiConfig
from synap_import_zep.graphiti.source import GraphitiSource

DATA = Path(__file__).resolve().parent.parent / "data"
RECORDED_GRAPHS: Mapping[str, Any] = json.loads((DATA / "graphiti_falkordb.json").read_text())


class SmallPages(GraphitiSource):
    """The source with pages so small that few items need several."""

    items_per_page = 2
    ids_per_page = 3


def read(**config: Any) -> Reading:
    """Everything that the source says about a database."""
    return anyio.run(read_source, GraphitiSource, GraphitiConfig(**config))


def one(reading: Reading, text: str) -> Any:
    """The only record with this text, or whose text begins like this."""
    exact = [record for record in reading.records if record.text == text]
    (record,) = exact or (record for record in reading.records if record.text.startswith(text))
    return record


def texts(reading: Reading, hold: str | None) -> set[str]:
    return {record.text for record in reading.records if record.hold == hold}


def codes(reading: Reading) -> dict[str, int]:
    return {finding.code: finding.count for finding in reading.check.findings}


def import_recorded_kuzu(path: Path) -> None:
    """The recorded database, made anew by Kuzu itself."""
    run_kuzu(path, f"IMPORT DATABASE '{DATA / 'graphiti_kuzu'}'")


def make_kuzu_tables(path: Path, leave_out: str = "(none)") -> None:
    """Graphiti's tables without rows; ``leave_out`` is a table that an older release lacks."""
    schema = (DATA / "graphiti_kuzu" / "schema.cypher").read_text().splitlines()
    run_kuzu(path, *(line for line in schema if f"`{leave_out}`" not in line))


def run_kuzu(path: Path, *statements: str) -> None:
    database = kuzu.Database(str(path), buffer_pool_size=2**28)
    connection = kuzu.Connection(database)
    for statement in statements:
        connection.execute(statement)
    connection.close()
    database.close()


def copy_kuzu(source: Path, folder: Path, *statements: str) -> Path:
    """A copy to change."""
    copied = Path(shutil.copy(source, folder / "graph.kuzu"))
    if statements:
        run_kuzu(copied, *statements)
    return copied


def in_one_graph() -> dict[str, Any]:
    """The recorded graphs as Neo4j has them: all groups in one."""
    graphs = RECORDED_GRAPHS.values()
    return {
        "nodes": [node for graph in graphs for node in graph["nodes"]],
        "relationships": [edge for graph in graphs for edge in graph["relationships"]],
    }
