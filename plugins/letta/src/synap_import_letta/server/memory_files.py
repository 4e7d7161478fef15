"""Memory files of agents on the Cloud: markdown in a git repository of each agent."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from .refusals import NotThereError

if TYPE_CHECKING:
    from .api import LettaApi

_MOST_FILES = 10_000


async def memory_paths(api: LettaApi, agent: str) -> list[str]:
    """The paths of an agent's memory files; none where it has no such memory."""
    paths: list[str] = []
    left = [""]
    known = set(left)
    while left and len(paths) < _MOST_FILES:
        try:
            answer = await api.memory_directory(agent, left.pop())
        except NotThereError:
            continue
        for path, is_directory in _entries(answer):
            if is_directory and path not in known:
                known.add(path)
                left.append(path)
            elif not is_directory:
                paths.append(path)
    return sorted(dict.fromkeys(paths))


async def commits_of(api: LettaApi, agent: str, path: str) -> list[Mapping[str, Any]]:
    """What is known of a file's history, newest first."""
    try:
        answer = await api.memory_history(agent, path)
    except NotThereError:
        return []
    commits = answer.get("commits") if isinstance(answer, Mapping) else None
    return [one for one in commits or () if isinstance(one, Mapping)]


def _entries(answer: Any) -> list[tuple[str, bool]]:
    if not isinstance(answer, Mapping) or not isinstance(answer.get("entries"), list):
        return []
    place = str(answer.get("path") or "").strip("/.")
    found = []
    for entry in answer["entries"]:
        name = entry.get("name") if isinstance(entry, Mapping) else None
        if isinstance(name, str) and name.strip("/"):
            path = name.strip("/")
            inside = not place or path.startswith(f"{place}/")
            found.append((path if inside else f"{place}/{path}", entry.get("type") == "directory"))
    return found
