"""What is said about the inputs before they are read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Any

from synap_import import Finding, Severity, SourceError

from .formats import Format, Layout
from .items import Position, excerpt
from .making import RecordMaker, is_own, version_problem
from .naming import about_archives, about_known
from .showing import about_mapped
from .tables import FALLBACK_ENCODING
from .values import decode

if TYPE_CHECKING:
    from .inputs import Input
    from .reading import Reading

_SAMPLES = 20
_UNITS = ("bytes", "KB", "MB", "GB", "TB")


@dataclass(frozen=True, slots=True)
class Sighting:
    """An input, how it will be read, and the first objects in it."""

    reading: Reading
    samples: tuple[dict[str, Any], ...] = ()
    problem: str = ""

    @property
    def source(self) -> Input:
        """What was looked at."""
        return self.reading.source

    @property
    def layout(self) -> Layout:
        """How records lie in it."""
        return self.reading.layout

    @property
    def unknown(self) -> bool:
        """Whether nothing but a mapping says what is in it."""
        return self.reading.known is None


def look_at(reading: Reading) -> Sighting:
    """Read the first few items of an input."""
    source, layout = reading.source, reading.layout
    samples, problem = [], ""
    for item in islice(layout.items(source.look(), Position()), _SAMPLES):
        try:
            content = item.content
            if item.flaw:
                raise ValueError(item.flaw)
            if layout.format is Format.TEXT:
                samples.append({"text": excerpt(content)})
            else:
                samples.append(content if isinstance(content, dict) else decode(content))
        except ValueError as error:
            problem = problem or f"{source.name}{layout.place(item.number)}: {error}"
    return Sighting(reading, tuple(samples), problem)


def title_of(sightings: Sequence[Sighting]) -> str:
    """How many inputs there are, how large they are, and what is in them."""
    formats = Counter(_called(sighting.reading) for sighting in sightings)
    kinds = ", ".join(f"{name} ({count})" for name, count in formats.most_common())
    sizes = [sighting.source.size() for sighting in sightings]
    if None in sizes:
        return f"{sightings[0].source.name}: {kinds}"
    count = "1 file" if len(sizes) == 1 else f"{len(sizes)} files"
    return f"{count}, {_in_units(sum(size or 0 for size in sizes))}: {kinds}"


def _called(reading: Reading) -> str:
    known = reading.known
    if known is None:
        return reading.layout.format.value
    return "left out" if known.aside else known.title


def findings_of(sightings: Sequence[Sighting]) -> tuple[Finding, ...]:
    """What the owner of the data should know. Raises SourceError when nothing can be read."""
    if all(not sighting.samples and not sighting.problem for sighting in sightings):
        names = ", ".join(sighting.source.name for sighting in sightings[:5])
        raise SourceError(f"There are no records in {names}.", remedy="Give files with data.")
    about_files = (finding for sighting in sightings for finding in _about(sighting))
    readings = [sighting.reading for sighting in sightings]
    return (
        *about_files,
        *about_archives(readings),
        *about_known(readings),
        *_about_mapping(sightings),
        *_about_own_mapping(sightings),
    )


def _about(sighting: Sighting) -> Iterable[Finding]:
    name, layout = sighting.source.name, sighting.layout
    if sighting.reading.aside:
        return
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
    if layout.unread and sighting.unknown:
        yield Finding(
            Severity.WARNING,
            "envelope-not-read",
            f"In {name}, only '{'.'.join(layout.path)}' is read.",
            "To read another list, name it in 'records:' of a mapping file.",
            count=len(layout.unread),
            examples=layout.unread[:10],
        )


def _about_mapping(sightings: Sequence[Sighting]) -> Iterable[Finding]:
    foreign = []
    for sighting in sightings:
        for sample in sighting.samples:
            if is_own(sample) and (problem := version_problem(sample)):
                raise SourceError(f"{sighting.source.name}: {problem}.")
        maker = sighting.reading.maker
        if sighting.unknown and maker.built_in:
            _require_content(sighting, maker)
            foreign += [sample for sample in sighting.samples if not is_own(sample)]
    if foreign:
        yield _built_in(foreign, sightings[0].reading)


def _about_own_mapping(sightings: Sequence[Sighting]) -> Iterable[Finding]:
    mapped = [one for one in sightings if one.unknown and not one.reading.maker.built_in]
    objects = [one for sighting in mapped for one in sighting.samples if not is_own(one)]
    return about_mapped([one.reading for one in mapped], objects) if objects else ()


def _require_content(sighting: Sighting, maker: RecordMaker) -> None:
    foreign = [sample for sample in sighting.samples if not is_own(sample)]
    names = maker.names("content")
    if foreign and not any(name in sample for sample in foreign for name in names):
        keys = ", ".join(list(foreign[0])[:20])
        raise SourceError(
            f"{sighting.source.name} has no field named {' or '.join(names)}. The first "
            f"record has: {keys}.",
            remedy="It is in none of the formats that are known (docs/formats.md). Say in a "
            "mapping file what its fields are: --guess-mapping -o mapping.yaml proposes one, and "
            "--mapping mapping.yaml reads it (docs/mapping.md).",
        )


def _built_in(samples: Sequence[dict[str, Any]], reading: Reading) -> Finding:
    maker = reading.maker
    contents, users = (maker.names_in(samples, field) for field in ("content", "user"))
    whose = f"the user's id from {' or '.join(users)}" if users else "no user id is found"
    if reading.whose.user and not users:
        whose = f"the user is {reading.whose.user}, as --user says"
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
