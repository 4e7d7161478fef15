"""Which engine an import was asked to have, and whether it can have it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from importlib.util import find_spec
from typing import TYPE_CHECKING

from synap_import.errors import ConfigurationError

if TYPE_CHECKING:
    from contextlib import AsyncExitStack

    from .commission import Commission
    from .interface import Engine


class EngineName(StrEnum):
    """The engines there are."""

    PROCESS = "process"
    RAY = "ray"


USUAL_WORKERS = 4


@dataclass(frozen=True, slots=True)
class EngineChoice:
    """The engine, and for one of several processes how many workers it has, and where.

    Without an ``address`` they are on this machine, for as long as the import runs.
    """

    name: EngineName = EngineName.PROCESS
    address: str | None = None
    workers: int = USUAL_WORKERS

    @property
    def is_here(self) -> bool:
        """Whether this process does it all."""
        return self.name is EngineName.PROCESS

    def opened(self, stack: AsyncExitStack, commission: Commission) -> Engine | None:
        """The engine, for as long as the stack holds; None for the ordinary process.

        Raises ConfigurationError or EngineError when it cannot be had.
        """
        if self.is_here:
            return None
        from .on_ray.loopback import stay_on_this_machine  # noqa: PLC0415 - only where asked for

        if self.address is None:
            stay_on_this_machine()
        from .on_ray.opening import opened_on_ray  # noqa: PLC0415 - imports Ray

        return stack.enter_context(opened_on_ray(self, commission))

    def refuse_impossible(self, *, has_shared_ledger: bool, to: str) -> None:
        """Raise ConfigurationError when workers could not do what is asked for.

        ``to`` is where it goes, as the request names it.
        """
        if self.is_here:
            return
        if find_spec("ray") is None:
            raise ConfigurationError(
                "--engine ray needs Ray, which is not installed.",
                remedy="Install it with pip install 'synap-import[ray]', or in a checkout with "
                "pip install '.[ray]'.",
            )
        if not has_shared_ledger:
            raise ConfigurationError(
                "--engine ray needs a ledger that all workers can reach.",
                remedy="Give it a PostgreSQL: --ledger postgresql://user@host/database",
            )
        if ":" in to:
            raise ConfigurationError(
                f"--to {to} is written by one process, and not by the workers of --engine ray.",
                remedy="Leave out --engine ray.",
            )
        if to == "sandbox" and self.address is not None:
            raise ConfigurationError(
                "The sandbox of --to sandbox is on this machine only, and workers at "
                f"{self.address} cannot reach it.",
                remedy="Leave out --ray-address, or run `synap-import sandbox` where all workers "
                "reach it and give its address as --synap-url.",
            )
