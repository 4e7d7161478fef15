"""What an import knew, kept for commands that are not given its options or its source."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .ledger import Ledger

_KEY = "document-form"
_ANNOUNCED = "announced"
TRANSFORMS = "transforms"
"""Under this key the ledger keeps what the records went through before they were kept."""


@dataclass(frozen=True, slots=True)
class DocumentForm:
    """What all documents of a run have in common, whatever their records.

    Without a ``document_type`` it depends on the records.
    """

    document_type: str | None = None
    mode: str = "long-range"
    redact: bool = False


def keep_form(ledger: Ledger, form: DocumentForm) -> None:
    """Remember how the latest import sends its documents."""
    ledger.note(_KEY, json.dumps(asdict(form)))


def kept_form(ledger: Ledger) -> DocumentForm | None:
    """How the latest import sent its documents; None when it did not say."""
    kept = ledger.noted(_KEY)
    return None if kept is None else DocumentForm(**json.loads(kept))


def keep_transforms(ledger: Ledger, fingerprint: str) -> None:
    """Remember what the records of the latest import went through before they were kept."""
    if fingerprint or ledger.noted(TRANSFORMS):
        ledger.note(TRANSFORMS, fingerprint)


def keep_announced(ledger: Ledger, records: int | None) -> None:
    """Remember how many records the source said it holds, where it said so."""
    if records is not None:
        ledger.note(_ANNOUNCED, str(records))


def announced(ledger: Ledger) -> int | None:
    """How many records the source said it holds; None when it did not say."""
    kept = ledger.noted(_ANNOUNCED)
    return None if kept is None else int(kept)
