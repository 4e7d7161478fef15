"""What reading needs of a graph database."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from synap_import_zep.graphiti.sorts import ENDS, Shape, Sort

Row = Mapping[str, Any]


class Database(Protocol):
    """Opened for a piece of work; every call waits, and raises errors for people."""

    account: str
    title: str
    keeps_zones: bool
    """Whether a time comes back with the zone that it was written with."""
    graph_per_group: bool

    def open(self) -> Session:
        """A session that can only read."""
        ...


class Session(Protocol):
    """One connection."""

    def graphs(self) -> Sequence[str]:
        """The graphs that there are, in an order that stays."""
        ...

    def shapes(self, graph: str) -> Mapping[Sort, Shape]:
        """The sorts that this graph can hold."""
        ...

    def rows(self, graph: str, query: str, params: Mapping[str, Any]) -> list[Row]:
        """What a query answers."""
        ...

    def close(self) -> None:
        """Let go of the connection."""
        ...


LABELS: Mapping[Sort, str] = {
    Sort.EPISODES: "Episodic",
    Sort.ENTITIES: "Entity",
    Sort.COMMUNITIES: "Community",
    Sort.SAGAS: "Saga",
}

# Embeddings are the bulk of a graph, and nothing here needs them.
PROPERTY_GRAPH: Mapping[Sort, Shape] = {
    **{
        sort: Shape(f"MATCH (n:{label})", "n {.*, name_embedding: null}", "labels(n)")
        for sort, label in LABELS.items()
    },
    Sort.FACTS: Shape(
        "MATCH (a)-[n:RELATES_TO]->(b)", "n {.*, fact_embedding: null}", "null", ends=ENDS
    ),
}
"""How Neo4j and FalkorDB keep them: facts are relationships, attributes are properties."""
