"""The source ``mem0``: finds out which form of Mem0 is meant, and lets that one read."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import import_module
from typing import TYPE_CHECKING, ClassVar

from synap_import import ConfigurationError, HoldReason, Source, SourceContext

from .config import Mem0Config
from .holds import HOLDS

if TYPE_CHECKING:
    from pydantic import BaseModel

Form = Callable[[Mem0Config, SourceContext], Source[Mem0Config]]

# Imported when it is asked for: each brings libraries of its own.
_FORMS = {
    "files": (".files.source", "Files"),
    "--postgres": (".stores.pgvector", "PgVector"),
    "--qdrant": (".stores.qdrant", "QdrantServer"),
    "--base-url": (".server.source", "Server"),
    "--api-key": (".platform.source", "Platform"),
}


class Mem0Source(Source[Mem0Config]):
    """Mem0 in whatever form the options name; without any, the Platform."""

    name: ClassVar[str] = "mem0"
    Config: ClassVar[type[BaseModel]] = Mem0Config
    holds: ClassVar[Mapping[str, HoldReason]] = HOLDS

    @classmethod
    def of(cls, config: Mem0Config, context: SourceContext) -> Source[Mem0Config]:
        """The form that the options name."""
        return _form_of(config)(config, context)


def _form_of(config: Mem0Config) -> Form:
    """The form that the options name. A key in the environment is no choice by itself."""
    named = {
        "files": config.files,
        "--postgres": config.postgres,
        "--qdrant": config.qdrant,
        "--base-url": config.base_url,
    }
    chosen = [option for option, value in named.items() if value]
    if len(chosen) > 1:
        raise ConfigurationError(
            f"{' and '.join(chosen)} name different Mem0 stores.",
            remedy="Read one at a time; each is a job of its own.",
        )
    if not chosen and config.api_key is None:
        raise ConfigurationError(
            "It is not said which Mem0 to read.",
            remedy="Put the Platform's key into MEM0_API_KEY, or give --base-url URL for a "
            "self-hosted server, --postgres or --qdrant for its store, or export files.",
        )
    module, name = _FORMS[chosen[0] if chosen else "--api-key"]
    form: Form = getattr(import_module(module, __package__), name)
    return form
