"""The ledger: the embedded database of a job.

It holds every record, what was decided about it, and every answer. It is also the queue
between stages: :mod:`~synap_import.pipeline` stages pages into it, plans what it has not
planned, and claims what it has not sent, so a fresh run and a resumed one are one path.
"""

from .differences import Differences
from .ledger import Ledger
from .sqlite import SqliteLedger
from .values import (
    Answer,
    Books,
    Claimed,
    Confirmable,
    Confirmation,
    DocumentState,
    Given,
    Gone,
    Identified,
    Ingested,
    IngestionGap,
    Marking,
    OfOwner,
    Origin,
    Owners,
    PartitionProgress,
    PlannedDocument,
    PlannedOwner,
    Present,
    Replaced,
    RollbackOutlook,
    Sample,
    Seen,
    Staged,
    StagedRecord,
    Survey,
    Undelivered,
    Undoable,
    Undone,
    Verifiable,
)

__all__ = [
    "Answer",
    "Books",
    "Claimed",
    "Confirmable",
    "Confirmation",
    "Differences",
    "DocumentState",
    "Given",
    "Gone",
    "Identified",
    "Ingested",
    "IngestionGap",
    "Ledger",
    "Marking",
    "OfOwner",
    "Origin",
    "Owners",
    "PartitionProgress",
    "PlannedDocument",
    "PlannedOwner",
    "Present",
    "Replaced",
    "RollbackOutlook",
    "Sample",
    "Seen",
    "SqliteLedger",
    "Staged",
    "StagedRecord",
    "Survey",
    "Undelivered",
    "Undoable",
    "Undone",
    "Verifiable",
]
