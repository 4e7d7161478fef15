"""Where the Community Edition's database is."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, Field, SecretStr

from synap_import import Setting


class CommunityConfig(BaseModel):
    """One database."""

    ce_dsn: Annotated[SecretStr, Setting(env="ZEP_CE_DSN", metavar="URL")] = Field(
        description="Read the database of a self-hosted Zep (postgresql://…); it is only read."
    )
