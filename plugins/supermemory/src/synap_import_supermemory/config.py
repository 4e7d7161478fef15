"""What can be said about which SuperMemory to read, and what of it."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, Field, HttpUrl, SecretStr

from synap_import import Setting

CLOUD = HttpUrl("https://api.supermemory.ai")


class SuperMemoryConfig(BaseModel):
    """The options of the source ``supermemory``."""

    api_key: Annotated[SecretStr | None, Setting(env="SUPERMEMORY_API_KEY")] = Field(
        default=None, description="Key of the organization; a local server needs none."
    )
    base_url: Annotated[HttpUrl, Setting(env="SUPERMEMORY_BASE_URL", metavar="URL")] = Field(
        default=CLOUD, description="Address of the server; a local one is http://localhost:6767."
    )
    tags: Annotated[tuple[str, ...], Setting(flag="--tag", metavar="TAG")] = Field(
        default=(),
        description="Read this container tag only; may be given several times. "
        "A restricted key needs it.",
    )
    api: Literal["auto", "v4", "v5"] = Field(
        default="auto",
        description="Which API to speak: v3/v4, which tells more, or v5. "
        "auto takes v5 only where there is no v4.",
    )
    load: Literal["memories", "documents", "both"] = Field(
        default="memories",
        description="What to load; the rest is exported and held. "
        "SuperMemory made the memories out of the documents.",
    )
