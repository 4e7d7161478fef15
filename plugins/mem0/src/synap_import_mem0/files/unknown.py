"""What is said about a file of which nobody here knows what it is."""

from __future__ import annotations

import sqlite3
import zipfile
from contextlib import closing
from pathlib import Path
from shlex import quote
from typing import Any

from synap_import import SourceError

from .looking import Look, Shape, look_at
from .registry import READS

_NAMES = 12
_SQLITE = b"SQLite format 3\0"


def unknown(path: Path) -> SourceError:
    """The error: what was found, what this source reads, and the way for other shapes."""
    return SourceError(
        f"{path} is {described(path)}, which is no known form of Mem0's data.",
        remedy=f"This source reads {READS}. Other JSON or CSV can be read with "
        f"`synap-import json {quote(str(path))} --mapping mapping.yaml`.",
    )


def described(path: Path) -> str:
    """What a file or folder is, in a few words. Raises SourceError when it cannot be read."""
    try:
        if path.is_dir():
            return f"a folder with {_listed([one.name for one in sorted(path.iterdir())])}"
        with path.open("rb") as file:
            head = file.read(len(_SQLITE))
    except OSError as error:
        raise SourceError(f"{path} cannot be read: {error.strerror or error}.") from error
    if not head:
        return "an empty file"
    if head == _SQLITE:
        return _database(path)
    if zipfile.is_zipfile(path):
        return _archive(path)
    found = look_at(path)
    if found is not None:
        return _json(found)
    return "a file of bytes that are no text" if b"\0" in head else "a text that is not JSON"


def _json(found: Look) -> str:
    if found.shape is Shape.ENVELOPE or (found.shape is Shape.OBJECTS and len(found.items) == 1):
        return f"a JSON object with the keys {_listed(list(found.fields))}"
    shape = {Shape.LIST: "a JSON list of", Shape.LINES: "JSON Lines of"}.get(found.shape, "JSON:")
    if found.items:
        return f"{shape} objects with the keys {_listed(list(found.items[0]))}"
    kinds = sorted({_kind(value) for value in found.samples.get("", ())})
    return f"{shape} {' and '.join(kinds) or 'nothing'}"


def _kind(value: Any) -> str:
    names = {str: "texts", list: "lists", dict: "objects", bool: "truth values"}
    return names.get(type(value), "nothing" if value is None else "numbers")


def _database(path: Path) -> str:
    uri = f"{path.resolve().as_uri()}?mode=ro&immutable=1"
    try:
        with closing(sqlite3.connect(uri, uri=True)) as connection:
            rows = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
            names = sorted(str(name) for (name,) in rows)
    except sqlite3.Error:
        return "a damaged SQLite database"
    return f"a SQLite database with the tables {_listed(names)}"


def _archive(path: Path) -> str:
    try:
        with zipfile.ZipFile(path) as archive:
            return f"a zip archive with {_listed(archive.namelist())}"
    except (OSError, zipfile.BadZipFile, NotImplementedError):
        return "a damaged zip archive"


def _listed(names: list[str]) -> str:
    shown = [name[:60].encode("utf-8", "replace").decode() for name in names[:_NAMES]]
    more = [f"{len(names) - _NAMES} more"] if len(names) > _NAMES else []
    return ", ".join(shown + more) or "nothing in it"
