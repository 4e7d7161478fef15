"""A document as a line of the file: the fields of Synap's ``CreateMemoryRequest``."""

from __future__ import annotations

import json
from collections.abc import Iterator
from hashlib import blake2b
from pathlib import Path
from typing import TYPE_CHECKING, Any

import orjson

if TYPE_CHECKING:
    from synap_import import OutgoingDocument

_BEGINNING = b'{"document":'


def line_of(document: OutgoingDocument) -> bytes:
    """The line, with its end. The names are those of maximem-synap 0.6.9."""
    created_at = document.created_at
    fields = {
        "document": document.text,
        "document_type": document.document_type,
        "document_id": document.document_id,
        "document_created_at": created_at and created_at.isoformat(),
        "user_id": document.user_id,
        "customer_id": document.customer_id,
        "mode": document.mode,
        "metadata": document.metadata,
    }
    try:
        return orjson.dumps(fields) + b"\n"
    except TypeError:  # an integer of more than 64 bits
        return json.dumps(fields).encode() + b"\n"


def documents_of(path: Path) -> Iterator[tuple[int, dict[str, Any] | None]]:
    """Each line's number with its document, None where it is none."""
    with path.open("rb") as file:
        for number, line in enumerate(file, 1):
            yield number, document_in(line)


def document_in(line: bytes) -> dict[str, Any] | None:
    """The document that a whole line is, None where it is none."""
    try:
        document = json.loads(line) if line.endswith(b"\n") else None
    except ValueError:
        return None
    if isinstance(document, dict) and isinstance(document.get("document_id"), str):
        return document
    return None


def is_begun(line: bytes) -> bool:
    """Whether it is the beginning of a line that was not written to its end."""
    return not line.endswith(b"\n") and line[: len(_BEGINNING)] == _BEGINNING[: len(line)]


def key_of(document_id: str) -> bytes:
    """What stands for a document id, however long that is."""
    return blake2b(document_id.encode("utf-8", "surrogatepass"), digest_size=16).digest()
