"""The user map itself: what was decided for each owner that a source knows."""

from __future__ import annotations

import hashlib
from array import array
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

from synap_import.records import ScopeKind

from .patterns import Pattern, filled

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

SOURCE_ID = "{source_id}"


class Verdict(StrEnum):
    """Why a record gets no ids in Synap, and so is held."""

    SKIPPED = "skipped"
    UNDECIDED = "undecided"
    UNMAPPED = "unmapped"
    UNOWNED = "unowned"


class Target(NamedTuple):
    """Whose a record becomes in Synap.

    Without ``user_id`` it is everyone's of that customer; without both ids it can be read
    by every user of every customer, which only the action ``client-scope`` asks for.
    """

    user_id: str | None
    customer_id: str | None

    def filled(self, source_id: str) -> Target:
        """The target with ``{source_id}`` replaced in both ids."""
        if self.user_id == SOURCE_ID and self.customer_id is None:
            return Target(source_id, None)
        return Target(_filled(self.user_id, source_id), _filled(self.customer_id, source_id))

    def filled_from(self, values: Mapping[str, str]) -> Target:
        """The target with every name in braces that has a value replaced in both ids."""
        return Target(
            None if self.user_id is None else filled(self.user_id, values),
            None if self.customer_id is None else filled(self.customer_id, values),
        )

    def with_customer(self, customer_id: str | None) -> Target:
        """The target with a customer where a user has none; wider scopes stay as they are."""
        if customer_id is None or self.user_id is None or self.customer_id is not None:
            return self
        return Target(self.user_id, customer_id)


Decision = Target | Verdict


class Row(NamedTuple):
    """One decision and where it stands. Without ``source_id`` it is the rule for the rest.

    The decision of a pattern or of the rule for the rest has its placeholders still.
    """

    line: int
    kind: ScopeKind
    source_id: str | Pattern | None
    decision: Decision


@dataclass(slots=True)
class Table:
    """The decisions of one scope kind; the key None holds the rule for the rest.

    ``lines`` runs parallel to ``decisions``: a million line numbers stay small this way.
    ``patterns`` are those among the keys, so that an id without a row need not pass all.
    """

    decisions: dict[str | Pattern | None, Decision] = field(default_factory=dict)
    lines: array[int] = field(default_factory=lambda: array("I"))
    patterns: list[Pattern] = field(default_factory=list)

    def add(self, source_id: str | Pattern | None, decision: Decision, line: int) -> None:
        """Add a decision for an id or a pattern that has none yet."""
        self.decisions[source_id] = decision
        self.lines.append(line)
        if isinstance(source_id, Pattern):
            self.patterns.append(source_id)

    def line_of(self, source_id: str | Pattern | None) -> int:
        """The line of a known id. Slow: for messages."""
        known = zip(self.decisions, self.lines, strict=True)
        return next(line for key, line in known if key == source_id)

    def resolve(self, source_id: str) -> Decision:
        """The decision for an id: its own, or else the first fitting pattern's, or the rule's."""
        decision = self.decisions.get(source_id)
        if decision is not None:
            return decision
        for pattern in self.patterns:
            parts = pattern.match(source_id)
            if parts is not None:
                return _from_parts(self.decisions[pattern], parts, source_id)
        rule = self.decisions.get(None, Verdict.UNMAPPED)
        return rule.filled(source_id) if isinstance(rule, Target) else rule


@dataclass(frozen=True)
class UserMap:
    """Source scope to Synap ids. ``origin`` names the file in messages.

    ``gone`` are the lines of those whom the source did not have when the file was written.
    """

    origin: str
    tables: Mapping[ScopeKind, Table]
    default_customer_id: str | None = None
    gone: frozenset[int] = frozenset()

    def resolve(self, owner: tuple[ScopeKind, str] | None) -> Decision:
        """Where the records of an owner go; every owner has an answer."""
        if owner is None:
            return Verdict.UNOWNED
        kind, source_id = owner
        table = self.tables.get(kind)
        return Verdict.UNMAPPED if table is None else self._complete(table.resolve(source_id))

    def row_for(self, owner: tuple[ScopeKind, str]) -> str | Pattern | None:
        """Which row decides about an owner: its own id, a pattern, or None for the rest.

        None also stands for an owner that the map does not know.
        """
        kind, source_id = owner
        table = self.tables.get(kind, Table())
        if source_id in table.decisions:
            return source_id
        fitting = (one for one in table.patterns if one.match(source_id) is not None)
        return next(fitting, None)

    @property
    def covers_every_user(self) -> bool:
        """Whether each user of the source has a decision, also one not seen so far."""
        table = self.tables.get(ScopeKind.USER, Table())
        rules = (None, *table.patterns)
        return all(
            table.decisions.get(rule, Verdict.UNDECIDED) is not Verdict.UNDECIDED for rule in rules
        )

    def rows(self) -> Iterator[Row]:
        """Every decision, kind by kind in the order of the file."""
        for kind in ScopeKind:
            table = self.tables.get(kind, Table())
            for (source_id, decision), line in zip(
                table.decisions.items(), table.lines, strict=True
            ):
                yield Row(line, kind, source_id, self._complete(decision))

    def undecided(self) -> Sequence[Row]:
        """The rows that still wait for a decision.

        Nobody need decide about who is gone; if they come back, their records are held.
        """
        return [
            row
            for row in self.rows()
            if row.decision is Verdict.UNDECIDED and row.line not in self.gone
        ]

    def with_default_customer(self, customer_id: str | None) -> UserMap:
        """The same map, with this customer for every user that has none."""
        return replace(self, default_customer_id=customer_id)

    def fingerprint(self) -> str:
        """A hash of all decisions; of the order of the rows only that of patterns matters."""
        digest = hashlib.sha256()
        patterns: list[bytes] = []
        others: list[bytes] = []
        for row in self.rows():
            (patterns if isinstance(row.source_id, Pattern) else others).append(_canonical(row))
        for line in (*sorted(others), *patterns):
            digest.update(line + b"\n")
        return digest.hexdigest()

    def _complete(self, decision: Decision) -> Decision:
        if isinstance(decision, Target):
            return decision.with_customer(self.default_customer_id)
        return decision


def identity_user_map() -> UserMap:
    """The map of ``--user-map identity``: users keep their ids, nothing else is mapped."""
    users = Table()
    users.add(None, Target(SOURCE_ID, None), 0)
    return UserMap("--user-map identity", {ScopeKind.USER: users})


def _filled(template: str | None, source_id: str) -> str | None:
    if template is None or SOURCE_ID not in template:
        return template
    return template.replace(SOURCE_ID, source_id)


def _from_parts(decision: Decision, parts: Mapping[str, str], source_id: str) -> Decision:
    """What a pattern decides about an id with these parts.

    An id of spaces only would be as good as none, and without ids all could read the record.
    """
    if not isinstance(decision, Target):
        return decision
    target = decision.filled_from({**parts, "source_id": source_id})
    blank = any(own_id is not None and not own_id.strip() for own_id in target)
    return Verdict.UNDECIDED if blank else target


def _canonical(row: Row) -> bytes:
    decision = row.decision
    is_pattern = isinstance(row.source_id, Pattern)
    key = ("pattern", str(row.source_id)) if is_pattern else row.source_id
    ids = (
        (decision.user_id, decision.customer_id) if isinstance(decision, Target) else decision.value
    )
    # ascii() keeps lone surrogates apart and reads the same on every Python.
    return ascii((row.kind.value, key, ids)).encode("ascii")
