"""For the authors of adapters: check one, replay HTTP answers, record them without secrets.

Needs ``pip install 'synap-import[testing]'``. ``docs/cassettes.md`` shows how they go together.
"""

from __future__ import annotations

from .cassettes import record as record
from .cassettes import replay as replay
from .context import ReadingContext as ReadingContext
from .context import in_one_run as in_one_run
from .context import reading_context as reading_context
from .contract import SourceContract as SourceContract
from .exported import InMemoryExported as InMemoryExported
from .leaks import leaks as leaks
from .network import NetworkBlockedError as NetworkBlockedError
from .network import no_network as no_network
from .provenance import Provenance as Provenance
from .provenance import load_cassette as load_cassette
from .provenance import read_provenance as read_provenance
from .reading import Bounds as Bounds
from .reading import Reading as Reading
from .reading import read_source as read_source
from .scrubbing import Scrubber as Scrubber

__all__ = [
    "Bounds",
    "InMemoryExported",
    "NetworkBlockedError",
    "Provenance",
    "Reading",
    "ReadingContext",
    "Scrubber",
    "SourceContract",
    "in_one_run",
    "leaks",
    "load_cassette",
    "no_network",
    "read_provenance",
    "read_source",
    "reading_context",
    "record",
    "replay",
]
