"""The authorities of the world are read once per process, not once per HTTP client.

That takes 20 ms each time, thousands of times in all, and hardly a test speaks TLS.
"""

from __future__ import annotations

from functools import cache

import httpx
from httpx._transports import default


def read_them_once() -> None:
    """From now on, clients with the same options share what was read."""
    if default.create_ssl_context is httpx.create_ssl_context:
        default.create_ssl_context = cache(httpx.create_ssl_context)
    for trusting in (False, True):
        default.create_ssl_context(verify=True, cert=None, trust_env=trusting)
