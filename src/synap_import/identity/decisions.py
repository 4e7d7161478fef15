"""What a row of the user map decides, and what makes a row contradict itself."""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple

from synap_import.records import ScopeKind

from .patterns import Pattern
from .user_map import SOURCE_ID, Decision, Target, Verdict


class Action(StrEnum):
    """What the column ``action`` may hold."""

    MAP = "map"
    KEEP = "keep"
    SKIP = "skip"
    CUSTOMER_SCOPE = "customer-scope"
    CLIENT_SCOPE = "client-scope"


class Cells(NamedTuple):
    """The cells that decide; ``source_id`` None is the rule for the rest of its kind."""

    action: Action | None
    kind: ScopeKind
    source_id: str | Pattern | None
    user_id: str
    customer_id: str


def contradiction(cells: Cells) -> tuple[str, str] | None:
    """The column and the reason why a row cannot be obeyed, if it cannot."""
    if cells.action is Action.KEEP and cells.kind is not ScopeKind.USER:
        return "action", (
            f"keep is for users only; for this {cells.kind} use map with the user_id"
            f" {SOURCE_ID}, or with a user_id of your own"
        )
    if cells.action is Action.KEEP and isinstance(cells.source_id, Pattern):
        return "action", (
            f"keep is not for patterns; use map, with a part or {SOURCE_ID} in user_id"
        )
    if wrong := _wrong_user_id(cells):
        return "user_id", wrong
    if wrong := _wrong_customer_id(cells):
        return "customer_id", wrong
    return None


def decision(cells: Cells) -> Decision:
    """What a row without contradiction decides."""
    match cells.action:
        case Action.SKIP:
            return Verdict.SKIPPED
        case None if not cells.user_id:
            return Verdict.UNDECIDED
        case Action.KEEP:
            target = Target(SOURCE_ID, cells.customer_id or None)
        case _:
            target = Target(cells.user_id or None, cells.customer_id or None)
    return target.filled(cells.source_id) if isinstance(cells.source_id, str) else target


def _wrong_user_id(cells: Cells) -> str | None:
    match cells.action:
        case Action.MAP if not cells.user_id:
            return "is empty, but the action is map"
        case Action.KEEP if cells.user_id not in {"", SOURCE_ID, cells.source_id}:
            return "differs from source_id, but the action is keep"
        case Action.SKIP | Action.CUSTOMER_SCOPE | Action.CLIENT_SCOPE if cells.user_id:
            return f"is filled, but the action is {cells.action}"
    return None


def _wrong_customer_id(cells: Cells) -> str | None:
    match cells.action:
        case Action.CUSTOMER_SCOPE if not cells.customer_id:
            return "is empty, but the action is customer-scope"
        case Action.CLIENT_SCOPE if cells.customer_id:
            return "is filled, but the action is client-scope"
    return None
