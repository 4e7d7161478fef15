"""Pages that are read once more: what is new in them, what changed, and what is as it was.

A page whose content is known as a whole costs one look; of other pages only the records that
are new or changed are kept.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from hashlib import blake2b
from itertools import islice
from typing import TYPE_CHECKING, NamedTuple

from synap_import.errors import LedgerError, PluginError
from synap_import.records import encode_content, encode_contents
from synap_import.sources import Run

from . import replacing
from .rounds import GONE
from .staging import CONFLICTING_ID, INSERT_RECORD, REPLACE_RECORD, Row, key_of, notices_of

if TYPE_CHECKING:
    from synap_import.records import MemoryRecord
    from synap_import.sources import Page

    from .database import Connection

_KEYS_AT_ONCE = 500
# What is scattered over more pieces is looked up record by record.
_MOST_RANGES = 50

_KNOWN_PAGE = """
    INSERT INTO known_pages (digest, ranges, notices, round, newest_page)
    VALUES (?, ?, ?, ?, (SELECT max(number) FROM pages))
    ON CONFLICT (digest) DO UPDATE SET ranges = excluded.ranges, notices = excluded.notices,
        round = excluded.round, newest_page = excluded.newest_page
"""


class Part(NamedTuple):
    """Records of a page that are recognised together, and what tells them from others."""

    records: Sequence[MemoryRecord]
    identity: bytes | None


class _KnownPage(NamedTuple):
    ranges: list[list[int]]
    notices: dict[str, int]


class _Known(NamedTuple):
    number: int
    digest: bytes
    round: int
    gone: bool


@dataclass(slots=True)
class Comparison:
    """The records of a page by what is to be done about them, by place or by number."""

    new: list[int] = field(default_factory=list)
    changed: list[tuple[int, int]] = field(default_factory=list)
    conflicting: list[int] = field(default_factory=list)
    as_it_was: list[tuple[int, int]] = field(default_factory=list)
    back: list[int] = field(default_factory=list)
    seen_again: int = 0
    made: list[int] = field(default_factory=list)

    @property
    def fresh(self) -> list[int]:
        """The places whose content is to be kept, in order."""
        return sorted([*self.new, *(place for place, _ in self.changed), *self.conflicting])

    @property
    def undecided(self) -> list[int]:
        """Numbers of known records that are to be planned again."""
        return [*(number for _, number in self.changed), *self.back]

    @property
    def by_place(self) -> dict[int, int]:
        """The number of each record that came once, when all are written."""
        return dict([*self.as_it_was, *self.changed, *zip(self.new, self.made, strict=True)])


def parts_of(page: Page, encoded: Sequence[tuple[bytes, bytes]] | None = None) -> list[Part]:
    """The runs of a page, or all of it; without a digest, the contents of the records tell.

    Raises PluginError when the runs are not what the page holds.
    """
    parts, end = [], 0
    for digest, count in page.runs or [Run(None, len(page.records))]:
        begin, end = end, end + (count or 0)
        records = page.records[begin:end]
        identity: bytes | None
        if digest is not None:
            identity = _of_digest(digest)
        elif encoded is not None:
            identity = b"[" + b",".join(content for content, _ in encoded[begin:end]) + b"]"
        else:
            identity = encode_contents(records)
        parts.append(Part(records, identity))
    if end != len(page.records):
        told = f"The runs of a page hold {end} records, and not its {len(page.records)}."
        raise PluginError(told)
    return parts


def is_unmade(page: Page) -> bool:
    """Whether an adapter left out the records, because it was told that they are known."""
    return not page.records and any(run.records is None for run in page.runs)


def is_known(db: Connection, digest: str, round_number: int) -> bool:
    """Whether the run with this digest is as it was, and was not seen in this reading."""
    return _find(db, _digest(_of_digest(digest)), round_number) is not None


def recognise(db: Connection, parts: Sequence[Part], round_number: int) -> tuple[int, Counter[str]]:
    """Mark the first parts as seen that are as they were, and were not seen in this reading.

    Returns how many they are, and what is assumed about their records. What comes behind another
    part is to be compared with it: both may hold the same ids.
    """
    notices: Counter[str] = Counter()
    for number, part in enumerate(parts):
        digest = None if part.identity is None else _digest(part.identity)
        known = None if digest is None else _find(db, digest, round_number)
        if known is None:
            return number, notices
        notices.update(known.notices)
        _mark(db, known.ranges, round_number)
        db.execute("UPDATE known_pages SET round = ? WHERE digest = ?", (round_number, digest))
    return len(parts), notices


def recognise_unmade(
    db: Connection, parts: Sequence[Part], round_number: int
) -> tuple[int, Counter[str]]:
    """Mark parts as seen whose records an adapter left out, for the ledger said that it knows them.

    Returns how many records were seen before in this reading, and what is assumed about all.
    Raises PluginError when one of the parts is not known, LedgerError when it is not any more.
    """
    digests = [_digest(part.identity or b"") for part in parts]
    known = [found for digest in digests if (found := _known_page(db, digest)) is not None]
    if len(known) < len(parts):
        raise PluginError("The records of a page were left out, and not all of them are known.")
    if not all(_are_still_so(db, known, newest) for newest in {newest for _, newest in known}):
        raise LedgerError(
            "Two workers read other contents of the same records at the same moment.",
            remedy="Run the same command again: it goes on where it stopped.",
        )
    seen_again = 0
    for between in _joined(between for page, _ in known for between in page.ranges):
        seen_again += _count_seen(db, between, round_number)
        _mark(db, [between], round_number)
    db.executemany(
        "UPDATE known_pages SET round = ? WHERE digest = ?",
        [(round_number, digest) for digest in digests],
    )
    return seen_again, sum((Counter(page.notices) for page, _ in known), Counter())


def _find(db: Connection, digest: bytes, round_number: int) -> _KnownPage | None:
    known, newest_page = _known_page(db, digest) or (None, 0)
    if known is None:
        return None
    is_valid = all(_is_as_it_was(db, one, newest_page, round_number) for one in known.ranges)
    return known if is_valid else None


def _known_page(db: Connection, digest: bytes) -> tuple[_KnownPage, int] | None:
    row = db.execute(
        "SELECT ranges, newest_page, notices FROM known_pages WHERE digest = ?", (digest,)
    ).fetchone()
    return row and (_KnownPage(json.loads(row[0]), json.loads(row[2])), row[1])


def _count_seen(db: Connection, between: Sequence[int], round_number: int) -> int:
    (count,) = db.execute(
        "SELECT count(*) FROM records WHERE number BETWEEN ? AND ? AND round = ?",
        (*between, round_number),
    ).fetchone()
    return int(count)


def _is_as_it_was(
    db: Connection, between: Sequence[int], newest_page: int, round_number: int
) -> bool:
    # A record that changed since, and back, is on a newer page.
    (count,) = db.execute(
        "SELECT count(*) FROM records WHERE number BETWEEN ? AND ? AND page <= ? AND round < ?"
        " AND coalesce(hold, '') <> ?",
        (*between, newest_page, round_number, GONE),
    ).fetchone()
    return bool(count == between[1] - between[0] + 1)


def _are_still_so(
    db: Connection, known: Sequence[tuple[_KnownPage, int]], newest_page: int
) -> bool:
    """Whether no record of those that were known up to a page is on a newer one."""
    pages = (page for page, newest in known if newest == newest_page)
    query = "SELECT 1 FROM records WHERE number BETWEEN ? AND ? AND page > ? LIMIT 1"
    return not any(
        db.execute(query, (*between, newest_page)).fetchone()
        for between in _joined(between for page in pages for between in page.ranges)
    )


def compare(db: Connection, records: Sequence[MemoryRecord], round_number: int) -> Comparison:
    """What is to be done about each record of a page. The first content of a reading counts."""
    identities = [(key_of(one.system, one.id), _digest(encode_content(one))) for one in records]
    known = _look_up(db, [key for key, _ in identities])
    found = Comparison()
    for place, (key, digest) in enumerate(identities):
        before = known.get(key)
        if before is not None and before.round == round_number:
            if before.digest == digest:
                found.seen_again += 1
            else:
                found.conflicting.append(place)
            continue
        if before is None:
            found.new.append(place)
        elif before.digest != digest:
            found.changed.append((place, before.number))
        else:
            found.as_it_was.append((place, before.number))
            if before.gone:
                found.back.append(before.number)
        known[key] = _Known(before.number if before else 0, digest, round_number, gone=False)
    return found


def apply(
    db: Connection,
    found: Comparison,
    rows: Sequence[Row],
    page: int | None,
    round_number: int,
) -> int:
    """Write what was found; ``rows`` are those of the fresh places, which ``page`` holds in order.

    Returns how many contents were kept under a key of their own.
    """
    kept = {place: (index, *rows[index]) for index, place in enumerate(found.fresh)}
    for place in found.new:
        index, key, digest, *rest = kept[place]
        _insert(db, (key, digest, page, index, *rest, None))
    found.made = _newest(db, len(found.new))
    for place, number in found.changed:
        index, key, digest, *rest = kept[place]
        replacing.retire(db, number)
        db.execute("DELETE FROM records WHERE key = ?", (_own_key(key, digest),))
        db.execute(REPLACE_RECORD, (digest, page, index, *rest, number))
    _mark(db, _ranges(found.by_place.values()), round_number)
    db.executemany(
        "UPDATE records SET hold = NULL WHERE number = ?", [(number,) for number in found.back]
    )
    conflicting = 0
    for place in found.conflicting:
        index, key, digest, *rest = kept[place]
        own_key = _own_key(key, digest)
        conflicting += _insert(db, (own_key, digest, page, index, *rest, CONFLICTING_ID))
        db.execute("UPDATE records SET round = ? WHERE key = ?", (round_number, own_key))
    return conflicting


def remember_new(db: Connection, parts: Sequence[Part], round_number: int) -> None:
    """Know parts of a page from now on whose records were made last, one behind the other."""
    numbers = iter(_newest(db, sum(len(part.records) for part in parts)))
    for part in parts:
        _remember(db, part, islice(numbers, len(part.records)), round_number)


def remember(db: Connection, found: Comparison, parts: Sequence[Part], round_number: int) -> None:
    """Know parts from now on that were compared: those of which each record came once."""
    numbers = found.by_place
    start = 0
    for part in parts:
        places = range(start, start + len(part.records))
        if all(place in numbers for place in places):
            _remember(db, part, [numbers[place] for place in places], round_number)
        start = places.stop


def _remember(db: Connection, part: Part, numbers: Iterable[int], round_number: int) -> None:
    ranges = list(_ranges(numbers))
    if part.identity is not None and len(ranges) <= _MOST_RANGES:
        notices = json.dumps(notices_of(part.records))
        values = (_digest(part.identity), json.dumps(ranges), notices, round_number)
        db.execute(_KNOWN_PAGE, values)


def _look_up(db: Connection, keys: Sequence[bytes]) -> dict[bytes, _Known]:
    """What is known under these keys, and perhaps others beside them."""
    known: dict[bytes, _Known] = {}
    if not keys:
        return known
    # Mostly they come as they came before: one piece of the table, which is faster than each.
    (first,) = db.execute(
        "SELECT coalesce(min(number), 0) FROM records WHERE key IN (?, ?)", (keys[0], keys[-1])
    ).fetchone()
    known.update(_fetch(db, "number BETWEEN ? AND ?", (first, first + len(keys) - 1)))
    others = [key for key in keys if key not in known]
    for start in range(0, len(others), _KEYS_AT_ONCE):
        some = others[start : start + _KEYS_AT_ONCE]
        known.update(_fetch(db, f"key IN ({','.join('?' * len(some))})", some))
    return known


def _fetch(
    db: Connection, condition: str, values: Sequence[object]
) -> Iterator[tuple[bytes, _Known]]:
    rows = db.execute(
        f"SELECT key, number, digest, round, hold FROM records WHERE {condition}",  # noqa: S608
        values,
    )
    for key, number, digest, round_number, hold in rows:
        yield key, _Known(number, digest, round_number, hold == GONE)


def _of_digest(digest: str) -> bytes:
    """An adapter's digest in the place of contents, which begin with a bracket."""
    return b"digest " + digest.encode("utf-8", "surrogatepass")


