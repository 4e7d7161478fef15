"""A mapping file for files that nobody has described yet: proposed, with every doubt marked."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Any

from synap_import import SourceError
from synap_import.mapping import time_reader

from .fields import Field, fields_of, percent
from .formats import Layout, Wanted, detect
from .items import Position
from .making import preset_text
from .reading import recognised
from .values import decode

if TYPE_CHECKING:
    from .inputs import Input

RECORDS = 500
_ROLES = {"user", "assistant", "system", "human", "ai", "bot", "tool", "agent"}
_CONTENT = ("content", "text", "memory", "fact", "body", "message", "note", "description", "value")
_TIMES = {
    "created_at": r"created|creat|timestamp|^date$|^time$|datetime|^ts$|when|insert|logged|sent",
    "updated_at": r"updated|modified|changed|lastedit",
    "expires_at": r"expir",
}
_IDS = {
    "session": r"session|conversation|thread|chatid|dialog|runid",
    "agent": r"agent|botid|assistantid",
    "app": r"^app(id|name)?$|application",
    "group": r"^group|team|workspace|tenant|organi[sz]ation|^org(id)?$",
}
_USER = r"user|owner|customer|account|author|member|person|client|contact|^uid$|e?mail|^from$"


@dataclass(frozen=True, slots=True)
class _Line:
    key: str
    value: str
    about: Sequence[str]


def guess(source: Input) -> str:
    """The text of a mapping file. Raises SourceError when there is nothing to look at."""
    if (found := recognised(source)) is not None:
        return _of_known(source, *found[1:])
    layout = detect(source.look, source.name, Wanted(None, ()))
    objects = _first(source, layout)
    if not objects:
        raise SourceError(
            f"There are no records in {source.name} to look at.", remedy="Give a file with data."
        )
    return "\n".join([*_head(source, layout, len(objects)), *_body(fields_of(objects)), ""])


def _of_known(source: Input, known: Any, because: str) -> str:
    if known.mapping is None:
        raise SourceError(
            f"{source.name} looks like {known.title}, because {because}: it is read without a "
            "mapping, and none could express it.",
            remedy=known.elsewhere.format(file=source.place) or "Leave --guess-mapping out.",
        )
    return (
        f"# {source.name} looks like {known.title}, because {because}.\n"
        "# It is read like this without a mapping file; change what is different with you.\n"
        f"{preset_text(known.mapping)}"
    )


def _first(source: Input, layout: Layout) -> list[dict[str, Any]]:
    found = []
    for item in islice(layout.items(source.look(), Position()), RECORDS):
        try:
            if not item.flaw:
                content = item.content
                found.append(content if isinstance(content, dict) else decode(content))
        except ValueError:
            continue
    return found


def _head(source: Input, layout: Layout, count: int) -> Iterator[str]:
    yield f"# A proposal for {source.name}, from its first {count} records. Look at every line:"
    yield "# what is marked DOUBT may be wrong, and whose the memories are is yours to say."
    yield "version: 1"
    if layout.path:
        yield f"records: {_quoted('.'.join(layout.path))}"


def _body(fields: list[Field]) -> Iterator[str]:
    free = [one for one in fields if one.types.keys() - {"dict"}]
    lines = [*_id(free), *_content(free)]
    taken = {line.value for line in lines}
    free = [one for one in free if _quoted(one.written()) not in taken]
    for line in lines:
        yield from _written(line)
    yield from _users(_named(_USER, [one for one in free if _is_id(one)]))
    for key, pattern in _IDS.items():
        yield from _best(key, _named(pattern, [one for one in free if _is_id(one)]))
    for key, pattern in _TIMES.items():
        yield from _time(key, _named(pattern, free))
    yield from _conversation(free)
    yield from _best("tags", [one for one in free if _are_tags(one)])
    yield from _best("metadata", [one for one in fields if _is_metadata(one)])
    yield from _states(free)
    yield "unmapped: keep                  # all other fields go along in the metadata"


def _written(line: _Line) -> Iterator[str]:
    first, *others = line.about or ("",)
    yield (
        f"{line.key + ': ' + line.value:<31} # {first}".rstrip(" #")
        if not first
        else (f"{line.key + ': ' + line.value:<31} # {first}")
    )
    yield from (f"  # {other}" for other in others)


def _about(one: Field) -> list[str]:
    about = [f"{one.rate()}; {one.examples()}"]
    if mixed := one.mixed():
        about.append(f"DOUBT: its types differ: {mixed}.")
    return about


_NAMES_OF_IDS = {"id", "uuid", "guid", "key", "pk", "memoryid", "recordid", "rowid", "oid"}


def _id(fields: list[Field]) -> list[_Line]:
    named = [one for one in fields if one.name in _NAMES_OF_IDS]
    named.sort(key=lambda one: (len(one.path), one.missing))
    for one in named:
        if one.unique() and _is_id(one):
            about = _about(one)
            if one.missing:
                about.append("DOUBT: where it is missing, an id is made of the content.")
            return [_Line("id", _quoted(one.written()), about)]
    doubt = (
        "DOUBT: no field that is named like an id differs in every record, so ids are made of "
        "what is said."
    )
    return [_Line("id", "{hash: [user, content, created_at]}", [doubt])]


def _content(fields: list[Field]) -> list[_Line]:
    texts = [one for one in fields if one.types["str"] * 2 > one.of and not _reads_as_time(one)]
    texts.sort(key=_wordiness, reverse=True)
    if not texts:
        return [
            _Line("content", "CONTENT", ["DOUBT: no field looks like a text; name the right one."])
        ]
    about = _about(texts[0])
    if len(texts) > 1 and _wordiness(texts[1]) * 2 > _wordiness(texts[0]):
        about.append(f"DOUBT: it could also be {texts[1].written()}: {texts[1].examples()}")
    return [_Line("content", _quoted(texts[0].written()), about)]


def _wordiness(one: Field) -> float:
    """How much a field looks like the text: by its words, and by its name."""
    words = [len(str(value).split()) for value in one.values]
    named = 4.0 if one.name in _CONTENT else 1.0
    return named * sum(words) / max(1, one.of) / len(one.path)


def _users(candidates: list[Field]) -> Iterator[str]:
    """Never guessed: a memory that is given to the wrong person is worse than one that waits."""
    yield "# DOUBT: whose is a memory? Take the # off the right line, or give --user ID if all is"
    yield "# one person's. Without one, the records belong to nobody and are held."
    for one in candidates:
        count = len({str(value) for value in one.values})
        about = f"{count} of them; {one.rate()}; {one.examples()}"
        yield f"# user: {_quoted(one.written()):<23} # {about}"
    if not candidates:
        yield "# user: NAME                    # no field looks like the id of a user"


def _named(pattern: str, fields: list[Field]) -> list[Field]:
    """The fields whose last name is like this."""
    return [one for one in fields if re.search(pattern, one.name)]


def _best(key: str, fields: list[Field]) -> Iterator[str]:
    found = sorted(fields, key=lambda one: (len(one.path), one.missing))
    if not found:
        return
    about = _about(found[0])
    if len(found) > 1:
        about.append(f"DOUBT: it could also be {', '.join(one.written() for one in found[1:4])}.")
    yield from _written(_Line(key, _quoted(found[0].written()), about))


def _time(key: str, fields: list[Field]) -> Iterator[str]:
    found = [one for one in fields if _reads_as_time(one)]
    found.sort(key=lambda one: (len(one.path), one.missing))
    if not found:
        return
    one = found[0]
    read = time_reader()
    assumed = [reading.assumption for value in one.values if (reading := read(value)).assumption]
    about = _about(one)
    naive = sum(assumption == "naive-time" for assumption in assumed)
    if naive:
        about.append(
            f"DOUBT: {percent(naive, len(one.values))} have no zone: they are read as UTC. If that "
            f"is wrong: {{path: {one.written()}, tz: Europe/Berlin}}"
        )
    if others := [assumption for assumption in assumed if assumption != "naive-time"]:
        about.append(f"DOUBT: {len(others)} are not exact ({', '.join(sorted(set(others)))}).")
    if len(found) > 1:
        about.append(f"DOUBT: it could also be {', '.join(f.written() for f in found[1:4])}.")
    yield from _written(_Line(key, _quoted(one.written()), about))


def _conversation(fields: list[Field]) -> Iterator[str]:
    roles = [one for one in fields if _all_in(one, _ROLES)]
    if not roles:
        return
    yield from _best("role", roles)
    places = [one for one in fields if {*one.types} == {"int"}]
    yield from _best("position", _named(r"position|index|turn|seq|order|number", places))
    yield "kind: message                   # DOUBT: they have roles, so they are taken for turns"


def _states(fields: list[Field]) -> Iterator[str]:
    for one in fields:
        if re.search(r"deleted|archived|disabled|inactive", one.name) and "bool" in one.types:
            yield f"# DOUBT: {one.written()} is {one.examples()}. To hold those that are:"
            yield f"# skip_if: [{{path: {_quoted(one.written())}, in: [true]}}]"
        elif one.name in {"state", "status"} and len({str(value) for value in one.values}) <= 10:
            yield f"# DOUBT: {one.written()} is {one.examples()}. To hold some of them:"
            yield f"# skip_if: [{{path: {_quoted(one.written())}, in: [deleted]}}]"


def _is_id(one: Field) -> bool:
    return not one.types.keys() - {"str", "int"} and all(len(str(v)) <= 200 for v in one.values)


def _all_in(one: Field, words: set[str]) -> bool:
    return bool(one.values) and all(str(value).lower() in words for value in one.values)


def _are_tags(one: Field) -> bool:
    lists = [value for value in one.values if isinstance(value, list)]
    words = all(isinstance(item, str) for value in lists for item in value)
    named = re.search(r"tag|label|categor|keyword|topic", one.name) is not None
    return bool(lists) and words and (named or len(lists) == len(one.values))


def _is_metadata(one: Field) -> bool:
    return {*one.types} == {"dict"} and one.name in {"metadata", "meta", "attributes", "extra"}


def _reads_as_time(one: Field) -> bool:
    read = time_reader()
    values = one.values[:50]
    return bool(values) and sum(read(value).time is not None for value in values) * 10 > 8 * len(
        values
    )


def _quoted(path: str) -> str:
    """A path as YAML: in quotes where it would be read as something else."""
    plain = re.fullmatch(r"[A-Za-z_][A-Za-z0-9_.-]*", path)
    if plain and path.lower() not in {"null", "true", "false", "yes", "no", "on", "off", "y", "n"}:
        return path
    return "'" + path.replace("'", "''") + "'"
