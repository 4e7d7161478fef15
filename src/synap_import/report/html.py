"""The report as one page that needs nothing else: no network, no other file.

Every value is escaped by the template engine or by :mod:`.charts.marks`. Even if something
slipped past that, the page's own policy lets nothing run, load or be sent but its one script and
its one style sheet, by their hashes.
"""

from __future__ import annotations

import hashlib
from base64 import b64encode
from importlib.resources import files
from typing import TYPE_CHECKING, Any

import svg
from jinja2 import DictLoader, Environment, StrictUndefined, Template
from markupsafe import Markup

from . import views, words
from .charts.marks import path
from .verdicts import Standing, judge

if TYPE_CHECKING:
    from .facts import Facts

_PAGE = "page.html.jinja"


def as_html(facts: Facts) -> str:
    """The whole page."""
    style, script = _part("page.css"), _part("page.js")
    verdict = judge(facts)
    html = _template().render(
        title=words.shown(f"{verdict.headline}: {facts.about.title}", 120),
        policy=_policy(style, script),
        style=style,
        script=script,
        verdict=verdict,
        sign=_sign(verdict.standing),
        names=words.NAMES,
        **views.page(facts),
    )
    return html.strip() + "\n"


def _template() -> Template:
    environment = Environment(
        autoescape=True,
        loader=DictLoader({_PAGE: _part(_PAGE)}),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(number=words.number, moment=words.moment, shown=words.shown)
    return environment.get_template(_PAGE)


def _part(name: str) -> Markup:
    # Files of this package, which hold no "</style" or "</script".
    return Markup(files(__package__).joinpath(name).read_text(encoding="utf-8"))  # noqa: S704


def _policy(style: str, script: str) -> Markup:
    policy = (
        f"default-src 'none'; style-src '{_hash(style)}'; script-src '{_hash(script)}'; "
        "img-src data:; base-uri 'none'; form-action 'none'"
    )
    return Markup(policy)  # noqa: S704 - quotes and all, it is ours


def _hash(text: str) -> str:
    return f"sha256-{b64encode(hashlib.sha256(text.encode()).digest()).decode()}"


def _sign(standing: Standing) -> Markup:
    """A tick, an exclamation mark or a cross, so that colour is not all that tells."""
    drawn: dict[Standing, list[svg.PathData]] = {
        Standing.GOOD: [svg.M(9.5, 16.5), svg.L(14, 21), svg.L(22.5, 11.5)],
        Standing.ATTENTION: [svg.M(16, 8.5), svg.L(16, 17.5), svg.M(16, 23), svg.L(16, 23.1)],
        Standing.BAD: [svg.M(11, 11), svg.L(21, 21), svg.M(21, 11), svg.L(11, 21)],
    }
    picture: Any = svg.SVG(
        viewBox=svg.ViewBoxSpec(0, 0, 32, 32),
        class_=["sign"],
        extra={"aria-hidden": "true"},
        elements=[
            svg.Circle(cx=16, cy=16, r=16, class_=["disc"]),
            path(drawn[standing], "stroke"),
        ],
    )
    return Markup(picture.as_str())  # noqa: S704 - ours
