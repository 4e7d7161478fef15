"""What can be said about where the graph is."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, Field, SecretStr

from synap_import import Setting


class GraphitiConfig(BaseModel):
    """Which database to read: one of Neo4j, FalkorDB and Kuzu."""

    neo4j: Annotated[str | None, Setting(env="NEO4J_URI", metavar="URI")] = Field(
        default=None, description="Read a Neo4j server (neo4j://host:7687); it is only read."
    )
    neo4j_user: Annotated[str, Setting(env="NEO4J_USER")] = Field(
        default="neo4j", description="User of the Neo4j server."
    )
    neo4j_password: Annotated[SecretStr | None, Setting(env="NEO4J_PASSWORD")] = Field(
        default=None, description="Password of the Neo4j server."
    )
    database: Annotated[str | None, Setting(env="NEO4J_DATABASE", metavar="NAME")] = Field(
        default=None, description="Database of the Neo4j server, if not the user's own."
    )
    falkordb: Annotated[SecretStr | None, Setting(env="FALKORDB_URL", metavar="URL")] = Field(
        default=None,
        description="Read all graphs of a FalkorDB server (falkor://user:password@host:6379); "
        "it is only read.",
    )
    kuzu: Annotated[Path | None, Setting(metavar="PATH")] = Field(
        default=None, description="Read a Kuzu database on this machine; it is only read."
    )
    assume_tz: Annotated[str | None, Setting(metavar="ZONE")] = Field(
        default=None,
        description="Time zone of times that have lost theirs, as Kuzu's have "
        "(Europe/Berlin, +05:30); UTC without it.",
    )
