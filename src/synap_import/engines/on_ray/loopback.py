"""Keeps a Ray of this machine on this machine: it listens where nobody else can knock."""

from __future__ import annotations

import os

_LISTENS_ANYWHERE = "RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER"
"""Ray 2.60 (``_private/ray_constants.py``): without it a node has the address 127.0.0.1."""


def stay_on_this_machine() -> None:
    """Has to be said before Ray is imported, which looks at it then and never again."""
    os.environ.setdefault(_LISTENS_ANYWHERE, "0")
