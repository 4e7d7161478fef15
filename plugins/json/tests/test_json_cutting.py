"""However a text is cut, its pieces give every line once, under the same name."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from synap_import_json.cutting import LinesOfSpan, Span, gathered, spans
from synap_import_json.items import Position

WORDS = st.text("aä→🙂{}\r \0", max_size=12).map(str.encode)
ENDS = st.sampled_from([b"\n", b"\r\n", b"\n\n", b"\n \n"])
TEXTS = st.builds(
    lambda lines, last: b"".join(word + end for word, end in lines) + last,
    st.lists(st.tuples(WORDS, ENDS), max_size=12),
    WORDS,
)


def in_chunks(text, at, size):
    return (text[start : start + size] for start in range(at, len(text), size))


def read(text, order, chunk=5, start=None):
    start = start or Position()
    return list(order.items(in_chunks(text, start.offset or order.offset, chunk), start))


def whole(text):
    """The lines that are not blank, by the byte at which they begin: the plain way to say it."""
    found, begin = [], 0
    for line in text.split(b"\n"):
        if line.strip(b" \t\r\x0b\x0c"):
            found.append((begin, line))
        begin += len(line) + 1
    return found


def seen(items):
    return [(item.number, item.content.removesuffix(b"\n")) for item in items]


@given(text=TEXTS, step=st.integers(1, 40), chunk=st.integers(1, 9))
@example(text=b"one\ntwo\n", step=4, chunk=9)
@example(text=b"one\ntwo", step=3, chunk=9)
@example(text="ää\nää\n".encode(), step=1, chunk=1)
def test_the_pieces_together_are_all_lines_once(text, step, chunk):
    if not text:
        return
    cut = [read(text, LinesOfSpan(span), chunk) for span in spans(len(text), step)]
    assert [line for piece in cut for line in seen(piece)] == whole(text)


@given(text=TEXTS, step=st.integers(1, 40), data=st.data())
def test_a_piece_goes_on_from_behind_every_line(text, step, data):
    if not text:
        return
    order = LinesOfSpan(data.draw(st.sampled_from(spans(len(text), step))))
    items = read(text, order)
    for number, item in enumerate(items, start=1):
        assert read(text, order, start=item.end) == items[number:]


@given(size=st.integers(1, 10_000), step=st.integers(1, 3_000))
def test_spans_leave_no_gap_and_are_about_as_large_as_asked_for(size, step):
    found = spans(size, step)
    assert (found[0].start, found[-1].end) == (0, size)
    assert all(one.end == other.start for one, other in pairwise(found))
    if len(found) > 1:
        assert all(step / 2 <= one.end - one.start <= step * 1.5 for one in found)


@given(sizes=st.lists(st.integers(0, 50), min_size=1), step=st.integers(1, 100))
def test_row_groups_are_gathered_until_they_are_large_enough(sizes, step):
    found = gathered(sizes, step)
    assert [at for span in found for at in range(*span)] == list(range(len(sizes)))
    assert all(sum(sizes[slice(*span)]) >= step for span in found[:-1])


def test_a_line_that_is_longer_than_a_piece_is_read_by_the_one_that_it_begins_in():
    text = b"a\n" + b"b" * 100 + b"\nc\n"
    cut = [seen(read(text, LinesOfSpan(span))) for span in spans(len(text), 10)]
    assert [len(piece) for piece in cut] == [2, *[0] * (len(cut) - 2), 1]


def test_within_a_line_that_never_ends_a_piece_stops_at_its_own_end():
    taken = []

    def chunks():
        for _ in range(1000):
            taken.append(10)
            yield b"x" * 10

    assert list(LinesOfSpan(Span(100, 200)).items(chunks(), Position())) == []
    assert sum(taken) <= 120


@pytest.mark.parametrize("step", [3, 7, 1000])
def test_a_line_that_is_cut_off_at_the_end_of_the_text_is_marked(step):
    text = b'{"a":1}\n{"a"'
    items = [item for span in spans(len(text), step) for item in read(text, LinesOfSpan(span))]
    assert [item.cut for item in items] == [False, True]
