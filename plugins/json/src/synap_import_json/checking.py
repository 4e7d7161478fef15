"""What is said about the inputs before they are read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Any

from synap_import import Finding, Severity, SourceError

from .items import Position
from .making import RecordMaker, is_own, version_problem
from .tables import FALLBACK_ENCODING
from .values import decode

if TYPE_CHECKING:
    from .formats import Layout
    from .inputs import Input

_SAMPLES = 20
_UNITS = ("bytes", "KB", "MB", "GB", "TB")


@dataclass(frozen=True, slots=True)
class Sighting:
    """An input, how it will be read, and the first objects in it."""

    source: Input
    layout: Layout
    samples: tuple[dict[str, Any], ...] = ()
    problem: str = ""


def look_at(source: Input, layout: Layout) -> Sighting:
    """Read the first few items of an input."""
    samples, problem = [], ""
    for item in islice(layout.items(source.look(), Position()), _SAMPLES):
        try:
            content = item.content
            if item.flaw:
                raise ValueError(item.flaw)
            samples.append(content if isinstance(content, dict) else decode(content))
        except ValueError as error:
            problem = problem or f"{source.name}{layout.place(item.number)}: {error}"
    return Sighting(source, layout, tuple(samples), problem)


def title_of(sightings: Sequence[Sighting]) -> str:
    """How many inputs there are, how large they are, and what is in them."""
    formats = Counter(sighting.layout.format for sighting in sightings)
    kinds = ", ".join(f"{name} ({count})" for name, count in formats.most_common())
    sizes = [sighting.source.size() for sighting in sightings]
    if None in sizes:
        return f"{sightings[0].source.name}: {kinds}"
    count = "1 file" if len(sizes) == 1 else f"{len(sizes)} files"
    return f"{count}, {_in_units(sum(size or 0 for size in sizes))}: {kinds}"


def findings_of(sightings: Sequence[Sighting], maker: RecordMaker) -> tuple[Finding, ...]:
    """What the owner of the data should know. Raises SourceError when nothing can be read."""
    if all(not sighting.samples and not sighting.problem for sighting in sightings):
        names = ", ".join(sighting.source.name for sighting in sightings[:5])
        raise SourceError(f"There are no records in {names}.", remedy="Give files with data.")
    about_files = (finding for sighting in sightings for finding in _about(sighting))
    return (*about_files, *_about_mapping(sightings, maker))


def _about(sighting: Sighting) -> Iterable[Finding]:
    name, layout = sighting.source.name, sighting.layout
    if not sighting.samples:
        message = sighting.problem or f"{name} has no records."
        code = "nothing-readable" if sighting.problem else "empty-file"
        yield Finding(Severity.WARNING, code, message, "Look into the file.")
    if layout.table is not None and layout.table.encoding == FALLBACK_ENCODING:
        yield Finding(
            Severity.WARNING,
            "assumed-encoding",
            f"{name} is not UTF-8; it is read as Western European Windows text (cp1252).",
            "If letters come out wrong, save the file as UTF-8.",
        )
    if layout.unread:
        yield Finding(
            Severity.WARNING,
            "envelope-not-read",
            f"In {name}, only '{'.'.join(layout.path)}' is read.",
            "To read another list, name it in 'records:' of a mapping file.",
            count=len(layout.unread),
            examples=layout.unread[:10],
        )


def _about_mapping(sightings: Sequence[Sighting], maker: RecordMaker) -> Iterable[Finding]:
    foreign = []
    for sighting in sightings:
        for sample in sighting.samples:
            if not is_own(sample):
                foreign.append(sample)
            elif problem := version_problem(sample):
                raise SourceError(f"{sighting.source.name}: {problem}.")
        if maker.built_in:
            _require_content(sighting, maker)
    if maker.built_in and foreign:
        yield _built_in(foreign, maker)


def _require_content(sighting: Sighting, maker: RecordMaker) -> None:
    foreign = [sample for sample in sighting.samples if not is_own(sample)]
    names = maker.names("content")
    if foreign and not any(name in sample for sample in foreign for name in names):
        keys = ", ".join(list(foreign[0])[:20])
        raise SourceError(
            f"{sighting.source.name} has no field named {' or '.join(names)}. The first "
            f"record has: {keys}.",
            remedy="Say in a mapping file what these are: --mapping mapping.yaml "
            "(see docs/mapping.md).",
        )


def _built_in(samples: Sequence[dict[str, Any]], maker: RecordMaker) -> Finding:
    contents, users = (maker.names_in(samples, field) for field in ("content", "user"))
    whose = f"the user's id from {' or '.join(users)}" if users else "no user id is found"
    return Finding(
        Severity.INFO,
        "built-in-mapping",
        f"No mapping was given: the text is taken from {' or '.join(contents)}, {whose}.",
        "If that is wrong, say what the fields are: --mapping mapping.yaml (see docs/mapping.md).",
    )


def _in_units(size: float) -> str:
    for unit in _UNITS[:-1]:
        if size < 1000:
            return f"{size:.1f} {unit}" if unit != _UNITS[0] else f"{size} {unit}"
        size /= 1000
    return f"{size:.1f} {_UNITS[-1]}"
