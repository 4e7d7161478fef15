"""Where a cassette comes from: said at its top, so that nobody takes it for more than it is."""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields
from datetime import date
from pathlib import Path
from typing import Any

import yaml

# libyaml where it is there: cassettes are long.
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

KINDS = ("recorded", "constructed")


@dataclass(frozen=True, slots=True)
class Provenance:
    """The head of a cassette.

    ``recorded``: a real server of the vendor answered. ``constructed``: the answers were made.
    ``version`` names that server, or the description that the answers were made from; ``how``
    says how it was run or who made them, ``validated`` against what they were checked.
    """

    kind: str
    source: str
    version: str
    how: str
    validated: str
    date: str

    def __post_init__(self) -> None:
        """Raises ValueError unless all of it is said."""
        if self.kind not in KINDS:
            raise ValueError(f"provenance: kind is {self.kind!r}, not one of {', '.join(KINDS)}")
        for name, value in asdict(self).items():
            if not isinstance(value, str) or not value.strip():
                raise ValueError(f"provenance: {name} is not said")
        date.fromisoformat(self.date)

    @classmethod
    def of(cls, head: Any) -> Provenance:
        """From what stands in a file. Raises ValueError."""
        names = {field.name for field in fields(cls)}
        if not isinstance(head, dict) or head.keys() != names:
            raise ValueError(f"provenance: wants exactly {', '.join(sorted(names))}")
        return cls(**head)


def read_provenance(path: Path) -> Provenance:
    """The head of a cassette. Raises ValueError when it does not say where it comes from, and
    FileNotFoundError with how to get one.
    """
    if not path.exists():
        raise FileNotFoundError(
            f"{path} is not there. A contract records it: pytest --record-cassettes=missing; "
            "docs/cassettes.md has other ways."
        )
    content = load_cassette(path.read_text("utf-8"))
    if not isinstance(content, dict) or "provenance" not in content:
        raise ValueError(f"{path.name} does not say where it comes from")
    return Provenance.of(content["provenance"])


def load_cassette(text: str) -> Any:
    """The content of a cassette: plain data, whatever stands in it."""
    return yaml.load(text, Loader=_LOADER)  # noqa: S506 - both loaders are safe ones
