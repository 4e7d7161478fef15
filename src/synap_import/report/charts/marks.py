"""What pictures are made of: escaped texts, short numbers, scales with round ticks."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import svg
from markupsafe import Markup, escape

Anchor = Literal["start", "middle", "end"]


@dataclass(frozen=True, slots=True)
class Size:
    """For what width a picture is made: a window's or a phone's."""

    name: Literal["wide", "narrow"]
    width: int

    @property
    def is_narrow(self) -> bool:
        """Whether room is scarce."""
        return self.name == "narrow"


SIZES = (Size("wide", 920), Size("narrow", 360))


def picture(size: Size, height: float, name: str, elements: Sequence[svg.Element]) -> Markup:
    """An image with a name for those who cannot see it; a table beside it has the numbers."""
    return _markup(
        svg.SVG(
            viewBox=svg.ViewBoxSpec(0, 0, size.width, short(height)),
            class_=["chart", size.name],
            extra={"role": "img", "aria-label": str(escape(name))},
            elements=list(elements),
        )
    )


def ornament(width: float, height: float, elements: Sequence[svg.Element]) -> Markup:
    """A picture that says nothing which is not written beside it; it stretches to its place."""
    return _markup(
        svg.SVG(
            viewBox=svg.ViewBoxSpec(0, 0, short(width), short(height)),
            preserveAspectRatio=svg.PreserveAspectRatio("none"),
            class_=["bar"],
            extra={"aria-hidden": "true"},
            elements=list(elements),
        )
    )


def rect(
    x: float, y: float, width: float, height: float, *classes: str, title: str = ""
) -> svg.Element:
    """A rectangle, with a title that shows under the pointer."""
    return svg.Rect(
        x=short(x),
        y=short(y),
        width=short(width),
        height=short(height),
        class_=list(classes),
        elements=_titled(title),
    )


def path(data: Sequence[svg.PathData], *classes: str, title: str = "") -> svg.Element:
    """A path, with a title that shows under the pointer."""
    return svg.Path(d=list(data), class_=list(classes), elements=_titled(title))


def line(x1: float, y1: float, x2: float, y2: float, *classes: str) -> svg.Element:
    """A straight line."""
    return svg.Line(x1=short(x1), y1=short(y1), x2=short(x2), y2=short(y2), class_=list(classes))


def label(text: str, x: float, y: float, *classes: str, anchor: Anchor = "start") -> svg.Element:
    """Words, escaped."""
    return svg.Text(
        text=str(escape(text)),
        x=short(x),
        y=short(y),
        class_=list(classes),
        text_anchor=anchor,
    )


def counted_label(name: str, count: str, x: float, y: float, *classes: str) -> svg.Element:
    """Words and, in another style behind them, a count; both escaped."""
    spans: list[svg.Element] = [
        svg.TSpan(text=str(escape(name)), class_=["name"]),
        svg.TSpan(text=str(escape(count)), dx=7, class_=["count"]),
    ]
    return svg.Text(x=short(x), y=short(y), class_=list(classes), elements=spans)


def hoverable(elements: Sequence[svg.Element], title: str) -> svg.Element:
    """Elements that belong together, with a title that shows under the pointer."""
    return svg.G(class_=["hover"], elements=[*_titled(title), *elements])


def short(value: float) -> float:
    """A coordinate with no more digits than can be seen."""
    rounded = round(float(value), 1)
    return int(rounded) if rounded.is_integer() else rounded


def ticks(most: float, about: int = 4) -> list[float]:
    """Round numbers from 0 to at least the largest value, about so many."""
    if most <= 0:
        return [0, 1]
    raw = most / about
    magnitude = 10 ** math.floor(math.log10(raw))
    step = next(factor * magnitude for factor in (1, 2, 5, 10) if factor * magnitude >= raw * 0.999)
    if most >= 1:
        step = max(1, step)  # whole things are counted
    return [index * step for index in range(math.ceil(most / step - 1e-9) + 1)]


def cut(text: str, characters: int) -> str:
    """The text, cut to what a label has room for."""
    return text if len(text) <= characters else text[: characters - 1].rstrip() + "…"


def _titled(title: str) -> list[svg.Element]:
    return [svg.Title(text=str(escape(title)))] if title else []


def _markup(picture: svg.SVG) -> Markup:
    # Everything in it is a number, a class of ours, or was escaped above.
    return Markup(picture.as_str())  # noqa: S704
