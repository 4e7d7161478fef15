"""What can be said about where the rows are, and how they become records."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, Field, SecretStr

from synap_import import Setting

DSN_VARIABLE = "SYNAP_IMPORT_SQL_DSN"


class SqlConfig(BaseModel):
    """Which rows to read, and how."""

    dsn: Annotated[SecretStr, Setting(env=DSN_VARIABLE, metavar="URL")] = Field(
        description="Address of the database: postgresql://, mysql://, mariadb:// or sqlite://. "
        "It is only read."
    )
    table: Annotated[str | None, Setting(metavar="TABLE")] = Field(
        default=None, description="Table or view to read, with or without its schema."
    )
    query: Annotated[str | None, Setting(metavar="SQL")] = Field(
        default=None, description="SELECT to read instead of a table."
    )
    key_columns: Annotated[str | None, Setting(flag="--key", metavar="COLUMN[,COLUMN…]")] = Field(
        default=None,
        description="Columns that tell rows apart and put them in order; a table's primary key "
        "if left out.",
    )
    mapping: Annotated[Path | None, Setting(metavar="FILE")] = Field(
        default=None, description="Mapping file (YAML) that says what the columns are."
    )
    assume_tz: Annotated[str | None, Setting(metavar="ZONE")] = Field(
        default=None,
        description="Zone of times that name none, such as Europe/Berlin or +02:00; UTC if left "
        "out.",
    )
    statement_timeout: Annotated[int, Setting(metavar="SECONDS")] = Field(
        default=300, ge=1, le=86_400, description="Longest that one statement may take."
    )
    page_size: int = Field(default=500, ge=1, le=10_000, description="Records per page.")
