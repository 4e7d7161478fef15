"""What can be said about where the store is, and whose its namespaces are."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, Field, SecretStr

from synap_import import Setting

DSN_VARIABLE = "SYNAP_IMPORT_LANGGRAPH_DSN"


class LangGraphConfig(BaseModel):
    """Which store to read, and how."""

    dsn: Annotated[SecretStr, Setting(env=DSN_VARIABLE, metavar="URL")] = Field(
        description="Where the store is: postgresql://…, or the path of a SQLite file. "
        "It is only read."
    )
    in_schema: Annotated[str | None, Setting(flag="--schema", metavar="NAME")] = Field(
        default=None, description="Schema of the table 'store', where it is not found without."
    )
    owners: Annotated[tuple[str, ...], Setting(flag="--owner", metavar="PATTERN")] = Field(
        default=(),
        description="Whose a namespace is, such as memories.{user}; may be given several times. "
        "Other namespaces are groups, about which the user map decides.",
    )
    texts: Annotated[tuple[str, ...], Setting(flag="--text", metavar="FIELD")] = Field(
        default=(),
        description="Field of a value that is its text, such as note.body; may be given several "
        "times. Known ones (content, text, …) come after these.",
    )
    page_size: int = Field(default=500, ge=1, le=10_000, description="Items per page.")
