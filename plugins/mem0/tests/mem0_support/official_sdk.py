"""Mem0's own client, quiet: it would report its use, and write to the home, on import."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any


def memory_client_class(folder: Path) -> Any:
    """``mem0.MemoryClient``, imported when nothing leaves this computer any more."""
    os.environ["MEM0_TELEMETRY"] = "False"
    os.environ["MEM0_DIR"] = str(folder)
    from mem0 import MemoryClient  # type: ignore[import-untyped,unused-ignore]

    return MemoryClient
