"""A worker's own connections: the source, the ledger and Synap, opened as the order says."""

from __future__ import annotations

import os
import socket
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from synap_import.destination import open_synap, whoami
from synap_import.errors import ConfigurationError
from synap_import.host import open_source
from synap_import.ledger.postgres import PostgresLedger
from synap_import.preflight import Marker
from synap_import.preflight.privacy import Privacy

from .keys import LEDGER_PASSWORD, SYNAP_KEY, inherited, key, together

if TYPE_CHECKING:
    from synap_import.destination import Synap
    from synap_import.hooks.transforming import Transforms
    from synap_import.ledger import Ledger
    from synap_import.sources import Source

    from .order import Order, Target


@dataclass(frozen=True, slots=True)
class Equipment:
    """What a worker works with; ``synap`` is None when nothing is sent."""

    source: Source[Any]
    ledger: Ledger
    marker: Marker
    transforms: Transforms | None
    synap: Synap | None


@asynccontextmanager
async def equipped(order: Order, worker: str) -> AsyncIterator[Equipment]:
    """Open everything. Raises ConfigurationError where this machine is not as the order's."""
    here = socket.gethostname()
    _go_to(order.folder)
    async with AsyncExitStack() as stack:
        transforms = _transforms(order.transforms)
        marker = _marker(order, here)
        ledger = _ledger(order, worker)
        stack.callback(ledger.close)
        synap = await _synap(stack, order.target, here) if order.target else None
        config = together(order.config, order.wanted, here)
        source = await stack.enter_async_context(
            open_source(order.adapter, config, readers=order.workers)
        )
        exported = ledger.reading
        source.context.exported = transforms.exported(exported) if transforms else exported
        await _check(source, order, here)
        yield Equipment(source, ledger, marker, transforms, synap)


def _go_to(folder: str) -> None:
    """Where the command was run, so that relative paths of files mean the same."""
    if Path(folder).is_dir():
        os.chdir(folder)


async def _check(source: Source[Any], order: Order, here: str) -> None:
    check = await source.check()
    if check.account != order.account:
        raise ConfigurationError(
            f"A worker on {here} sees another source ({check.title}) than the command does.",
            remedy="Keys, addresses and files must be the same on every machine; standard input "
            "is on none of them.",
        )


def _transforms(names: tuple[str, ...]) -> Transforms | None:
    if not names:
        return None
    from synap_import.hooks.transforming import Transforms  # noqa: PLC0415 - only where in use
    from synap_import.plugins import discover  # noqa: PLC0415 - only where in use

    return Transforms.named(names, discover())


def _marker(order: Order, here: str) -> Marker:
    marker = Marker(Privacy().scan) if order.scans else Marker()
    if marker.version != order.marks:
        raise ConfigurationError(
            f"A worker on {here} looks at records with {marker.version}, the command with "
            f"{order.marks}.",
            remedy="Install the same versions on every machine.",
        )
    return marker


def _ledger(order: Order, worker: str) -> PostgresLedger:
    password = inherited(LEDGER_PASSWORD)
    if password:
        # Of this process only, and where libpq looks for it.
        os.environ[LEDGER_PASSWORD] = password
    return PostgresLedger(order.ledger, order.job, worker=worker)


async def _synap(stack: AsyncExitStack, target: Target, here: str) -> Synap:
    api_key = key(SYNAP_KEY, here)
    identity = await whoami(target.url, api_key)
    if identity.instance_id != target.instance_id:
        raise ConfigurationError(
            f"The {SYNAP_KEY} of a worker on {here} is that of Synap instance "
            f"{identity.instance_id}, and the job loads into {target.instance_id}.",
            remedy="Give all machines of the cluster the same key.",
        )
    return await stack.enter_async_context(open_synap(target.url, api_key, identity))
