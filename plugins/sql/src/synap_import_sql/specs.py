"""What a mapping asks of the columns."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from synap_import.mapping import MappingDocument

TIMES = ("created_at", "updated_at", "valid_from", "valid_to", "expires_at")
SCOPES = ("user", "agent", "session", "app", "group")


def quoted(column: str) -> str:
    """A column as a path of the mapping language, whatever characters it has."""
    return '"' + column.replace("\\", "\\\\").replace('"', '\\"') + '"'


class Reading(NamedTuple):
    """A field of a mapping and the columns that it looks at; None when it looks at all."""

    field: str
    columns: frozenset[str] | None


def readings(document: MappingDocument) -> Iterator[Reading]:
    """Fields that take their value from columns."""
    for name in type(document).model_fields:
        spec = getattr(document, name)
        if hasattr(spec, "roots") and (roots := spec.roots()) != frozenset():
            yield Reading(name, roots)
    for rule in document.skip_if:
        yield Reading("skip_if", rule.roots())


def plain_column(spec: Any) -> str | None:
    """The column that holds the value of a field as it is; None where it takes more to know."""
    if spec is None or getattr(spec, "hash", None) or spec.jmespath is not None:
        return None
    if getattr(spec, "const", None) is not None or getattr(spec, "default", None) is not None:
        return None
    paths = spec.paths()
    if len(paths) != 1 or len(paths[0].steps) != 1:
        return None
    root: str | None = paths[0].root
    return root


def opened_columns(document: MappingDocument) -> frozenset[str]:
    """Columns into which the mapping looks: JSON, if they hold text."""
    opened: set[str] = set()
    for name in type(document).model_fields:
        spec = getattr(document, name)
        if not hasattr(spec, "roots"):
            continue
        if spec.jmespath is not None and name != "content":
            opened |= spec.roots() or frozenset()
        deep = (path for path in spec.paths() if len(path.steps) > 1 or name == "metadata")
        opened |= {path.root for path in deep if path.root is not None}
    return frozenset(opened)


def wanted_columns(
    document: MappingDocument, columns: Iterable[str], always: Iterable[str]
) -> tuple[str, ...]:
    """Columns to ask for: all, but for those that the mapping drops and reads nowhere else."""
    roots = [one.columns for one in readings(document)]
    if None in roots:
        return tuple(columns)
    read = frozenset(always).union(*(one for one in roots if one is not None))
    if document.unmapped == "drop":
        return tuple(one for one in columns if one in read)
    dropped = frozenset(document.metadata.drop) if document.metadata is not None else frozenset()
    return tuple(one for one in columns if one in read or one not in dropped)
