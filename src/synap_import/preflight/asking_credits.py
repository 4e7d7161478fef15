"""Asks Synap what a load would cost, and what there is.

By plain REST: ``sdk.credits.get_balance`` and ``estimate`` of maximem-synap 0.6.9 raise TypeError
before they ask anything. Neither request debits anything. No answer, or one of another shape, is
no reason to stop: a load does not need to know.
"""

from __future__ import annotations

from math import isfinite
from typing import TYPE_CHECKING, Any

import httpx

from synap_import.destination import is_this_machine
from synap_import.guarded_client import GuardedClient

from .outlook import Credits

if TYPE_CHECKING:
    from synap_import.destinations import Destination

_METRIC = "memories_ingested"
"""One of ``llm_input_tokens``, ``llm_output_tokens``, ``memories_ingested``, ``retrievals``."""

_LARGEST_ANSWER = 1024 * 1024
_LONGEST_SECONDS = 20.0


async def ask_credits(destination: Destination, documents: int, mode: str) -> Credits:
    """Balance and estimate; None in the place of what Synap did not tell."""
    client = GuardedClient(
        secret=destination.api_key,
        max_bytes=_LARGEST_ANSWER,
        max_seconds=_LONGEST_SECONDS,
        base_url=destination.url,
        timeout=10,
        trust_env=not is_this_machine(destination.url),
    )
    async with client:
        client.headers["Authorization"] = f"Bearer {destination.api_key}"
        balance = await _number(client, "balance_credits", "GET", "/v1/credits/balance")
        body = {
            "metric_type": _METRIC,
            "units": documents,
            "item_count": documents,
            "endpoint": "/api/v1/memories/batch",
            "mode": mode,
        }
        estimate = await _number(
            client, "credits_estimate", "POST", "/v1/credits/estimate", json=body
        )
    return Credits(estimate, balance)


async def _number(
    client: httpx.AsyncClient, field: str, method: str, path: str, **body: Any
) -> float | None:
    try:
        response = await client.request(method, path, **body)
        value = float(response.raise_for_status().json()[field])
        return value if isfinite(value) and value >= 0 else None
    except (httpx.HTTPError, ValueError, TypeError, KeyError, OverflowError):
        return None
