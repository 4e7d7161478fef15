"""The source ``zep``: Zep Cloud, or the database of a Community Edition."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from importlib import import_module
from typing import TYPE_CHECKING, Any, ClassVar, cast

from synap_import import (
    ConfigurationError,
    Finding,
    Page,
    Partition,
    ScopeCount,
    Source,
    SourceCheck,
    SourceContext,
)

from .config import ZepConfig

if TYPE_CHECKING:
    from types import ModuleType

    from pydantic import BaseModel


class ZepSource(Source[ZepConfig]):
    """Zep in the form that the options name."""

    name: ClassVar[str] = "zep"
    Config: ClassVar[type[BaseModel]] = ZepConfig

    def __init__(self, config: ZepConfig, context: SourceContext) -> None:
        super().__init__(config, context)
        self._form = _form_of(config, context)

    async def check(self) -> SourceCheck:
        """What the form sees."""
        return await self._form.check()

    def partitions(self) -> AsyncIterator[Partition]:
        """Those of the form."""
        return self._form.partitions()

    def pages(self, partition: Partition, cursor: str | None) -> AsyncGenerator[Page, None]:
        """Those of the form."""
        return self._form.pages(partition, cursor)

    async def scopes(self) -> Sequence[ScopeCount] | None:
        """Those of the form."""
        return await self._form.scopes()

    async def reconcile(self) -> Sequence[Finding]:
        """What the form finds."""
        return await self._form.reconcile()


def _form_of(config: ZepConfig, context: SourceContext) -> Source[Any]:
    """The form that the options name; a key of the Cloud may lie in the environment beside it."""
    if config.ce_dsn is not None:
        options = _imported(".community.config").CommunityConfig(ce_dsn=config.ce_dsn)
        return cast(
            "Source[Any]", _imported(".community.source").CommunityEdition(options, context)
        )
    if config.api_key is None:
        raise ConfigurationError(
            "It is not said which Zep to read.",
            remedy="Put the key of Zep Cloud into ZEP_API_KEY, or give --ce-dsn URL for a "
            "Community Edition. Graphiti is a source of its own: synap-import graphiti.",
        )
    return cast("Source[Any]", _imported(".cloud.source").Cloud(config, context))


def _imported(module: str) -> ModuleType:
    """When it is asked for: each form brings libraries of its own."""
    return import_module(module, __package__)
