"""The source ``zep``: Zep Cloud, or the database of a Community Edition."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import TYPE_CHECKING, Any, ClassVar

from synap_import import ConfigurationError, HoldReason, Source, SourceContext

from .config import ZepConfig
from .holds import OF_CLOUD

if TYPE_CHECKING:
    from types import ModuleType

    from pydantic import BaseModel


class ZepSource(Source[ZepConfig]):
    """Zep in the form that the options name."""

    name: ClassVar[str] = "zep"
    Config: ClassVar[type[BaseModel]] = ZepConfig
    holds: ClassVar[Mapping[str, HoldReason]] = OF_CLOUD

    @classmethod
    def of(cls, config: ZepConfig, context: SourceContext) -> Source[Any]:
        """The form that the options name; beside it a key may lie in the environment."""
        if config.ce_dsn is not None:
            options = _imported(".community.config").CommunityConfig(ce_dsn=config.ce_dsn)
            form: Source[Any] = _imported(".community.source").CommunityEdition(options, context)
            return form
        if config.api_key is None:
            raise ConfigurationError(
                "It is not said which Zep to read.",
                remedy="Put the key of Zep Cloud into ZEP_API_KEY, or give --ce-dsn URL for a "
                "Community Edition. Graphiti is a source of its own: synap-import graphiti.",
            )
        cloud: Source[Any] = _imported(".cloud.source").Cloud(config, context)
        return cloud


def _imported(module: str) -> ModuleType:
    """When it is asked for: each form brings libraries of its own."""
    return import_module(module, __package__)
