"""The source ``zep``: Zep Cloud, or the database of a Community Edition."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Callable, Sequence
from importlib import import_module
from typing import TYPE_CHECKING, ClassVar

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
    from pydantic import BaseModel

Form = Callable[[ZepConfig, SourceContext], Source[ZepConfig]]

# Imported when it is asked for: each brings libraries of its own.
_CLOUD = (".cloud.source", "Cloud")


class ZepSource(Source[ZepConfig]):
    """Zep in the form that the options name."""

    name: ClassVar[str] = "zep"
    Config: ClassVar[type[BaseModel]] = ZepConfig

    def __init__(self, config: ZepConfig, context: SourceContext) -> None:
        super().__init__(config, context)
        self._form = _form_of(config)(config, context)

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


def _form_of(config: ZepConfig) -> Form:
    """The form that the options name. A key in the environment is no choice by itself."""
    if config.api_key is None:
        raise ConfigurationError(
            "It is not said which Zep to read.",
            remedy="Put the key of Zep Cloud into ZEP_API_KEY. Graphiti is a source of its own: "
            "synap-import graphiti.",
        )
    module, name = _CLOUD
    form: Form = getattr(import_module(module, __package__), name)
    return form
