"""Whether users have customers, by the word of the Synap instance that a key belongs to."""

from __future__ import annotations

import os

import anyio

from synap_import.destination import DEFAULT_URL, sends_in_the_clear, whoami
from synap_import.errors import ConfigurationError, SynapImportError
from synap_import.identity import B2B, B2C, Customers
from synap_import.sources import Finding, Severity

from .terminal import say, say_finding

_PATIENCE_SECONDS = 10


async def customers_of_instance(synap_url: str | None) -> Customers:
    """What Synap says, for whoever can go on without it: without a key it is not asked.

    A Synap that does not answer is a warning.
    """
    api_key = os.environ.get("SYNAP_API_KEY", "").strip()
    if not api_key:
        return Customers.OPTIONAL
    try:
        return await _ask((synap_url or DEFAULT_URL).rstrip("/"), api_key)
    except SynapImportError as error:
        say_finding(
            Finding(
                Severity.WARNING,
                "isolation-unknown",
                f"Whether users have customers is not known: {error.message}",
                "The file has the column customer_id: leave it empty on B2C, fill it on B2B.",
            )
        )
        return Customers.OPTIONAL


async def _ask(url: str, api_key: str) -> Customers:
    if sends_in_the_clear(url):
        # An import may do that, with a warning; for a column it is not worth it.
        raise ConfigurationError("the key would go to Synap unencrypted, so it was not asked.")
    with anyio.move_on_after(_PATIENCE_SECONDS):
        identity = await whoami(url, api_key)
        say(f"Synap instance {identity.instance_id} ({identity.audience})")
        known = {B2C: Customers.LEFT_OUT, B2B: Customers.REQUIRED}
        return known.get(identity.isolation or "", Customers.OPTIONAL)
    raise ConfigurationError(f"Synap did not answer within {_PATIENCE_SECONDS} seconds.")
