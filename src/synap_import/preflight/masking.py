"""Documents without what gives something away: ``--redact``."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from synap_import.documents import make_document
from synap_import.text import sendable_value

from .privacy import Privacy

if TYPE_CHECKING:
    from synap_import.documents import Document
    from synap_import.forms import DocumentForm
    from synap_import.ledger import Claimed
    from synap_import.records import MemoryRecord

Make = Callable[["Claimed"], "Document"]


def making(form: DocumentForm) -> Make:
    """Makes what is sent. Raises ConfigurationError when it is to be masked without the extra."""
    make: Make = partial(make_document, rules=form)
    return masking(make) if form.redact else make


def masking(make: Make) -> Make:
    """Makes the same documents of masked records. Raises ConfigurationError without the extra."""
    privacy = Privacy()

    def make_masked(claimed: Claimed) -> Document:
        records = tuple(masked(record, privacy) for record in claimed.records)
        return make(claimed._replace(records=records))

    return make_masked


def masked(record: MemoryRecord, privacy: Privacy) -> MemoryRecord:
    """The record with its words, name, tags and metadata masked; ids and times stay."""
    return record.model_copy(
        update={
            "text": privacy.masked(record.text),
            "name": record.name and privacy.masked(record.name),
            "metadata": privacy.masked_value(sendable_value(record.metadata)),
            "tags": tuple(privacy.masked(tag) for tag in record.tags),
        }
    )
