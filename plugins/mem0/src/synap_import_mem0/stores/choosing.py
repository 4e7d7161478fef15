"""Which of a store's collections or tables holds the memories."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from synap_import import ConfigurationError, SourceError

from .tables_to_skip import is_beside


def to_count(names: Iterable[str], wanted: str | None) -> list[str]:
    """Those whose rows must be counted to choose, and to say what is not read."""
    beside = [name for name in names if is_beside(name)]
    candidates = [name for name in names if not is_beside(name)]
    return beside if wanted is not None or len(candidates) < 2 else [*beside, *candidates]


def choose(found: Mapping[str, int | None], wanted: str | None, *, noun: str, where: str) -> str:
    """The one that ``--collection`` names, else the only one that can hold memories.

    ``found`` has the number of rows where it is known.
    Raises ConfigurationError when several remain or the named one is not there, SourceError
    when there is none.
    """
    if wanted is not None:
        if wanted in found:
            return wanted
        there = f"It has {_listed(found)}." if found else f"It has no {noun} of Mem0 at all."
        raise ConfigurationError(
            f"{where} has no {noun} '{wanted}'. {there}", remedy="Check --collection."
        )
    candidates = {name: rows for name, rows in found.items() if not is_beside(name)}
    if len(candidates) > 1:
        raise ConfigurationError(
            f"{where} has more than one {noun} that can hold memories: {_listed(candidates)}.",
            remedy="Say which one with --collection NAME.",
        )
    if not candidates:
        beside = f" but {_listed(found)}" if found else ""
        raise SourceError(
            f"{where} has no {noun} with memories{beside}.",
            remedy="Check the address; Mem0 calls it 'mem0' (library) or 'memories' (server) "
            "unless its configuration says otherwise.",
        )
    return next(iter(candidates))


def _listed(found: Mapping[str, int | None]) -> str:
    return ", ".join(
        name if rows is None else f"{name} ({rows} rows)" for name, rows in sorted(found.items())
    )
