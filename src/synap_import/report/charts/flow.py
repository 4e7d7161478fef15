"""The way of the records, from exported to what became of them, as a flow (a Sankey diagram)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import svg

from synap_import.report.words import counted, number, parts, percent, shown

from .marks import Size, counted_label, cut, hoverable, label, path, picture, rect, short

if TYPE_CHECKING:
    from markupsafe import Markup

    from synap_import.report.facts import Facts, Reason

_VALUES_HEIGHT = 230.0
_SLOT, _GAP, _NODE = 20.0, 6.0, 10.0
_REASONS = 4


@dataclass(frozen=True, slots=True)
class Leaf:
    """Where records end: ``outcome`` gives the colour."""

    outcome: str
    name: str
    count: int


@dataclass(frozen=True, slots=True)
class Placed:
    """A node in its place: its middle and its height."""

    name: str
    outcome: str
    count: int
    middle: float
    height: float

    @property
    def top(self) -> float:
        """Its upper edge."""
        return self.middle - self.height / 2


def flow_chart(facts: Facts, size: Size) -> Markup:
    """The picture; something must have been exported."""
    return _two_columns(facts, size) if size.is_narrow else _three_columns(facts, size)


def leaves(facts: Facts) -> list[Leaf]:
    """What became of the records in the end, finer than their outcome where more is known."""
    found: list[Leaf] = []
    for outcome, name, count in parts(facts.account.outcomes):
        match outcome:
            case "loaded":
                found += _loaded(facts, count)
            case "held":
                found += _by_reason(outcome, facts.held)
            case "rejected":
                found += _by_reason(outcome, facts.rejected)
            case _:
                found.append(Leaf(outcome, name, count))
    return found


def _loaded(facts: Facts, count: int) -> list[Leaf]:
    confirmed = facts.confirmed
    said = {
        "confirmed": confirmed.ingested,
        "confirmed in part": confirmed.partly,
        "still processing": confirmed.processing,
        "unknown to Synap": confirmed.unknown,
    }
    found = [Leaf("loaded", name, n) for name, n in said.items() if n]
    rest = count - sum(leaf.count for leaf in found)
    return [*found, Leaf("loaded", "not asked about", rest)] if rest else found


def _by_reason(outcome: str, reasons: Sequence[Reason]) -> list[Leaf]:
    told = reasons if len(reasons) <= _REASONS + 1 else reasons[:_REASONS]
    found = [Leaf(outcome, shown(one.reason, 80), one.count) for one in told]
    rest = sum(one.count for one in reasons[len(told) :])
    if rest:
        found.append(Leaf(outcome, f"{number(len(reasons) - len(told))} other reasons", rest))
    return found


def _three_columns(facts: Facts, size: Size) -> Markup:
    exported = facts.account.exported
    scale = _VALUES_HEIGHT / exported
    outcomes = [Leaf(field, name, n) for field, name, n in parts(facts.account.outcomes)]
    last = [leaf for leaf in leaves(facts) if leaf.outcome in ("loaded", "held", "rejected")]
    middle_column = _column(outcomes, scale)
    last_column = _column(last, scale)
    height = max(_bottom(middle_column), _bottom(last_column), _VALUES_HEIGHT) + 4
    x0, x1, x2 = 84.0, 350.0, 616.0
    root = _root(exported)
    elements = _links(root, middle_column, x0 + _NODE, x1, scale)
    for node in middle_column:
        targets = [one for one in last_column if one.outcome == node.outcome]
        elements += _links(node, targets, x1 + _NODE, x2, scale)
    elements += _root_label(root, x0)
    for column, x, characters in ((middle_column, x1, 30), (last_column, x2, 33)):
        for node in column:
            elements += _node(node, x, exported, characters)
    return picture(size, height, _name(facts), elements)


def _two_columns(facts: Facts, size: Size) -> Markup:
    exported = facts.account.exported
    scale = _VALUES_HEIGHT / exported
    top = 26.0  # for the label of the root
    column = _column(leaves(facts), scale, top)
    height = max(_bottom(column), _VALUES_HEIGHT + top) + 4
    root = _root(exported, top)
    x0, x1 = 0.0, 110.0
    elements = _links(root, column, x0 + _NODE, x1, scale)
    elements.append(rect(x0, root.top, _NODE, root.height, "node", "ink"))
    elements.append(label(f"exported {number(exported)}", x0, root.top - 10, "name"))
    for node in column:
        elements += _node(node, x1, exported, 22, with_outcome=node.outcome in ("held", "rejected"))
    return picture(size, height, _name(facts), elements)


def _column(nodes: Sequence[Leaf], scale: float, top: float = 0.0) -> list[Placed]:
    """Nodes one below the other, each with the room that its label needs."""
    placed = []
    y = top
    for node in nodes:
        height = max(node.count * scale, 2.0)
        slot = max(height, _SLOT)
        placed.append(Placed(node.name, node.outcome, node.count, y + slot / 2, height))
        y += slot + _GAP
    return placed


def _bottom(column: Sequence[Placed]) -> float:
    return max((node.middle + max(node.height, _SLOT) / 2 for node in column), default=0.0)


def _root(exported: int, top: float = 0.0) -> Placed:
    return Placed("exported", "ink", exported, top + _VALUES_HEIGHT / 2, _VALUES_HEIGHT)


def _root_label(root: Placed, x: float) -> list[svg.Element]:
    return [
        rect(x, root.top, _NODE, root.height, "node", "ink"),
        label("exported", x - 10, root.middle - 4, "name", anchor="end"),
        label(number(root.count), x - 10, root.middle + 14, "count", anchor="end"),
    ]


def _links(
    source: Placed, targets: Sequence[Placed], x0: float, x1: float, scale: float
) -> list[svg.Element]:
    """Ribbons from a node to those that it becomes, as thick as what flows there."""
    ribbons = []
    y = source.top
    bend = (x0 + x1) / 2
    for target in targets:
        thickness = target.count * scale
        top, bottom = target.top, target.top + target.height
        data: list[svg.PathData] = [
            svg.M(short(x0), short(y)),
            svg.C(*map(short, (bend, y, bend, top, x1, top))),
            svg.L(short(x1), short(bottom)),
            svg.C(*map(short, (bend, bottom, bend, y + thickness, x0, y + thickness))),
            svg.Z(),
        ]
        title = f"{source.name} → {target.name}: {counted(target.count, 'record')}"
        ribbons.append(path(data, "ribbon", target.outcome, title=title))
        y += thickness
    return ribbons


def _node(
    node: Placed, x: float, exported: int, characters: int, *, with_outcome: bool = False
) -> list[svg.Element]:
    name = f"{node.outcome}: {node.name}" if with_outcome else node.name
    title = f"{name}: {counted(node.count, 'record')}, {percent(node.count, exported)}"
    # What is smaller than its label has ribbons behind the words.
    outlined = ["outlined"] if node.height < _SLOT else []
    x_of_text, y_of_text = x + _NODE + 8, node.middle + 4.5
    text = counted_label(cut(name, characters), number(node.count), x_of_text, y_of_text, *outlined)
    return [hoverable([rect(x, node.top, _NODE, node.height, "node", node.outcome), text], title)]


def _name(facts: Facts) -> str:
    said = ", ".join(f"{name} {number(n)}" for _, name, n in parts(facts.account.outcomes))
    return f"Flow: {number(facts.account.exported)} exported records became {said}"
