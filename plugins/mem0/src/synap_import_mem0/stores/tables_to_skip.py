"""What lies beside the memories in a store, and is none: counted, said, not read."""

from __future__ import annotations

from collections.abc import Mapping

from synap_import import Finding, Severity

_MIGRATIONS = ("mem0migrations", "memory_migrations")
_ENTITIES = ("_entities", "-entities")


def is_beside(name: str) -> bool:
    """Whether a collection or table of this name is the library's own index or telemetry."""
    return name.rpartition(".")[2] in _MIGRATIONS or name.endswith(_ENTITIES)


def skipped_tables(counts: Mapping[str, int | None]) -> tuple[Finding, ...]:
    """Says which were not read; without a count where nobody counted them."""
    if not counts:
        return ()
    named = tuple(
        name if rows is None else f"{name} ({rows} rows)" for name, rows in sorted(counts.items())
    )
    one = len(named) == 1
    return (
        Finding(
            Severity.INFO,
            "not-memories",
            f"{', '.join(named)} {'holds' if one else 'hold'} what Mem0 derived from memories or "
            f"noted for itself, and {'is' if one else 'are'} not read.",
            count=len(named),
            examples=named,
        ),
    )


def skipped_identities(count: int) -> tuple[Finding, ...]:
    """Says that rows with no memory in them, left by old versions, were not read."""
    if not count:
        return ()
    return (
        Finding(
            Severity.INFO,
            "user-identity-rows",
            f"{count} rows only note who uses the store (user_identity, from old versions of "
            "Mem0) and are not read.",
            count=count,
        ),
    )
