"""What an import tells an engine that has others work for it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from synap_import.destinations import Destination
    from synap_import.forms import DocumentForm
    from synap_import.hooks.transforming import Transforms
    from synap_import.ledger import Ledger
    from synap_import.loading import LoadLimits
    from synap_import.preflight import Marker
    from synap_import.progress import Progress
    from synap_import.sources import Source


@dataclass(frozen=True, slots=True)
class Commission:
    """An import that is ready to run but for its engine; ``address`` is that of its ledger.

    ``account`` is what the source turned out to be. Without a ``destination`` nothing is sent.
    """

    adapter: type[Source[Any]]
    source: Source[Any]
    account: str
    job: str
    ledger: Ledger
    address: str = field(repr=False)
    destination: Destination | None
    form: DocumentForm
    limits: LoadLimits
    marker: Marker
    transforms: Transforms | None
    progress: Progress
