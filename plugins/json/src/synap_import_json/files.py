"""Which files the arguments of a command mean, and what they are called."""

from __future__ import annotations

import glob
import os
from collections.abc import Iterator, Sequence
from hashlib import blake2b
from pathlib import Path
from typing import NoReturn

from synap_import import SourceError

from .addresses import address_of, is_address
from .archives import ZIP_MAGICS, members_of
from .inputs import FileInput, Input, printable
from .parquet import PARQUET_MAGIC, ParquetInput

STANDARD_INPUT = "-"
ENDINGS = tuple(
    f".{name}{packed}"
    for name in ("jsonl", "ndjson", "json", "csv")
    for packed in ("", ".gz", ".zst")
)
FOLDER_ENDINGS = (*ENDINGS, ".parquet")

_LONG_ACCOUNT = 200


def account_of(arguments: Sequence[str]) -> str:
    """What identifies these arguments on the next run, whichever folder it starts in."""
    if STANDARD_INPUT in arguments:
        return "standard input"
    paths = sorted({_spelled(argument) for argument in arguments})
    joined = " ".join(paths)
    if len(joined) <= _LONG_ACCOUNT:
        return joined
    digest = blake2b("\0".join(paths).encode(), digest_size=8)
    return f"{paths[0][:_LONG_ACCOUNT]} and more: {len(paths)} paths, {digest.hexdigest()}"


def find_files(arguments: Sequence[str]) -> list[Input]:
    """The files that arguments name, each once, in a stable order; archives give their files.

    Raises SourceError when an argument names none.
    """
    try:
        named = sorted({path for argument in arguments for path in _named_by(argument)})
        each_once = {path.resolve(): path for path in reversed(named)}
    except (OSError, RuntimeError) as error:  # a folder without permission, a circle of links
        raise SourceError(f"The files cannot be listed: {error}.") from error
    # Names go from the folder that all arguments share: they stay what they are when a file
    # is added, and when the command is given from elsewhere.
    root = os.path.commonpath([_folder(argument) for argument in arguments])
    named_files = ((path, printable(path.relative_to(root))) for path in sorted(each_once.values()))
    return [one for path, name in named_files for one in _inputs_of(path, name)]


def _inputs_of(path: Path, name: str) -> Sequence[Input]:
    """The file itself, or what lies in it."""
    try:
        with path.open("rb") as file:
            head = file.read(4)
    except OSError as error:
        raise SourceError(f"{path} cannot be read: {error.strerror or error}.") from error
    if head in ZIP_MAGICS:
        return members_of(path, printable(path), name, ENDINGS)
    return [ParquetInput(path, name) if head == PARQUET_MAGIC else FileInput(path, name)]


def _named_by(argument: str) -> list[Path]:
    path = _absolute(argument)
    if path.is_dir():
        return _in_folder(path, argument)
    if path.exists():
        return [_regular(path, argument)]
    if not glob.has_magic(argument):
        raise SourceError(f"There is no file {argument}.", remedy="Check the path.")
    names = glob.glob(str(path), recursive=True)  # noqa: PTH207 - pathlib's finds hidden files
    matches = [match for match in map(Path, names) if match.is_file()]
    if not matches:
        raise SourceError(f"No file matches {argument}.", remedy="Check the pattern.")
    return matches


def _in_folder(folder: Path, argument: str) -> list[Path]:
    found = [path for path in _walk(folder) if path.name.lower().endswith(FOLDER_ENDINGS)]
    if not found:
        raise SourceError(
            f"The folder {argument} has no files that end in .jsonl, .ndjson, .json or .csv, "
            "with or without .gz or .zst.",
            remedy="Name the files themselves if they are called otherwise.",
        )
    return found


def _walk(folder: Path) -> Iterator[Path]:
    for parent, folders, names in os.walk(folder, onerror=_raise):
        folders[:] = [name for name in folders if not name.startswith(".")]
        visible = (name for name in names if not name.startswith("."))
        yield from (path for name in visible if (path := Path(parent, name)).is_file())


def _raise(error: OSError) -> NoReturn:
    raise error


def _regular(path: Path, argument: str) -> Path:
    if not path.is_file():
        raise SourceError(
            f"{argument} is a pipe or a device.",
            remedy="Give a file, or pass the data to standard input with '-'.",
        )
    return path


def _spelled(argument: str) -> str:
    if is_address(argument):
        return str(address_of(argument))
    return printable(_absolute(argument))


def _absolute(argument: str) -> Path:
    return Path(argument).expanduser().resolve()


def _folder(argument: str) -> Path:
    """The folder below which lies all that an argument can name."""
    path = _absolute(argument)
    if path.is_dir():
        return path
    parents = (parent for parent in path.parents if parent.is_dir())
    return next(parents, path.parent)
