"""Formats of other people in which records are exported: Portable AI Memory 1.0.

Its specification and JSON Schema: portable-ai-memory.org, portable-ai-memory at d634ce8. A file
holds the memories of one person, so there is one for each user.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import sha256
from importlib.metadata import version
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from .private_files import append_private, open_private, private_folder

if TYPE_CHECKING:
    from pathlib import Path

_SPEC = "https://portable-ai-memory.org/spec/v1.0"
_TYPES = {"fact": "fact", "summary": "context", "block": "context", "relation": "relationship"}
_STATUS = {
    "superseded": "superseded",
    "merged": "superseded",
    "expired": "archived",
    "deleted": "retracted",
}
_LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Z][a-z]{3})?(-[A-Z]{2})?")
_AT_ONCE = 1000

NO_USER = "belong to no user"
NO_TIME = "have no time of creation, which the format demands"
NO_TEXT = "have no text"
MESSAGES = "are turns of conversations, which the format keeps elsewhere"


@dataclass(slots=True)
class Told:
    """What was written, and what the format has no place for, by reason."""

    memories: int = 0
    people: set[str] = field(default_factory=set)
    left_out: Counter[str] = field(default_factory=Counter)


def write_pam(lines: Iterable[bytes], folder: Path) -> Told:
    """Write records, given as lines of an export file, as one file per user.

    Memory stays flat: some records at a time are added to the files of their users.
    Raises OSError.
    """
    private_folder(folder)
    told = Told()
    for some in _some(lines):
        for user, memories in _by_user(some, told).items():
            _append(_file_of(folder, user), user, memories, first=user not in told.people)
            told.people.add(user)
            told.memories += len(memories)
    for user in told.people:
        with append_private(_file_of(folder, user)) as file:
            file.write(b"]}\n")
    return told


def memory_of(record: Mapping[str, Any]) -> dict[str, Any]:
    """A record as the format writes a memory; what it has no name for goes into the metadata."""
    kind = record.get("kind", "fact")
    metadata = record.get("metadata", {})
    scope = {name: value for name, value in record["scope"].items() if name != "user"}
    replaced = [one["id"] for one in record.get("links", ()) if one["relation"] == "replaced_by"]
    tags = record.get("tags", ())
    language = metadata.get("language")
    return {
        "id": record["id"],
        "type": _TYPES.get(kind, "custom"),
        "custom_type": None if kind in _TYPES else kind,
        "status": _STATUS.get(record.get("state", "active"), "active"),
        "content": record["text"],
        "content_hash": content_hash(record["text"]),
        "tags": [*dict.fromkeys(filter(None, map(_tag, tags)))],
        "temporal": {
            "created_at": record["created_at"],
            "updated_at": record.get("updated_at"),
            "valid_from": record.get("valid_from"),
            "valid_until": record.get("valid_to"),
            "superseded_by": replaced[0] if replaced else None,
        },
        "provenance": {
            "platform": _platform(record["system"]),
            "conversation_ref": scope.get("session"),
            "extraction_method": "api_export",
        },
        "metadata": {
            **({"language": language} if _is_language(language) else {}),
            "original_system": record["system"],
            "original_kind": kind,
            **({"original_tags": [*tags]} if tags else {}),
            **({"original_scope": scope} if scope else {}),
            **({"expires_at": record["expires_at"]} if record.get("expires_at") else {}),
            **({"source_metadata": metadata} if metadata else {}),
        },
    }


def content_hash(text: str) -> str:
    """The format's hash: of the text trimmed, in small letters, NFC, with single spaces."""
    normal = re.sub(r"\s+", " ", unicodedata.normalize("NFC", text.strip().lower()))
    return f"sha256:{sha256(normal.encode('utf-8', 'surrogatepass')).hexdigest()}"


def _some(lines: Iterable[bytes]) -> Iterator[list[dict[str, Any]]]:
    some: list[dict[str, Any]] = []
    for line in lines:
        some.append(json.loads(line))
        if len(some) == _AT_ONCE:
            yield some
            some = []
    yield some


def _by_user(records: Iterable[dict[str, Any]], told: Told) -> dict[str, list[dict[str, Any]]]:
    """The memories of each user; the rest is counted."""
    found: dict[str, list[dict[str, Any]]] = {}
    for record in records:
        if reason := _reason(record):
            told.left_out[reason] += 1
        else:
            found.setdefault(record["scope"]["user"], []).append(memory_of(record))
    return found


def _reason(record: Mapping[str, Any]) -> str:
    """Why the format has no place for it; empty when it has."""
    if record.get("kind") == "message":
        return MESSAGES
    if not record["text"].strip():
        return NO_TEXT
    if not record.get("scope", {}).get("user"):
        return NO_USER
    return "" if record.get("created_at") else NO_TIME


def _append(path: Path, user: str, memories: list[dict[str, Any]], *, first: bool) -> None:
    body = ",\n".join(json.dumps(one) for one in memories).encode()
    with open_private(path) if first else append_private(path) as file:
        file.write(_head(user) if first else b",\n")
        file.write(body)


def _head(user: str) -> bytes:
    head = {
        "schema": "portable-ai-memory",
        "schema_version": "1.0",
        "spec_uri": _SPEC,
        "export_id": str(uuid4()),
        "exported_by": f"synap-import/{version('synap-import')}",
        "export_date": datetime.now(UTC).isoformat(timespec="seconds"),
        "owner": {"id": user},
        "export_type": "full",
    }
    return json.dumps(head)[:-1].encode() + b', "memories": [\n'


def _file_of(folder: Path, user: str) -> Path:
    """A file name of any id: what of it can be part of one, and a digest that tells apart."""
    readable = re.sub(r"[^A-Za-z0-9@._-]+", "-", user)[:60].strip(".-") or "user"
    digest = sha256(user.encode("utf-8", "surrogatepass")).hexdigest()[:32]
    return folder / f"{readable}-{digest}.json"


def _tag(tag: str) -> str:
    return re.sub(r"[^a-z0-9_-]+", "-", tag.lower()).strip("-_")


def _platform(system: str) -> str:
    return re.sub(r"[^a-z0-9_-]+", "-", system.lower())[:32].ljust(2, "-")


def _is_language(value: Any) -> bool:
    return isinstance(value, str) and _LANGUAGE.fullmatch(value) is not None
