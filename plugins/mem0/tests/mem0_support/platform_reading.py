"""A Platform form over a stand-in, for tests that are about what it reads."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from pydantic import SecretStr

from mem0_support.platform_stand_in import KEY, PlatformStandIn
from mem0_support.reading import read_all
from synap_import import MemoryRecord, Source
from synap_import.testing import InMemoryExported, in_one_run
from synap_import_mem0.config import Mem0Config
from synap_import_mem0.source import Mem0Source


def with_platform(
    server: PlatformStandIn | str,
    act: Callable[[Source[Any]], Awaitable[Any]],
    *,
    exported: InMemoryExported | None = None,
    key: str = KEY,
    **options: Any,
) -> Any:
    """What ``act`` returns for a fresh source ``mem0`` that reads the server."""
    url = server if isinstance(server, str) else server.base_url
    config = Mem0Config(api_key=SecretStr(key), api_url=url, **options)
    return in_one_run(lambda context: Mem0Source.of(config, context), act, exported)


def everything(server: PlatformStandIn, **options: Any) -> dict[str, MemoryRecord]:
    """All that is read, by id."""
    records: list[MemoryRecord] = with_platform(server, read_all, **options)
    return {record.id: record for record in records}