def _digest(content: bytes) -> bytes:
    return blake2b(content, digest_size=16).digest()


def _insert(db: Connection, values: Sequence[object]) -> int:
    marks = ",".join("?" * len(values))
    return db.execute(
        f"{INSERT_RECORD} VALUES ({marks}) ON CONFLICT (key) DO NOTHING", values
    ).rowcount


def _newest(db: Connection, count: int) -> list[int]:
    """The numbers of the records that were made last, in order."""
    rows = db.execute("SELECT number FROM records ORDER BY number DESC LIMIT ?", (count,))
    return sorted(number for (number,) in rows)


def _own_key(key: bytes, digest: bytes) -> bytes:
    """The key of another content under a known id."""
    return blake2b(key + digest, digest_size=16).digest()


def _mark(db: Connection, ranges: Iterable[Sequence[int]], round_number: int) -> None:
    db.executemany(
        "UPDATE records SET round = ? WHERE number BETWEEN ? AND ?",
        [(round_number, *between) for between in ranges],
    )


def _joined(ranges: Iterable[Sequence[int]]) -> list[list[int]]:
    """The ranges, in order; those that follow on each other as one."""
    joined: list[list[int]] = []
    for first, last in ranges:
        if joined and joined[-1][1] + 1 == first:
            joined[-1][1] = last
        else:
            joined.append([first, last])
    return joined


def _ranges(numbers: Iterable[int]) -> Iterator[tuple[int, int]]:
    """Numbers as pairs of the first and the last of those that follow on each other."""
    first = last = None
    for number in sorted(numbers):
        if last is not None and first is not None and number != last + 1:
            yield first, last
            first = None
        first = number if first is None else first
        last = number
    if first is not None and last is not None:
        yield first, last
