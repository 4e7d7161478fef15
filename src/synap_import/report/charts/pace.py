"""How the runs went: records a second above, batches under way below, over the time of work."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise
from operator import attrgetter
from typing import TYPE_CHECKING

import svg

from synap_import.report.words import clock, number

from .marks import Size, label, line, path, picture, rect, short, ticks

if TYPE_CHECKING:
    from markupsafe import Markup

    from synap_import.report.runs import Stretch

_LEFT, _RIGHT = 52, 8
_TOP, _RATES, _BETWEEN, _BATCHES, _BOTTOM = 24, 130, 40, 70, 26


@dataclass(frozen=True, slots=True)
class Panel:
    """Where a curve is drawn; its name gives the colour."""

    name: str
    top: float
    floor: float
    size: Size


def pace_chart(work: Sequence[Stretch], size: Size) -> Markup:
    """The picture; there must be a stretch of work."""
    end = work[-1].end
    scale = (size.width - _LEFT - _RIGHT) / end
    rates_floor = _TOP + _RATES
    batches_top = rates_floor + _BETWEEN
    floor = batches_top + _BATCHES
    elements = [
        *_confirming(work, scale, floor),
        label("records a second", 0, 12, "axis"),
        *_curve([one.rate for one in work], work, Panel("rate", _TOP, rates_floor, size), scale),
        label("batches under way", 0, batches_top - 12, "axis"),
        *_curve(
            [float(one.in_flight) for one in work],
            work,
            Panel("batches", batches_top, floor, size),
            scale,
        ),
        *_resumes(work, scale, floor),
        *_clock(end, scale, floor, size),
    ]
    return picture(size, floor + _BOTTOM, _name(work), elements)


def _curve(
    values: Sequence[float], work: Sequence[Stretch], panel: Panel, scale: float
) -> list[svg.Element]:
    """A value for each stretch: flat as long as that lasts."""
    marks = ticks(max(values), 3 if panel.floor - panel.top > 100 else 2)
    unit = (panel.floor - panel.top) / marks[-1]
    elements: list[svg.Element] = []
    for mark in marks:
        y = panel.floor - mark * unit
        elements.append(line(_LEFT, y, panel.size.width - _RIGHT, y, "grid"))
        elements.append(label(number(mark), _LEFT - 8, y + 4, "tick", anchor="end"))
    outline: list[svg.PathData] = []
    for value, one in zip(values, work, strict=True):
        x0, x1 = short(_LEFT + one.begin * scale), short(_LEFT + one.end * scale)
        y = short(panel.floor - value * unit)
        outline += [svg.L(x0, y), svg.L(x1, y)]
    start, end = short(_LEFT), short(_LEFT + work[-1].end * scale)
    floor = short(panel.floor)
    area = [svg.M(start, floor), *outline, svg.L(end, floor), svg.Z()]
    stroke = [svg.M(start, floor), *outline]
    return [*elements, path(area, "area", panel.name), path(stroke, "stroke", panel.name)]


def _confirming(work: Sequence[Stretch], scale: float, floor: float) -> list[svg.Element]:
    """Shades the time in which Synap is asked what it made of the documents."""
    bands: list[svg.Element] = []
    for is_confirming, together in groupby(work, key=attrgetter("is_confirming")):
        if is_confirming:
            first, *others = together
            last = others[-1] if others else first
            x, width = _LEFT + first.begin * scale, (last.end - first.begin) * scale
            bands.append(rect(x, _TOP, width, floor - _TOP, "confirming"))
            if width > 80:
                bands.append(label("confirming", x + 6, _TOP + 14, "tick"))
    return bands


def _resumes(work: Sequence[Stretch], scale: float, floor: float) -> list[svg.Element]:
    marks: list[svg.Element] = []
    for before, after in pairwise(work):
        if before.run != after.run:
            x = _LEFT + after.begin * scale
            marks.append(line(x, _TOP - 8, x, floor, "resumed"))
            marks.append(label("resumed", x + 4, _TOP - 2, "tick"))
    return marks


def _clock(end: float, scale: float, floor: float, size: Size) -> list[svg.Element]:
    about = 3 if size.is_narrow else 7
    marks = [mark for mark in time_ticks(end, about) if mark <= end]
    labels = []
    for mark in marks:
        x = _LEFT + mark * scale
        last = x + 24 > size.width
        labels.append(label(clock(mark), x, floor + 18, "tick", anchor="end" if last else "middle"))
    return labels


def time_ticks(end: float, about: int) -> list[float]:
    """Moments that people count in: seconds, minutes and hours, about so many."""
    if end < about:
        return ticks(end, about)
    steps = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400, 43200, 86400)
    step = next((step for step in steps if end / step <= about), None)
    if step is None:
        step = 86400 * -(-int(end) // (86400 * about))
    return [float(mark) for mark in range(0, int(end) + 1, step)]


def _name(work: Sequence[Stretch]) -> str:
    best = max(one.rate for one in work)
    most = max(one.in_flight for one in work)
    return (
        f"Lines over {clock(work[-1].end)} of work: up to {number(best)} records a second, "
        f"up to {most} batches under way"
    )
