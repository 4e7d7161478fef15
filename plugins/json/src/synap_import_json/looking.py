"""What can be seen of a text before it is known what it is: names, first items, first lines."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import TYPE_CHECKING, Any

from synap_import import SourceError

from .arrays import keys, read_array, read_sequence
from .compression import at_least
from .envelopes import Survey, find_records, survey
from .formats import HEAD, are_lines, limited
from .items import LOOK_LIMIT, Item, Position
from .lines import read_lines
from .making import is_own
from .scanner import CLOSE_OBJECT, Scanner
from .values import decode

if TYPE_CHECKING:
    from .inputs import Input

SAMPLES = 20
_TEXT = 64 * 1024
_LARGEST_MEMBER = 64 * 1024


@dataclass(frozen=True, slots=True)
class Look:
    """The beginning of an input.

    ``around`` are the members of the object that the text begins with: what is small is there
    as its value, the rest as its first bytes. ``items`` are the first records, or what lies in
    their place; ``single`` says that the object itself is the only one. ``text`` is the
    beginning as it is written.
    """

    source: Input
    text: str = ""
    around: Mapping[str, Any] = field(default_factory=dict)
    items: Sequence[dict[str, Any]] = ()
    single: bool = False

    @property
    def file_name(self) -> str:
        """The name without folders."""
        return self.source.name.rpartition("/")[2]

    def have(self, *names: str) -> bool:
        """Whether most of the first items have all these names."""
        return self._most(sum(item.keys() >= set(names) for item in self.items))

    def are(self, name: str, *values: Any) -> bool:
        """Whether most of the first items have one of these values under the name."""
        return self._most(sum(item.get(name) in values for item in self.items))

    def within(self, name: str, *names: str) -> bool:
        """Whether most of the first items have an object under ``name`` that has all of these."""
        inner = [item[name] for item in self.items if isinstance(item.get(name), dict)]
        return self._most(sum(one.keys() >= set(names) for one in inner))

    def around_has(self, *names: str) -> bool:
        """Whether the object around the records has all these names."""
        return set(names) <= self.around.keys()

    def beside(self, name: str) -> Input | None:
        """The file of this name in the same folder or archive."""
        return self.source.beside(name)

    def _most(self, count: int) -> bool:
        return 2 * count > len(self.items)


def looks_at(source: Input) -> Iterator[Look]:
    """The ways to see the beginning; raises SourceError when nothing of it can be read.

    An object can lie around a list of records, or be one itself.
    """
    head = at_least(HEAD, source.look())
    text = head[:_TEXT].decode("utf-8", "replace")
    start = head.lstrip()
    if start.startswith(b"["):
        yield Look(source, text, items=_objects(read_array(source.look(), Position())))
    elif are_lines(start):
        items = _objects(read_lines(source.look(), Position()))
        yield Look(source, text, around=items[0] if items else {}, items=items)
    elif start.startswith(b"{"):
        found = survey(limited(source.look(), LOOK_LIMIT))
        around = {member.path[0]: _small(member.beginning) for member in found.members}
        yield Look(source, text, around, _objects(_items(source, found)))
        if not found.followed and (whole := _object(start)):
            yield Look(source, text, around, [whole], single=True)
    else:
        yield Look(source, text)


def is_ours(look: Look) -> bool:
    """Whether it is what ``synap-import export`` writes."""
    return any(is_own(item) for item in look.items) or is_own(dict(look.around))


def member(source: Input, name: str) -> Any:
    """What stands under a name in the object that a text begins with; None when nothing does."""
    scanner = Scanner(source.look())
    for key in keys(scanner):
        if key == name:
            try:
                return json.loads(scanner.element(CLOSE_OBJECT, _LARGEST_MEMBER).text)
            except ValueError:
                return None
    return None


def _items(source: Input, found: Survey) -> Iterator[Item]:
    if found.followed:
        return read_sequence(source.look(), Position())
    try:
        path = find_records(found, source.name)
    except SourceError:
        return iter(())
    return iter(()) if path is None else read_array(source.look(), Position(), path)


def _objects(items: Iterator[Item]) -> list[dict[str, Any]]:
    """The first that are objects; broken ones are told when they are read for good."""
    found = []
    for item in islice(items, SAMPLES):
        try:
            if not item.flaw and isinstance(item.content, bytes):
                found.append(decode(item.content))
        except ValueError:
            continue
    return found


def _object(text: bytes) -> dict[str, Any]:
    try:
        return decode(text)
    except ValueError:
        return {}


def _small(beginning: bytes) -> Any:
    try:
        return json.loads(beginning)
    except ValueError:
        return beginning
