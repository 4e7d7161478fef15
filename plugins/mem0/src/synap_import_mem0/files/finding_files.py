"""Which files the arguments mean, what each of them is, and what they are called."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path, PurePath
from typing import TYPE_CHECKING

from synap_import import Finding, Severity, SourceError

from .openmemory import is_told_better_beside
from .registry import format_of
from .unknown import unknown

if TYPE_CHECKING:
    from .formats import FileFormat

_LONG_ACCOUNT = 200


@dataclass(frozen=True, slots=True)
class Found:
    """A file or folder, and the format that reads it. ``name`` is unique among them."""

    path: Path
    name: str
    format: FileFormat

    @property
    def place(self) -> str:
        """Where it lies, as text; the id of its partition."""
        return printable(self.path)


def account_of(arguments: Sequence[str]) -> str:
    """What identifies these arguments on the next run, whichever folder it starts in."""
    paths = sorted({printable(_absolute(argument)) for argument in arguments})
    joined = " ".join(paths)
    if len(joined) <= _LONG_ACCOUNT:
        return joined
    digest = blake2b("\0".join(paths).encode(), digest_size=8)
    return f"{paths[0][:_LONG_ACCOUNT]} and more: {len(paths)} paths, {digest.hexdigest()}"


def find_files(arguments: Sequence[str]) -> tuple[list[Found], list[Finding]]:
    """The files, each once, in a stable order, and what was left out of folders.

    Raises SourceError when an argument is missing or holds nothing known.
    """
    roots = [_existing(argument) for argument in arguments]
    # Names go from the folder that all arguments share: they stay what they are when the
    # command is given from elsewhere.
    base = Path(os.path.commonpath([root if root.is_dir() else root.parent for root in roots]))
    known: dict[Path, FileFormat] = {}
    skipped: list[Path] = []
    for root in roots:
        found = _known_in(root, skipped) if root.is_dir() else _known_file(root)
        known |= found
    files = [Found(path, _name(path, base), known[path]) for path in sorted(known)]
    return files, _about_skipped([path for path in skipped if path not in known])


def printable(path: PurePath) -> str:
    """The path as valid text: a name on disk may be any bytes."""
    return os.fsencode(path.as_posix()).decode("utf-8", "backslashreplace")


def _name(path: Path, base: Path) -> str:
    if path == base:
        return printable(PurePath(path.name))
    # A link in a folder may lead out of it.
    return printable(path.relative_to(base) if path.is_relative_to(base) else path)


def _known_file(path: Path) -> dict[Path, FileFormat]:
    if not path.is_file():
        raise SourceError(f"{path} is a pipe or a device.", remedy="Give a file.")
    recognised = format_of(path)
    if recognised is None:
        raise unknown(path)
    return {path: recognised}


def _known_in(folder: Path, skipped: list[Path]) -> dict[Path, FileFormat]:
    try:
        known = dict(_walked(folder, skipped))
    except OSError as error:
        raise SourceError(f"{folder} cannot be listed: {error.strerror or error}.") from error
    if not known:
        raise unknown(folder)
    return known


def _walked(folder: Path, skipped: list[Path]) -> Iterator[tuple[Path, FileFormat]]:
    """A folder can be one store as a whole; else what lies in it is looked at."""
    recognised = format_of(folder)
    if recognised is not None:
        yield folder, recognised
        return
    for path in sorted(folder.iterdir()):
        if path.name.startswith("."):
            continue
        if path.is_dir() and not path.is_symlink():
            yield from _walked(path, skipped)
        elif path.is_file():
            known = None if is_told_better_beside(path) else format_of(path)
            if known is None:
                skipped.append(path)
            else:
                yield path.resolve(), known


def _about_skipped(skipped: Sequence[Path]) -> list[Finding]:
    if not skipped:
        return []
    return [
        Finding(
            Severity.INFO,
            "files-not-read",
            "Files in the folders that are no known form of Mem0's data are not read.",
            "Name a file itself to be told what it is.",
            count=len(skipped),
            examples=tuple(printable(path) for path in skipped[:10]),
        )
    ]


def _existing(argument: str) -> Path:
    path = _absolute(argument)
    if not path.exists():
        raise SourceError(f"There is no file {argument}.", remedy="Check the path.")
    return path


def _absolute(argument: str) -> Path:
    return Path(argument).expanduser().resolve()
