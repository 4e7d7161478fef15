"""How an input is read: recognised by its content, or as the mapping says."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from importlib import metadata
from typing import TYPE_CHECKING, Any, TypeAlias

from synap_import import MemoryRecord, SourceError

from .formats import Format, Layout, Wanted, detect
from .known import KNOWN, Extent, Known
from .looking import Look, is_ours, looks_at, member
from .making import RecordMaker
from .readers.parts import NOBODYS, Flaw, Tools, Whose, text_of
from .values import decode

if TYPE_CHECKING:
    from pathlib import Path

    from .inputs import Input

Make: TypeAlias = Callable[[bytes | dict[str, Any]], Iterable[MemoryRecord | Flaw]]

_USUAL = Wanted(None, ())


@dataclass(frozen=True, slots=True)
class Reading:
    """What is needed to read one input. ``because`` is the evidence for what it is."""

    source: Input
    layout: Layout
    make: Make
    maker: RecordMaker
    fingerprint: str
    known: Known | None = None
    because: str = ""
    whose: Whose = NOBODYS

    @property
    def identity(self) -> bytes:
        """Differs when the same content could become other records, for whatever reason."""
        versions = [metadata.version(name) for name in ("synap-import", "synap-import-json")]
        return "\0".join([*versions, self.fingerprint]).encode()

    @property
    def aside(self) -> bool:
        """Whether there are no memories in it."""
        return self.known is not None and bool(self.known.aside)


def reading_of(source: Input, mapping: Path | None, user: str | None) -> Reading:
    """Find out how to read an input; raises SourceError when it cannot be read here."""
    whose = Whose(user, assumed=True)
    if mapping is None and (found := recognised(source)) is not None:
        return _as_known(source, *found, whose)
    maker = RecordMaker(mapping, whose)
    layout = detect(source.look, source.name, maker.wanted)
    fingerprint = f"{maker.fingerprint}{user or ''}"
    return Reading(source, layout, maker.makes, maker, fingerprint, whose=whose)


def recognised(source: Input) -> tuple[Look, Known, str] | None:
    """The format that an input is in, with the evidence; None when it is none that is known."""
    for look in looks_at(source):
        if is_ours(look):
            return None
        for known in KNOWN:
            if because := known.sees(look):
                return look, known, because
    return None


def _as_known(source: Input, look: Look, known: Known, because: str, fallback: Whose) -> Reading:
    if known.elsewhere:
        raise SourceError(
            f"{source.name} looks like {known.title}, because {because}.",
            remedy=known.elsewhere.format(file=source.place),
        )
    owner = _owner(look, known)
    whose = Whose(owner) if owner else fallback
    maker = RecordMaker(known.mapping, whose)
    make = maker.makes if known.read is None else _reader(known, Tools(whose, maker.mapped))
    fingerprint = f"{known.name}{maker.fingerprint}{whose}"
    layout = _layout(look, known, maker)
    return Reading(source, layout, make, maker, fingerprint, known, because, whose)


def _reader(known: Known, tools: Tools) -> Make:
    read = known.read
    assert read is not None  # noqa: S101 - the caller's choice
    if known.extent is Extent.TEXT:
        return lambda content: read(_words(content), tools)
    return lambda content: read(content if isinstance(content, dict) else decode(content), tools)


def _words(content: bytes | dict[str, Any]) -> str:
    return content.decode("utf-8", "replace") if isinstance(content, bytes) else ""


def _layout(look: Look, known: Known, maker: RecordMaker) -> Layout:
    source = look.source
    if known.aside:
        return Layout(Format.EMPTY)
    match known.extent:
        case Extent.TEXT:
            return Layout(Format.TEXT)
        case Extent.OBJECT:
            return Layout(Format.OBJECTS)
    wanted = maker.wanted if known.mapping else _USUAL
    if look.single and not wanted.path:
        return Layout(Format.OBJECTS)
    return detect(source.look, source.name, wanted)


def _owner(look: Look, known: Known) -> str | None:
    """Whose the format says that everything is."""
    beside = look.beside(known.owner_file) if known.owner_file else look.source
    if beside is None:
        return None
    for name, *inner in known.owner:
        value = member(beside, name)
        for step in inner:
            value = value.get(step) if isinstance(value, dict) else None
        if owner := text_of(value):
            return owner
    return None
