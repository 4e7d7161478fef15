"""Memories over their original time: a bar for each step, stacked by what became of them."""

from __future__ import annotations

import math
from datetime import date
from typing import TYPE_CHECKING

from synap_import.report.timelines import next_start
from synap_import.report.words import NAMES, listed, number, span

from .marks import Size, hoverable, label, line, picture, rect, ticks

if TYPE_CHECKING:
    import svg
    from markupsafe import Markup

    from synap_import.report.facts import Outcomes, Step, Timeline

_LEFT, _RIGHT, _TOP, _BOTTOM = 52, 8, 10, 28
_LABEL_WIDTH = 92


def timeline_chart(timeline: Timeline, size: Size) -> Markup:
    """The picture; there must be spans."""
    height = 180 if size.is_narrow else 220
    starts = all_starts(timeline)
    known = {one.start: one.outcomes for one in timeline.spans}
    marks = ticks(max(one.outcomes.total for one in timeline.spans))
    floor = height - _BOTTOM
    scale = (floor - _TOP) / marks[-1]
    room = (size.width - _LEFT - _RIGHT) / len(starts)
    elements: list[svg.Element] = []
    for mark in marks:
        y = floor - mark * scale
        elements.append(line(_LEFT, y, size.width - _RIGHT, y, "grid"))
        elements.append(label(number(mark), _LEFT - 8, y + 4, "tick", anchor="end"))
    for index, start in enumerate(starts):
        if start in known:
            bars = _stack(known[start], _LEFT + index * room, room, floor, scale)
            said = f"{span(start, timeline.step)}: {listed(known[start])}"
            elements.append(hoverable(bars, said))
    elements += _dates(starts, timeline.step, room, height, size)
    return picture(size, height, _name(timeline), elements)


def all_starts(timeline: Timeline) -> list[date]:
    """The first days of all steps, also of those without records."""
    starts = [timeline.spans[0].start]
    last = timeline.spans[-1].start
    while starts[-1] < last:
        starts.append(next_start(starts[-1], timeline.step))
    return starts


def _stack(
    outcomes: Outcomes, x: float, room: float, floor: float, scale: float
) -> list[svg.Element]:
    gap = min(2.0, room * 0.2)
    width = min(room - gap, 56)
    bars = []
    y = floor
    for field in NAMES:
        count = getattr(outcomes, field)
        if count:
            height = max(count * scale, 1)
            y -= height
            bars.append(rect(x + (room - width) / 2, y, width, height, field))
    return bars


def _dates(
    starts: list[date], step: Step, room: float, height: float, size: Size
) -> list[svg.Element]:
    """As many names of steps as have room, the same distance apart."""
    every = max(1, math.ceil(_LABEL_WIDTH / room))
    labels = []
    for index in range(0, len(starts), every):
        x = _LEFT + (index + 0.5) * room
        if x + _LABEL_WIDTH / 2 <= size.width or index == 0:
            text = span(starts[index], step).removeprefix("week of ")
            labels.append(label(text, x, height - 8, "tick", anchor="middle"))
    return labels


def _name(timeline: Timeline) -> str:
    first, last = timeline.spans[0].start, timeline.spans[-1].start
    return (
        f"Bars: records per {timeline.step.value} of their original time, "
        f"{span(first, timeline.step)} to {span(last, timeline.step)}"
    )
