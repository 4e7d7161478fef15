"""The source ``letta``: finds out which form of Letta is meant, and lets that one read."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import import_module
from typing import TYPE_CHECKING, ClassVar

from synap_import import ConfigurationError, HoldReason, Source, SourceContext

from .config import LettaConfig
from .holds import HOLDS

if TYPE_CHECKING:
    from pydantic import BaseModel

Form = Callable[[LettaConfig, SourceContext], Source[LettaConfig]]


class LettaSource(Source[LettaConfig]):
    """Agent files where some are named, otherwise a server or the Cloud."""

    name: ClassVar[str] = "letta"
    Config: ClassVar[type[BaseModel]] = LettaConfig
    holds: ClassVar[Mapping[str, HoldReason]] = HOLDS

    @classmethod
    def of(cls, config: LettaConfig, context: SourceContext) -> Source[LettaConfig]:
        """The form that the options name."""
        return _form_of(config)(config, context)


def _form_of(config: LettaConfig) -> Form:
    """The form that the options name; imported only now, because the SDK takes its time."""
    if config.files:
        form: Form = import_module(".files.source", __package__).AgentFiles
        return form
    if config.base_url is None and config.api_key is None:
        raise ConfigurationError(
            "It is not said which Letta to read.",
            remedy="For a server of your own give --base-url http://localhost:8283, for Letta "
            "Cloud put a key into LETTA_API_KEY, or name agent files (agent.af).",
        )
    server: Form = import_module(".server.source", __package__).Server
    return server
