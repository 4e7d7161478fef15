"""The elements of a JSON array, and objects that follow one another without one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from .items import LOOK_LIMIT, RECORD_LIMIT, Item, Position
from .scanner import (
    CLOSE_ARRAY,
    CLOSE_OBJECT,
    COMMA,
    END,
    OPEN_ARRAY,
    OPEN_OBJECT,
    OPENERS,
    QUOTE,
    Scanner,
    Value,
)
from .values import decode_key

_TRAILER = 4096
"""Bytes behind the records that can be brackets, counts and links to the next page."""

_TOO_LONG = f"it is larger than {RECORD_LIMIT // 2**20} MB"


def read_array(
    chunks: Iterator[bytes], start: Position, path: Sequence[str] = ()
) -> Iterator[Item]:
    """The elements of the array under ``path``, numbered from 0."""
    scanner = Scanner(chunks, start.offset)
    if start == Position() and not enter_array(scanner, path):
        yield _flawed(scanner, 0, f"there is no array under {'.'.join(path) or 'the top'}")
        return
    yield from _elements(scanner, start.passed, at_top=not path)


def read_sequence(chunks: Iterator[bytes], start: Position) -> Iterator[Item]:
    """Objects with white space or commas between them, numbered from 0."""
    scanner = Scanner(chunks, start.offset)
    number = start.passed
    while (byte := scanner.peek()) != END:
        value = scanner.bracketed() if byte in OPENERS else scanner.unbracketed()
        yield _item(scanner, number, value)
        number += 1


def enter_array(scanner: Scanner, path: Sequence[str]) -> bool:
    """Move behind the opening bracket of the array under ``path``; False when there is none."""
    for wanted in path:
        if wanted not in keys(scanner):
            return False
    if scanner.peek() != OPEN_ARRAY:
        return False
    scanner.step()
    return True


def keys(scanner: Scanner) -> Iterator[str]:
    """The keys of the object that is next; at each, the position is before its value.

    The value may be read in between or not. Ends early where the object is broken.
    """
    if scanner.peek() != OPEN_OBJECT:
        return
    scanner.step()
    while scanner.peek() == QUOTE:
        key = decode_key(scanner.key().text)
        if key is None or scanner.peek() == END:
            return
        scanner.step()
        scanner.peek()
        yield key
        if scanner.peek() != COMMA:
            scanner.element(CLOSE_OBJECT, limit=0)
        if scanner.peek() != COMMA:
            return
        scanner.step()


def _elements(scanner: Scanner, number: int, *, at_top: bool) -> Iterator[Item]:
    while True:
        while (text := scanner.usual_object()) is not None:
            number += 1
            yield Item(number - 1, text, Position(scanner.offset, number))
        byte = scanner.peek()
        if byte == CLOSE_ARRAY:
            scanner.step()
            if not at_top or scanner.peek() != OPEN_ARRAY:
                yield from _left_over(scanner, number, at_top=at_top)
                return
            scanner.step()  # several answers of an API, written one behind the other
        elif byte == END:
            yield _flawed(scanner, number, "the file seems to be cut off: its array has no end")
            return
        else:
            value = scanner.element(CLOSE_ARRAY)
            yield _item(scanner, number, value)
            if not value.closed:
                return
            number += 1


def _item(scanner: Scanner, number: int, value: Value) -> Item:
    if scanner.peek() == COMMA:
        scanner.step()
    flaw = ""
    if value.size > RECORD_LIMIT:
        flaw = _TOO_LONG
    elif not value.closed:
        flaw = f"the file seems to be cut off in the middle of element {number}"
    elif not value.text.strip():
        flaw = "there is nothing between two commas"
    return Item(number, value.text, Position(scanner.offset, number + 1), flaw)


def _left_over(scanner: Scanner, number: int, *, at_top: bool) -> Iterator[Item]:
    """What follows the array, unless it is the end of an object that was looked through."""
    if not at_top and scanner.offset < LOOK_LIMIT:
        return
    value = scanner.rest()
    if value.size > (0 if at_top else _TRAILER):
        reason = f"{value.size} bytes behind the end of the array were not read"
        yield Item(number, value.text, Position(scanner.offset, number + 1), reason)


def _flawed(scanner: Scanner, number: int, reason: str) -> Item:
    return Item(number, b"", Position(scanner.offset, number + 1), reason)
