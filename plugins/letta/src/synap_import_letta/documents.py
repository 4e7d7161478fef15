"""Files: those of folders, and the memory files of agents on the Cloud; one document each."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from synap_import import Kind, MemoryRecord, Scope

from .blocks import is_persona
from .cleaning import cleaned
from .holds import PERSONA, POLICY
from .making import SYSTEM, UnusableItemError, words
from .people import text
from .times import times_of

_FRONTMATTER = re.compile(r"\A---[ \t]*\r?\n(.*?)^---[ \t]*(?:\r?\n|\Z)", re.DOTALL | re.MULTILINE)
_FIELD = re.compile(r"^([A-Za-z_][\w-]*):[ \t]*(.*?)[ \t\r]*$", re.MULTILINE)


def folder_file_record(
    item: Mapping[str, Any], scope: Scope, *, folder: str = "", agents: Sequence[str] = ()
) -> MemoryRecord:
    """A file of a folder. Raises UnusableItemError when the server did not keep its text."""
    if item.get("content") is None:
        status = text(item.get("processing_status")) or "unknown"
        raise UnusableItemError(f"the server has no text of this file (processing: {status})")
    times = times_of(item)
    shown = {
        "file_name": text(item.get("original_file_name")) or text(item.get("file_name")),
        "file_type": text(item.get("file_type")),
        "folder": folder,
        "agents": list(agents) if len(agents) > 1 else None,
    }
    return MemoryRecord(
        system=SYSTEM,
        id=item["id"],
        kind=Kind.DOCUMENT,
        text=words(item, "content"),
        scope=scope,
        created_at=times.created_at,
        updated_at=times.updated_at,
        assumptions=times.assumptions,
        metadata={name: value for name, value in shown.items() if value},
        raw={name: value for name, value in cleaned(item).items() if name != "content"},
    )


def memory_file_record(
    agent: str,
    path: str,
    content: Mapping[str, Any],
    commits: Sequence[Mapping[str, Any]],
    scope: Scope,
    *,
    whole_history: bool,
) -> MemoryRecord:
    """A memory file, by agent and path, without its frontmatter.

    It was changed at its newest commit, and made at its oldest where all are known.
    """
    body, fields = without_frontmatter(words(content, "content"))
    moments = [times_of(one, "timestamp", "timestamp").created_at for one in commits]
    known = sorted(moment for moment in moments if moment is not None)
    hold = POLICY if fields.get("read_only", "").lower() == "true" else None
    return MemoryRecord(
        system=SYSTEM,
        id=f"{agent}/{path}",
        kind=Kind.BLOCK,
        text=body,
        scope=scope,
        created_at=known[0] if known and whole_history else None,
        updated_at=known[-1] if known else None,
        metadata={"path": path, **fields},
        hold=PERSONA if is_persona(path) else hold,
        raw={"path": path, "ref": content.get("ref"), "frontmatter": fields},
    )


def without_frontmatter(content: str) -> tuple[str, dict[str, str]]:
    """The text below the ``---`` lines at the top, and the simple fields between them."""
    found = _FRONTMATTER.match(content)
    if found is None:
        return content, {}
    fields = {name: value.strip("\"'") for name, value in _FIELD.findall(found[1]) if value}
    return content[found.end() :].lstrip("\r\n"), fields
