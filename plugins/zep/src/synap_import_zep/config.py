"""What can be said about where the memories are."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, Field, SecretStr

from synap_import import Setting

CLOUD_URL = "https://api.getzep.com"
"""zep-cloud 4.0.1, environment.py, without the suffix of the dialect."""


class ZepConfig(BaseModel):
    """Which Zep to read: Zep Cloud, or the database of a Community Edition."""

    api_key: Annotated[SecretStr | None, Setting(env="ZEP_API_KEY")] = Field(
        default=None, description="Key of Zep Cloud; it opens one project."
    )
    base_url: Annotated[str, Setting(env="ZEP_API_URL", metavar="URL")] = Field(
        default=CLOUD_URL,
        description="Address of Zep Cloud, with or without /api/v4.",
    )
    api: Literal["auto", "v4", "v3"] = Field(
        default="auto", description="Dialect to speak; auto takes v3 where v4 is refused."
    )
    load: Literal["facts"] | None = Field(
        default=None,
        description="Load facts and summaries of users too, though their texts are loaded.",
    )
    ce_dsn: Annotated[SecretStr | None, Setting(env="ZEP_CE_DSN", metavar="URL")] = Field(
        default=None,
        description="Read the database of a self-hosted Zep (postgresql://…) instead; it is only "
        "read.",
    )
