"""What can be said about which Letta to read."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, Field, SecretStr, field_validator

from synap_import import Setting

CLOUD_URL = "https://api.letta.com"
"""letta-client 1.12.1, ``ENVIRONMENTS``."""


class LettaConfig(BaseModel):
    """Which Letta to read: agent files, a server of one's own, or the Cloud."""

    files: Annotated[tuple[str, ...], Setting(argument=True, metavar="[FILE.af…]")] = Field(
        default=(),
        description="Agent files instead of a server. They are no full export.",
    )
    base_url: Annotated[str | None, Setting(env="LETTA_BASE_URL", metavar="URL")] = Field(
        default=None,
        description=f"Address of a self-hosted server; without it the Cloud ({CLOUD_URL}).",
    )
    api_key: Annotated[SecretStr | None, Setting(env="LETTA_API_KEY")] = Field(
        default=None, description="Key of Letta Cloud, or the password of a secure server."
    )
    project: Annotated[str | None, Setting(metavar="ID")] = Field(
        default=None,
        description="Read one project of the Cloud (id, slug or name); without it, all.",
    )
    organization: Annotated[str | None, Setting(metavar="ID")] = Field(
        default=None,
        description="Organization of a self-hosted server (org-… or one of its users, user-…).",
    )
    agent_user: Annotated[tuple[str, ...], Setting(metavar="AGENT=USER")] = Field(
        default=(),
        description="Whose an agent is, where Letta does not say or says several: an agent's id "
        "and the user. Without a user (AGENT=) it is nobody's. Can be repeated.",
    )
    with_files: bool = Field(
        default=False, description="Bring the files of folders too, one document each."
    )

    @field_validator("agent_user")
    @classmethod
    def _names_an_agent(cls, pairs: tuple[str, ...]) -> tuple[str, ...]:
        if not all(pair.partition("=")[0].strip() and "=" in pair for pair in pairs):
            raise ValueError("give it as AGENT=USER, for example agent-1a2b=alice")
        return pairs

    def chosen_users(self) -> dict[str, str | None]:
        """What ``--agent-user`` says, by agent; None where it says that there is no user."""
        pairs = (pair.partition("=") for pair in self.agent_user)
        return {agent.strip(): user.strip() or None for agent, _, user in pairs}
