"""What the disk does while a file is read."""

from __future__ import annotations

import pytest

from synap_import import SourceUnavailableError
from synap_import_json.formats import Format, Layout
from synap_import_json.items import Position
from synap_import_json.making import RecordMaker
from synap_import_json.paging import PageReader


class FailingDisk:
    """An input of which only the first line can be read."""

    name = "a.jsonl"

    def __init__(self):
        self.closed = False

    def open(self, offset):
        self.chunks = self.read()
        return self

    def read(self):
        yield b'{"id":1,"text":"one"}\n'
        raise OSError(5, "Input/output error")

    def fraction(self):
        return 0.5

    def close(self):
        self.closed = True


def read_pages(disk):
    return PageReader(disk, Layout(Format.LINES), RecordMaker(None).makes, 1).pages(Position())


def test_a_disk_that_fails_stops_the_run_so_that_it_can_be_resumed():
    disk = FailingDisk()
    with pytest.raises(SourceUnavailableError, match=r"a\.jsonl cannot be read on: Input/output"):
        list(read_pages(disk))
    assert disk.closed


def test_the_file_is_closed_when_reading_is_given_up():
    disk = FailingDisk()
    disk.read = lambda: iter([b'{"id":1,"text":"one"}\n{"id":2,"text":"two"}\n'] * 3)
    pages = read_pages(disk)
    assert next(pages).records[0].text == "one"
    pages.close()
    assert disk.closed
