"""What a server can do, as its own /openapi.json tells: that depends on how old it is."""

from __future__ import annotations

from typing import Any, NamedTuple

from synap_import import SourceError


class Dialect(NamedTuple):
    """What the lists of a server understand."""

    has_entities: bool
    has_top_k: bool
    has_show_expired: bool


def read_dialect(description: Any, where: str) -> Dialect:
    """What the description says. Raises SourceError when it is not that of a Mem0 server."""
    paths = description.get("paths") if isinstance(description, dict) else None
    paths = paths if isinstance(paths, dict) else {}
    if any(str(path).startswith("/api/v1/memories") for path in paths):
        raise SourceError(
            f"At {where} is OpenMemory, not the Mem0 server.",
            remedy="Export a zip there (POST /api/v1/backup/export) and give that file.",
        )
    names = _parameters(paths.get("/memories"))
    if not {"user_id", "agent_id", "run_id"} <= names:
        raise not_mem0(where)
    return Dialect("/entities" in paths, "top_k" in names, "show_expired" in names)


def not_mem0(where: str) -> SourceError:
    """For an address where something else answers."""
    return SourceError(
        f"What answers at {where} is not a self-hosted Mem0 server.",
        remedy="Give the address of its API, where /openapi.json is: mostly port 8888, or 8000 "
        "inside its container. The dashboard on port 3000 is another one.",
    )


def _parameters(path: Any) -> set[str]:
    try:
        return {one["name"] for one in path["get"]["parameters"]}
    except (TypeError, KeyError):
        return set()
