"""What can be chosen when a sandbox is started."""

from __future__ import annotations

import re
from dataclasses import dataclass
from ipaddress import ip_address
from typing import TYPE_CHECKING, Literal, get_args

from synap_import.errors import ConfigurationError

if TYPE_CHECKING:
    from pathlib import Path

    from .fault_script import FaultScript

Isolation = Literal["b2b", "b2c"]
Duplicates = Literal["update", "row", "conflict"]

# maximem-synap 0.6.9 refuses to be constructed with any other form of instance id.
_INSTANCE_ID = re.compile(r"inst_[0-9a-f]{16}")


@dataclass(frozen=True, slots=True)
class SandboxSettings:
    """One sandbox. Raises ConfigurationError for a value that cannot be used.

    ``port`` 0 takes a free one. ``duplicates`` chooses which of Synap's three contradicting
    statements about a repeated document_id is acted out: it updates, its row fails, or the
    whole request is a 409. ``ingestion_delay_seconds`` is the time from accepted to completed.
    Without ``api_key`` every key that starts with ``synap_`` is let in. ``faults`` is what goes
    wrong on purpose.
    """

    db: Path
    host: str = "127.0.0.1"
    port: int = 0
    isolation: Isolation = "b2b"
    duplicates: Duplicates = "update"
    api_key: str | None = None
    instance_id: str | None = None
    ingestion_delay_seconds: float = 0.2
    faults: FaultScript | None = None

    def __post_init__(self) -> None:
        if not is_loopback(self.host):
            raise ConfigurationError(
                f"The sandbox does not listen on {self.host!r}: it holds users' memories and "
                "only serves this machine.",
                remedy="Use 127.0.0.1 or ::1.",
            )
        if not 0 <= self.port <= 65535:
            raise ConfigurationError(f"{self.port} is not a port.", remedy="Use 0 to 65535.")
        _one_of("isolation", self.isolation, get_args(Isolation))
        _one_of("duplicates", self.duplicates, get_args(Duplicates))
        if self.instance_id is not None and not _INSTANCE_ID.fullmatch(self.instance_id):
            raise ConfigurationError(
                f"{self.instance_id!r} is not an instance id.",
                remedy="It is inst_ and 16 lower-case hexadecimal digits.",
            )
        if not 0 <= self.ingestion_delay_seconds < float("inf"):
            raise ConfigurationError("The ingestion delay is not a number of seconds from 0 up.")


def is_loopback(host: str) -> bool:
    """Whether the name or address can only mean this machine."""
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def _one_of(name: str, value: str, allowed: tuple[str, ...]) -> None:
    if value not in allowed:
        raise ConfigurationError(
            f"{name} cannot be {value!r}.", remedy=f"Use one of: {', '.join(allowed)}."
        )
