"""The contenders that only send: no file, no ledger, no user map. Each run is a process.

python benchmarks/loops.py sdk|pump URL COUNT IN_FLIGHT
"""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import Awaitable, Callable
from typing import Any

import httpx
import orjson
from records import batches

_Send = Callable[[list[dict[str, Any]]], Awaitable[object]]


async def _send_all(count: int, in_flight: int, send: _Send) -> float:
    pending = batches(count)

    async def work() -> None:
        for batch in pending:
            await send(batch)

    begin = time.perf_counter()
    async with asyncio.TaskGroup() as workers:
        for _ in range(in_flight):
            workers.create_task(work())
    return time.perf_counter() - begin


async def sdk_loop(url: str, count: int, in_flight: int) -> float:
    """The SDK's ``batch_create``. One in flight is the script of Synap's documentation."""
    from maximem_synap import (  # noqa: PLC0415 - what the pump must not pay for
        CreateMemoryRequest,
        MaximemSynapSDK,
        SDKConfig,
    )

    sdk = MaximemSynapSDK(
        api_key="synap_bench",
        config=SDKConfig(api_base_url=url, cache_backend=None, history_search_model=None),
    )
    await sdk.initialize()

    async def send(batch: list[dict[str, Any]]) -> None:
        await sdk.memories.batch_create([CreateMemoryRequest(**document) for document in batch])

    try:
        return await _send_all(count, in_flight, send)
    finally:
        await sdk.shutdown()


async def pump(url: str, count: int, in_flight: int) -> float:
    """httpx and orjson: about what Python can do at most with this client."""
    headers = {"Authorization": "Bearer synap_bench", "Content-Type": "application/json"}
    async with httpx.AsyncClient(base_url=url, headers=headers, timeout=60) as client:

        async def send(batch: list[dict[str, Any]]) -> None:
            body = orjson.dumps({"documents": batch, "fail_fast": False})
            response = await client.post("/api/v1/memories/batch", content=body)
            orjson.loads(response.raise_for_status().content)

        return await _send_all(count, in_flight, send)


def main() -> None:
    """Run the loop that is named, and print the seconds that it took without its start."""
    name, url, count, in_flight = sys.argv[1:]
    loop = {"sdk": sdk_loop, "pump": pump}[name]
    print(asyncio.run(loop(url, int(count), int(in_flight))))


if __name__ == "__main__":
    main()
