"""What can be said about where the memories are."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, Field, SecretStr

from synap_import import Setting

PLATFORM_URL = "https://api.mem0.ai"
"""mem0ai 2.2.1, client/main.py."""


class Mem0Config(BaseModel):
    """Which Mem0 to read. One of: files, a store, a server, or the Platform's key."""

    files: Annotated[tuple[str, ...], Setting(argument=True, metavar="[FILE…]")] = Field(
        default=(),
        description="Export files, or the files of an open-source store, instead of a server.",
    )
    api_key: Annotated[SecretStr | None, Setting(env="MEM0_API_KEY")] = Field(
        default=None, description="Key of the Mem0 Platform; it opens one project."
    )
    api_url: Annotated[str, Setting(env="MEM0_API_URL", metavar="URL")] = Field(
        default=PLATFORM_URL, description="Address of the Mem0 Platform."
    )
    base_url: Annotated[str | None, Setting(env="MEM0_BASE_URL", metavar="URL")] = Field(
        default=None, description="Read a self-hosted Mem0 server at this address."
    )
    server_key: Annotated[SecretStr | None, Setting(env="MEM0_SERVER_KEY")] = Field(
        default=None, description="Key of the self-hosted server."
    )
    postgres: Annotated[SecretStr | None, Setting(env="MEM0_POSTGRES_URL", metavar="URL")] = Field(
        default=None,
        description="Read a pgvector store directly (postgresql://…); it is only read.",
    )
    qdrant: Annotated[str | None, Setting(env="MEM0_QDRANT_URL", metavar="URL")] = Field(
        default=None, description="Read a Qdrant server directly; it is only read."
    )
    qdrant_key: Annotated[SecretStr | None, Setting(env="MEM0_QDRANT_KEY")] = Field(
        default=None, description="Key of the Qdrant server."
    )
    collection: Annotated[str | None, Setting(metavar="NAME")] = Field(
        default=None,
        description="Collection or table of the store, where more than one holds memories.",
    )
    history_db: Annotated[Path | None, Setting(metavar="FILE")] = Field(
        default=None, description="The library's history.db, for --with-history."
    )
    with_history: bool = Field(
        default=False, description="Bring earlier versions too, as superseded records."
    )
    trust_local_files: bool = Field(
        default=False,
        description="Open a local Qdrant folder. It holds Python pickles, which can run code: "
        "only for folders that you trust.",
    )
    accept_partial: bool = Field(
        default=False, description="Read a dump although it says that it is incomplete."
    )
    openmemory_tz: Annotated[str | None, Setting(metavar="ZONE")] = Field(
        default=None,
        description="Time zone of the host that wrote an OpenMemory export, if its times are "
        "shifted (Europe/Berlin, +02:00).",
    )
