"""What pip brings for a distribution: it and all that it requires, as this environment has them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from importlib.metadata import Distribution, distribution

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name


def closure(*requirements: str) -> frozenset[str]:
    """The names of all that pip would bring for these: ``name`` or ``name[extra]``."""
    found: set[str] = set()
    seen: set[tuple[str, str]] = set()
    left = [Requirement(one) for one in requirements]
    while left:
        wanted = left.pop()
        name = canonicalize_name(wanted.name)
        found.add(name)
        for extra in ("", *wanted.extras):
            if (name, extra) not in seen:
                seen.add((name, extra))
                left += _required(distribution(name), extra)
    return frozenset(found)


def _required(by: Distribution, extra: str) -> Iterator[Requirement]:
    for text in by.requires or ():
        one = Requirement(text)
        if one.marker is None:
            if not extra:
                yield one
        elif one.marker.evaluate({"extra": extra}):
            yield one


def top_names(names: Iterable[str]) -> frozenset[str]:
    """What lies in site-packages of these distributions: folders and files, by name."""
    return frozenset(
        file.parts[0]
        for name in names
        for file in distribution(name).files or ()
        if file.parts[0] not in ("..", "/", "__pycache__")
    )
