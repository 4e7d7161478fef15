"""For the authors of adapters: check one, replay HTTP answers, record them without secrets.

Needs ``pip install 'synap-import[testing]'``. ``docs/contract.md`` says what is checked,
``docs/cassettes.md`` how to replay and record.

Everything is imported on first use: pytest imports ``synap_import.testing.plugin`` wherever the
host is installed, also where nobody tests an adapter and vcrpy is not there.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .cassettes import record as record
    from .cassettes import replay as replay
    from .context import ReadingContext as ReadingContext
    from .context import in_one_run as in_one_run
    from .context import reading_context as reading_context
    from .contract import SourceContract as SourceContract
    from .contract import Walk as Walk
    from .exported import InMemoryExported as InMemoryExported
    from .fakes import FakeSource as FakeSource
    from .fakes import Slice as Slice
    from .leak_search import leaks as leaks
    from .network import NetworkBlockedError as NetworkBlockedError
    from .network import no_network as no_network
    from .plugin import Cassettes as Cassettes
    from .plugin import SynapSandbox as SynapSandbox
    from .provenance import Provenance as Provenance
    from .provenance import load_cassette as load_cassette
    from .provenance import read_provenance as read_provenance
    from .reading import Bounds as Bounds
    from .reading import Reading as Reading
    from .reading import read_source as read_source
    from .scrubbing import Scrubber as Scrubber

_HOME = {
    "Bounds": "reading",
    "Cassettes": "plugin",
    "FakeSource": "fakes",
    "InMemoryExported": "exported",
    "NetworkBlockedError": "network",
    "Provenance": "provenance",
    "Reading": "reading",
    "ReadingContext": "context",
    "Scrubber": "scrubbing",
    "Slice": "fakes",
    "SourceContract": "contract",
    "SynapSandbox": "plugin",
    "Walk": "contract",
    "in_one_run": "context",
    "leaks": "leak_search",
    "load_cassette": "provenance",
    "no_network": "network",
    "read_provenance": "provenance",
    "read_source": "reading",
    "reading_context": "context",
    "record": "cassettes",
    "replay": "cassettes",
}

__all__ = list(_HOME)


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    try:
        return getattr(import_module(f".{_HOME[name]}", __name__), name)
    except ModuleNotFoundError as error:
        if error.name in ("pytest", "vcr"):
            text = f"{error}: install it with pip install 'synap-import[testing]'"
            raise ModuleNotFoundError(text, name=error.name) from error
        raise
