"""Named points at which a test ends the process, as ``kill -9`` would; elsewhere nothing happens.

``SYNAP_IMPORT_FAULT_POINT="ledger.answer.before_commit:3"`` kills the process at its third
passing of that point; ``ledger:40`` at the fortieth passing of any whose name begins so. Every
transaction of the ledger has three: ``before_begin``, ``before_commit`` and ``after_commit``.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Callable

VARIABLE = "SYNAP_IMPORT_FAULT_POINT"

Hook = Callable[[str], None]


def kill_at(point: str, passing: int) -> Hook:
    """A hook that ends this process, without any clean-up, at that passing of such a point."""
    left = passing

    def hook(reached: str) -> None:
        nonlocal left
        left -= reached.startswith(point)
        if left == 0:
            os.kill(os.getpid(), signal.SIGKILL)

    return hook


def on_reaching(hook: Hook | None) -> None:
    """Call ``hook`` with the name of each point that is passed from now on; None ends it."""
    global _hook  # noqa: PLW0603 - one process, one hook: it is about the death of the process
    _hook = hook


def reach(point: str) -> None:
    """Pass the point of this name."""
    if _hook is not None:
        _hook(point)


def _from_environment() -> Hook | None:
    point, _, passing = os.environ.get(VARIABLE, "").partition(":")
    return kill_at(point, int(passing or 1)) if point else None


_hook: Hook | None = _from_environment()
