"""Reading a stand-in of the self-hosted server through the adapter."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from mem0_support.server_stand_in import ADMIN_KEY, StandIn
from synap_import.testing import InMemoryExported, in_one_run
from synap_import_mem0.config import Mem0Config
from synap_import_mem0.server.source import Server


def on(
    stand_in: StandIn,
    act: Callable[[Server], Awaitable[Any]],
    *,
    exported: InMemoryExported | None = None,
    key: str | None = ADMIN_KEY,
    **options: Any,
) -> Any:
    """What ``act`` returns for an adapter of the stand-in, in a run of its own."""
    config = Mem0Config.model_validate(
        {"base_url": stand_in.url, "server_key": key, **options},
    )
    return in_one_run(lambda context: Server(config, context), act, exported)
