"""The ledger: the embedded database of a job.

It holds every record, what was decided about it, and every answer. It is also the queue
between stages: :mod:`~synap_import.pipeline` stages pages into it, plans what it has not
planned, and claims what it has not sent, so a fresh run and a resumed one are one path.
"""

from .interface import (
    Answer,
    Books,
    Claimed,
    Confirmable,
    Confirmation,
    DocumentState,
    Given,
    Identified,
    Ingested,
    IngestionGap,
    Ledger,
    OfOwner,
    Owners,
    PartitionProgress,
    PlannedDocument,
    Present,
    RollbackOutlook,
    Sample,
    Staged,
    StagedRecord,
    Undelivered,
    Undoable,
    Undone,
    Verifiable,
)
from .sqlite import SqliteLedger

__all__ = [
    "Answer",
    "Books",
    "Claimed",
    "Confirmable",
    "Confirmation",
    "DocumentState",
    "Given",
    "Identified",
    "Ingested",
    "IngestionGap",
    "Ledger",
    "OfOwner",
    "Owners",
    "PartitionProgress",
    "PlannedDocument",
    "Present",
    "RollbackOutlook",
    "Sample",
    "SqliteLedger",
    "Staged",
    "StagedRecord",
    "Undelivered",
    "Undoable",
    "Undone",
    "Verifiable",
]
