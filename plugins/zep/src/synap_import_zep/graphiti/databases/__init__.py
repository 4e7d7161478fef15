"""The databases that Graphiti writes to; each is only read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from synap_import import ConfigurationError

from .falkordb import FalkorDatabase
from .kuzu import KuzuDatabase
from .neo4j import Neo4jDatabase

if TYPE_CHECKING:
    from synap_import_zep.graphiti.config import GraphitiConfig

    from .database import Database


def database_of(config: GraphitiConfig) -> Database:
    """The one that the options name, not opened yet.

    Raises ConfigurationError when they name none or several, or when its library is missing.
    """
    named = {"--neo4j": config.neo4j, "--falkordb": config.falkordb, "--kuzu": config.kuzu}
    chosen = [option for option, value in named.items() if value]
    if len(chosen) > 1:
        raise ConfigurationError(
            f"{' and '.join(chosen)} name different databases.",
            remedy="Read one at a time; each is a job of its own. A setting may also come from "
            "NEO4J_URI or FALKORDB_URL.",
        )
    if config.neo4j:
        return Neo4jDatabase(config)
    if config.falkordb:
        return FalkorDatabase(config.falkordb.get_secret_value())
    if config.kuzu:
        return KuzuDatabase(config.kuzu)
    raise ConfigurationError(
        "It is not said where Graphiti keeps its graph.",
        remedy="Give --neo4j neo4j://HOST:7687 (password in NEO4J_PASSWORD), "
        "--falkordb falkor://HOST:6379 or --kuzu PATH.",
    )
