"""How a text comes in pieces must not matter to any reader, however broken the text is."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from synap_import_json.arrays import read_array, read_sequence
from synap_import_json.compression import ZSTD_MAGIC, DamagedError, unpacked
from synap_import_json.envelopes import survey
from synap_import_json.items import Item, Position
from synap_import_json.lines import read_lines
from synap_import_json.streams import as_utf8
from synap_import_json.tables import Table, read_table

BEGINNING = Position()
COMMAS = Table(",", ("a", "b"))

READERS: dict[str, Callable[[Iterator[bytes], Position], Iterator[Item]]] = {
    "array": read_array,
    "array under a key": lambda chunks, start: read_array(chunks, start, ("memories",)),
    "objects": read_sequence,
    "lines": read_lines,
    "table": lambda chunks, start: read_table(chunks, start, COMMAS),
}


def pieces_do_not_matter(text: bytes, size: int) -> None:
    """Every reader finds in pieces of ``size`` bytes what it finds in the whole."""
    for read in READERS.values():
        whole = _items(read(iter([text]), BEGINNING))
        assert _items(read(_pieces(text, size), BEGINNING)) == whole
        for passed, item in enumerate(whole[:-1], start=1):
            rest = _items(read(_pieces(text[item.end.offset :], size), item.end))
            assert rest == whole[passed:]
    assert survey(_pieces(text, size)) == survey(iter([text]))
    assert _outcome(as_utf8(_pieces(text, size))) == _outcome(as_utf8(iter([text])))
    (some, fine), (all_of_it, also_fine) = sorted(
        (_outcome(unpacked(_pieces(text, size))), _outcome(unpacked(iter([text]))))
    )
    # Zstandard gives nothing of a piece that has a damage in it.
    assert all_of_it.startswith(some)
    assert fine == also_fine
    assert some == all_of_it or (text.startswith(ZSTD_MAGIC) and not fine)


def _items(items: Iterator[Item]) -> list[Item]:
    """The items; white space behind their texts means nothing."""
    return [
        item._replace(content=item.content.rstrip()) if isinstance(item.content, bytes) else item
        for item in items
    ]


def _pieces(text: bytes, size: int) -> Iterator[bytes]:
    return (text[at : at + size] for at in range(0, len(text), size))


def _outcome(chunks: Iterator[bytes]) -> tuple[bytes, bool]:
    """What came out, and whether it was whole."""
    out = b""
    try:
        for chunk in chunks:
            out += chunk
    except DamagedError:
        return out, False
    return out, True
