"""Documents on their way to a plugin's destination, sent as the loader sends them to Synap."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from synap_import.destinations import Destination
from synap_import.errors import ConfigurationError, SynapImportError
from synap_import.ledger import DocumentState
from synap_import.loading.verdicts import Row, Rows

from .contract import Delivery, OutgoingDocument, Target
from .faults import fault

if TYPE_CHECKING:
    from synap_import.documents import Document
    from synap_import.hookspecs import DestinationDeclaration
    from synap_import.plugins import InstalledHook, Plugins

_STATES = {
    "stored": DocumentState.LOADED,
    "already-there": DocumentState.ALREADY_THERE,
    "refused": DocumentState.REJECTED,
}


@dataclass(frozen=True, slots=True)
class Delivering:
    """What the loader sends to, with a plugin's destination behind it."""

    installed: InstalledHook[DestinationDeclaration]
    target: Target

    async def take(self, documents: Sequence[Document]) -> Rows:
        """Send one batch, and tell what became of each document.

        Raises PluginError when the plugin fails, what it raised when that is meant for people.
        """
        try:
            told = list(await self.target.send([_outgoing(one) for one in documents]))
        except SynapImportError:
            raise
        except Exception as error:
            raise fault("destination", self.installed, error) from error
        if len(told) != len(documents):
            said = f"it answered {len(told)} times for {len(documents)} documents"
            raise fault("destination", self.installed, said)
        return Rows(tuple(map(self._row, told)))

    def _row(self, told: Any) -> Row:
        if not isinstance(told, Delivery) or told.outcome not in _STATES:
            raise fault("destination", self.installed, f"its answer is {type(told).__name__}")
        state = _STATES[told.outcome]
        refused = state is DocumentState.REJECTED
        return Row(state, reason=(told.reason or "refused without a reason") if refused else None)


async def open_destination(
    stack: AsyncExitStack, to: str, plugins: Plugins, *, dry_run: bool
) -> Destination:
    """The destination of ``NAME:WHERE``; a dry run does not open it.

    Raises ConfigurationError when there is none of that name, or it cannot be opened.
    """
    name, _, where = to.partition(":")
    plugins.refuse_conflict(name, "destination")
    installed = plugins.destinations.get(name)
    if installed is None or not where:
        known = ", ".join(f"{one}:WHERE" for one in sorted(plugins.destinations))
        raise ConfigurationError(
            f"--to {to}: there is no such destination.",
            remedy=f"There are synap, sandbox{', ' if known else ''}{known}.",
        )
    open_target = installed.load()
    if dry_run:
        return Destination(f"{name} {where}", words=f"{installed.declaration.summary}: {where}")
    try:
        target: Target = await stack.enter_async_context(open_target(where))
    except SynapImportError:
        raise
    except Exception as error:
        raise fault("destination", installed, error) from error
    place, title = f"{name} {target.place}", target.title
    return Destination(place, elsewhere=Delivering(installed, target), words=title)


def _outgoing(one: Document) -> OutgoingDocument:
    return OutgoingDocument(
        one.document_id,
        one.text,
        one.document_type,
        one.created_at,
        one.user_id,
        one.customer_id,
        one.mode,
        one.metadata,
    )
