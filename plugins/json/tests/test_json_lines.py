"""JSON Lines: one object per line, each on its own."""

from __future__ import annotations

import json
import math

import pytest

from synap_import_json import items, lines


def test_each_line_becomes_a_record(read, write, three):
    records = read(write("a.jsonl", three)).records
    assert [(r.id, r.text, r.scope.user) for r in records] == [
        ("m0", "memory 0", "ada"),
        ("m1", "memory 1", "ada"),
        ("m2", "memory 2", "ada"),
    ]
    assert records[0].raw == three[0]


def test_a_broken_line_is_told_and_the_others_are_read(read, write):
    path = write("a.jsonl", '{"id":1,"text":"one"}\n{"id":2,,}\n{"id":3,"text":"three"}\n')
    reading = read(path)
    assert reading.texts == ["one", "three"]
    (broken,) = reading.unreadable
    assert broken.where == "a.jsonl:2"
    assert "not JSON" in broken.reason
    assert broken.raw == '{"id":2,,}'


def test_the_excerpt_of_a_broken_line_has_at_most_200_characters(read, write):
    path = write("a.jsonl", '{"id":1,"text":"one"}\n' + "ä" * 1000 + "\n")
    (broken,) = read(path).unreadable
    assert broken.raw == "ä" * 200


def test_a_last_line_that_is_cut_off_says_so(read, write, three):
    path = write("a.jsonl", json.dumps(three[0]) + "\n" + json.dumps(three[1])[:20])
    reading = read(path)
    assert reading.texts == ["memory 0"]
    assert "cut off" in reading.reasons["a.jsonl:2"]


def test_a_last_line_without_a_line_feed_is_complete_when_it_parses(read, write, three):
    assert len(read(write("a.jsonl", "\n".join(map(json.dumps, three)))).records) == 3


def test_blank_lines_are_skipped_but_counted(read, write):
    path = write("a.jsonl", '\n{"text":"one"}\r\n   \r\n\n{"text":"two"}\nnonsense\n')
    reading = read(path)
    assert reading.texts == ["one", "two"]
    assert list(reading.reasons) == ["a.jsonl:6"]


def test_lines_end_only_at_line_feeds(read, write):
    separators = "a\u2028b\u2029c\x85d"
    path = write("a.jsonl", json.dumps({"text": separators}, ensure_ascii=False) + "\n{}\n")
    assert read(path).texts == [separators]


def test_not_a_number_and_infinity_are_kept(read, write):
    path = write("a.jsonl", '{"text":"one","score":NaN,"top":-Infinity}\n{"text":"two"}\n')
    raw = read(path).records[0].raw
    assert math.isnan(raw["score"])
    assert raw["top"] == -math.inf


def test_integers_of_any_size_are_exact(read, write):
    path = write("a.jsonl", [{"id": 2**70, "text": "one", "n": -(2**63) - 1}, {"text": "two"}])
    record = read(path).records[0]
    assert record.id == str(2**70)
    assert record.raw["n"] == -(2**63) - 1


def test_lone_surrogates_are_kept(read, write):
    path = write("a.jsonl", '{"text":"one \\ud83d"}\n{"text":"two"}\n')
    raw = read(path).records[0].raw
    assert raw["text"] == "one \ud83d"


def test_of_duplicate_keys_the_last_one_wins(read, write):
    path = write("a.jsonl", '{"text":"first","text":"last"}\n{"text":"x"}\n')
    assert read(path).texts[0] == "last"


@pytest.mark.parametrize("line", ["[1,2]", "null", "17", '"a text"', "true"])
def test_a_line_that_is_no_object_is_unreadable(read, write, line):
    reading = read(write("a.jsonl", f'{{"text":"one"}}\n{line}\n'))
    assert "not an object" in reading.reasons["a.jsonl:2"]


def test_deep_nesting_is_unreadable_not_a_crash(read, write):
    deep = '{"text":"x","a":' + "[" * 100_000 + "]" * 100_000 + "}"
    reading = read(write("a.jsonl", f'{{"text":"one"}}\n{deep}\n{{"text":"two"}}\n'))
    assert reading.texts == ["one", "two"]
    assert "nested too deeply" in reading.reasons["a.jsonl:2"]


def test_many_brackets_that_are_not_deep_are_no_problem(read, write):
    wide = {"text": "wide [[[{{{", "list": [{"a": [n]} for n in range(1000)]}
    assert read(write("a.jsonl", [wide, wide])).texts == ["wide [[[{{{"] * 2


def test_bytes_that_are_not_utf_8_are_told(read, write):
    path = write("a.jsonl", b'{"text":"one"}\n{"text":"caf\xe9"}\n')
    assert "not UTF-8" in read(path).reasons["a.jsonl:2"]


def test_a_field_of_the_wrong_type_is_named(read, write):
    path = write(
        "a.jsonl", [{"text": "one"}, {"text": ["a", "list"]}, {"text": "x", "id": {"a": 1}}]
    )
    reasons = read(path).reasons
    assert reasons["a.jsonl:2"].startswith("content:")
    assert reasons["a.jsonl:3"].startswith("id:")


def test_a_line_over_the_limit_is_told_and_the_next_one_is_read():
    text = b'{"a":1}\n' + b"x" * 300 + b'\n{"b":2}\n'
    chunks = (text[at : at + 7] for at in range(0, len(text), 7))
    found = list(lines.split_lines(chunks, limit=100))
    assert [is_too_long for _, _, is_too_long in found] == [False, True, False]
    assert [end for _, end, _ in found] == [8, 309, 317]


def test_the_limit_holds_for_records_of_64_megabytes(read, write):
    huge = b'{"text":"' + b"x" * items.RECORD_LIMIT + b'"}\n'
    reading = read(write("a.jsonl", b'{"text":"one"}\n' + huge + b'{"text":"two"}\n'))
    assert reading.texts == ["one", "two"]
    assert "longer than 64 MB" in reading.reasons["a.jsonl:2"]
