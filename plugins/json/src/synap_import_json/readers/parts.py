"""What the readers share: whose records are, how times are read, what could not be read."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple, TypeAlias

from synap_import import MemoryRecord, Scope
from synap_import.mapping import time_reader

MACHINE = "machine-message"
"""Why system prompts, tool calls and their output are held: nobody said them."""

ABANDONED = "abandoned-branch"
"""Why messages are held that an edit or a new answer replaced."""


@dataclass(frozen=True, slots=True)
class Whose:
    """Whose records are that do not say it; ``assumed`` when that was not the file's word."""

    user: str | None = None
    assumed: bool = False

    def owns(self, scope: Mapping[str, str]) -> bool:
        """Whether a record of this scope is that user's.

        The owner of a file owns what agents remember for them; whom the command line names, only
        what names nobody.
        """
        named = scope.keys() - {"session"}
        return not named if self.assumed else "user" not in named

    @property
    def assumptions(self) -> tuple[str, ...]:
        """What is noted in records that get this owner."""
        return ("default:user",) if self.user is not None and self.assumed else ()


NOBODYS = Whose()


class Flaw(NamedTuple):
    """A part of an item that cannot become a record; ``where`` tells it from the other parts."""

    where: str
    reason: str
    raw: str = ""


Made: TypeAlias = Iterator[MemoryRecord | Flaw]
Mapped: TypeAlias = Callable[[dict[str, Any]], MemoryRecord]


@dataclass(frozen=True, slots=True)
class Tools:
    """What a reader is given: whose the records are, and the mapping of its format."""

    whose: Whose
    mapped: Mapped


Reader: TypeAlias = Callable[[Any, Tools], Made]


def record(
    system: str,
    whose: Whose,
    own: Mapping[str, str | None],
    times: Mapping[str, Any],
    time_format: str = "auto",
    **fields: Any,
) -> MemoryRecord:
    """A record of these fields; ``own`` is the scope that the item states itself.

    A time that cannot be read is absent, and kept as it came in the metadata.
    """
    scope = {kind: value for kind, value in own.items() if value}
    assumptions: list[str] = list(fields.pop("assumptions", ()))
    if whose.user is not None and whose.owns(scope):
        scope["user"] = whose.user
        assumptions += whose.assumptions
    metadata = {name: value for name, value in fields.pop("metadata", {}).items() if value}
    for about, value in times.items():
        if value is None or value == "":
            continue
        time, assumption = time_reader(time_format)(value)
        fields[about] = time
        if assumption is not None:
            assumptions.append(f"{assumption}:{about}")
            metadata[f"source_{about}"] = value
    return MemoryRecord(
        system=system,
        scope=Scope(**scope),
        metadata=metadata,
        assumptions=tuple(assumptions),
        **fields,
    )


def text_of(value: Any) -> str | None:
    """A text that is not blank, or a number as text; None for anything else."""
    if isinstance(value, str):
        return value if value.strip() else None
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    return None


def listed(value: Any) -> list[dict[str, Any]]:
    """The objects of a list; none where it is no list."""
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []
