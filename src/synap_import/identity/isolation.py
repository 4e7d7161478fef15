"""Synap's rule about customer ids, checked before anything is sent."""

from __future__ import annotations

from typing import TYPE_CHECKING

from synap_import.errors import UserMapError

from .user_map import Target

if TYPE_CHECKING:
    from collections.abc import Callable

    from .user_map import UserMap

B2C = "equals_customer"
B2B = "strict"


def apply_isolation_rule(
    user_map: UserMap, *, isolation: str | None, customer_id: str | None = None
) -> UserMap:
    """The map with ``customer_id`` for the users that have none, if the instance takes it.

    ``isolation`` is the instance's own word, ``equals_customer`` (B2C) or ``strict`` (B2B);
    with any other nothing is checked. Raises UserMapError when Synap would refuse documents.
    """
    if isolation == B2C:
        _refuse_customers(user_map, customer_id)
    filled = user_map.with_default_customer(customer_id or None)
    if isolation == B2B:
        _refuse_users_alone(filled)
    return filled


def _refuse_customers(user_map: UserMap, customer_id: str | None) -> None:
    why = "this Synap instance is B2C: it answers 400 to every document that carries one"
    if customer_id:
        text = f"--customer-id was given, and {why}."
        raise UserMapError(text, remedy="Leave out --customer-id.")
    count, where = _matching(user_map, lambda target: target.customer_id is not None)
    if count:
        raise UserMapError(
            f"{user_map.origin} has a customer_id in {where}, and {why}.",
            remedy="Empty the column customer_id; give rows with customer-scope another action.",
        )


def _refuse_users_alone(user_map: UserMap) -> None:
    def alone(target: Target) -> bool:
        return target.user_id is not None and target.customer_id is None

    count, where = _matching(user_map, alone)
    if count:
        raise UserMapError(
            f"{user_map.origin} has a user_id without customer_id in {where}, and this Synap"
            " instance is B2B: it answers 400 to every document of a user without customer.",
            remedy="Fill the column customer_id (add it where the file has none), or give one for"
            " all with --customer-id.",
        )


def _matching(user_map: UserMap, wanted: Callable[[Target], bool]) -> tuple[int, str]:
    """How many rows have such a target, and words that say where the first ones are."""
    lines = [
        row.line
        for row in user_map.rows()
        if isinstance(row.decision, Target) and wanted(row.decision)
    ]
    if not any(lines):
        return len(lines), "every row"
    first = ", ".join(str(line) for line in sorted(lines)[:5])
    rows = f"1 row (line {first}" if len(lines) == 1 else f"{len(lines)} rows (lines {first}"
    return len(lines), f"{rows}, …)" if len(lines) > 5 else f"{rows})"
