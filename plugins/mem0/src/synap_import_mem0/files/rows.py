"""The items of a JSON file, each with the place that messages name it by."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, NamedTuple

from .cutting import END, Cut, Piece, lines, pieces
from .looking import TEXTS, Look, Shape

if TYPE_CHECKING:
    from .texts import OpenText


class Row(NamedTuple):
    """An item of the list ``key``; without a place, a field beside the lists, or an END."""

    place: str | None
    key: str
    cut: Cut

    @property
    def is_item(self) -> bool:
        """Whether it stands for something that was kept."""
        return self.place is not None


def rows_of(open_text: OpenText, look: Look, is_list: Callable[[str], bool]) -> Iterator[Row]:
    """The items of a text, whether they are its own or lie in pages of answers.

    Raises DamagedError where the text cannot be read on.
    """
    with open_text() as chunks:
        if look.shape is Shape.LINES:
            found = lines(chunks)
        else:
            found = pieces(chunks, is_list if look.shape is Shape.ENVELOPE else None)
        for piece in found:
            if piece.key or piece.number is None:
                yield _row(piece, _main_list(look, is_list))
                continue
            place = f":{piece.number}" if look.shape is Shape.LINES else f"[{piece.number}]"
            if is_page(piece.cut.value, is_list):
                yield from _unfolded(place, piece.cut, is_list)
            else:
                yield Row(place, "", piece.cut)


def is_page(value: Any, is_list: Callable[[str], bool]) -> bool:
    """Whether a value is an answer with a list of items, not an item."""
    return (
        isinstance(value, dict)
        and not any(isinstance(value.get(name), str) for name in TEXTS)
        and any(isinstance(held, list) and is_list(key) for key, held in value.items())
    )


def _row(piece: Piece, main: str | None) -> Row:
    if piece.number is None:
        return Row(None, piece.key, piece.cut)
    name = "" if piece.key == main else f".{piece.key}"
    return Row(f"{name}[{piece.number}]", piece.key, piece.cut)


def _main_list(look: Look, is_list: Callable[[str], bool]) -> str | None:
    return next((key for key in look.samples if is_list(key)), None)


def _unfolded(place: str, page: Cut, is_list: Callable[[str], bool]) -> Iterator[Row]:
    """The items of a page that was read as one value."""
    for key, held in page.value.items():
        if not isinstance(held, list) or not is_list(key):
            yield Row(None, key, Cut(held))
            continue
        yield Row(None, key, Cut([]))
        share = page.size // max(1, len(held))
        for number, value in enumerate(held):
            yield Row(f"{place}.{key}[{number}]", key, Cut(value, share))
    yield Row(None, "", Cut(END))
