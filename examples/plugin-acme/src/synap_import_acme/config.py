"""What has to be said to read Acme."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, Field, HttpUrl, SecretStr
from synap_import import Setting

SERVER = HttpUrl("https://api.acme.example.com")


class AcmeConfig(BaseModel):
    """The options of the source ``acme``."""

    api_key: Annotated[SecretStr, Setting(env="ACME_API_KEY")] = Field(
        description="The account's key."
    )
    base_url: Annotated[HttpUrl, Setting(env="ACME_BASE_URL")] = Field(
        default=SERVER, description="Address of the server."
    )
