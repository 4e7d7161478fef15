"""Writing a user map that waits for its owner's decisions."""

from __future__ import annotations

import os
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import TYPE_CHECKING

from synap_import.errors import ConfigurationError

from .merging import Changes, Wishes, merge
from .sheet import Sheet, read_sheet

if TYPE_CHECKING:
    from collections.abc import Iterable

    from .owners import SourceOwner

_NO_WISHES = Wishes()


def write_user_map(
    path: Path,
    owners: Iterable[SourceOwner],
    wishes: Wishes = _NO_WISHES,
    *,
    overwrite: bool = False,
) -> Changes:
    """Write a row for each owner: into the map that is there, or with ``overwrite`` a new one.

    In a new one, the owner with most records comes first. The file appears complete or not at
    all, and only its owner can read it. Raises UserMapError when the one that is there is no
    user map, ConfigurationError when it cannot be written.
    """
    old = Sheet() if overwrite else read_sheet(path)
    sheet, changes = merge(old, owners, wishes)
    content = sheet.to_bytes()
    try:
        _write_atomically(path, content)
    except OSError as error:
        text = f"{path} cannot be written: {error.strerror or error}."
        raise ConfigurationError(text, remedy="Choose another place.") from error
    return changes


def _write_atomically(path: Path, content: bytes) -> None:
    # A link to the file stays one.
    target = path.resolve()
    file = NamedTemporaryFile(  # noqa: SIM115 - it outlives its block, to be renamed
        dir=target.parent, prefix=f".{target.name}.", delete=False
    )
    try:
        with file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        Path(file.name).replace(target)
    except BaseException:
        Path(file.name).unlink(missing_ok=True)
        raise
