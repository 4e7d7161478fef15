"""The line that adds a plugin to this installation, whatever it was installed with."""

from __future__ import annotations

import sys
from importlib.metadata import entry_points
from pathlib import Path

from synap_import.hookspecs import PROJECT

_HOST = "synap-import"


def how_to_add(name: str, environment: Path | None = None) -> str:
    """In words, for the plugin of this name.

    pipx and uv leave a note in the environments that they make, where pip would not be the tool.
    """
    environment = environment or Path(sys.prefix)
    wanted = f"{_HOST}-{name}"
    if (environment / "pipx_metadata.json").exists():
        return f"Install it with `pipx inject {_HOST} {wanted}`."
    if (environment / "uv-receipt.toml").exists():
        # uv takes away what is not named again.
        there = {one.dist.name for one in entry_points(group=PROJECT) if one.dist}
        every = " ".join(f"--with {one}" for one in sorted({*there, wanted}))
        return f"Install it with `uv tool install {_HOST} {every}`."
    return (
        f"Install it with `pip install {wanted}`, or in a checkout with "
        f"`pip install ./plugins/{name}`."
    )
