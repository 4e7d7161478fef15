"""What a file is, is found out from its content."""

from __future__ import annotations

import json

import pytest

from synap_import import SourceError


def codes(result):
    return [finding.code for finding in result.findings]


@pytest.mark.parametrize("name", ["memories", "results", "items", "data", "records", "points"])
def test_an_object_around_the_records_is_looked_through(read, write, three, name):
    path = write("a.json", json.dumps({"count": 3, name: three, "next": None}))
    assert read(path).texts == ["memory 0", "memory 1", "memory 2"]


def test_an_array_under_a_name_of_its_own_is_found(read, write, three):
    assert len(read(write("a.json", json.dumps({"what_i_know": three}, indent=2))).records) == 3


def test_an_object_within_an_object_is_looked_through(read, write):
    text = json.dumps({"result": {"points": [{"id": 1, "text": "x"}]}, "status": "ok"})
    assert read(write("a.json", text)).texts == ["x"]


def test_an_empty_array_does_not_hide_a_filled_one(read, write, three):
    path = write("a.json", json.dumps({"results": [], "memories": three}))
    assert len(read(path).records) == 3


def test_two_arrays_that_could_be_meant_are_refused_by_name(check, write, three):
    path = write("a.json", json.dumps({"first": three, "second": three}))
    with pytest.raises(SourceError, match="first, second") as caught:
        check(path)
    assert "records: first" in caught.value.remedy


def test_the_mapping_says_which_array_is_meant(read, write, three):
    path = write("a.json", json.dumps({"first": [{"text": "no"}], "in": {"second": three}}))
    mapping = write("m.yaml", "version: 1\nrecords: in.second\ncontent: content\n")
    assert read(path, mapping=mapping).texts == ["memory 0", "memory 1", "memory 2"]


def test_an_array_that_is_not_there_is_refused_with_the_keys_that_are(check, write, three):
    path = write("a.json", json.dumps({"first": three, "other": 1}))
    mapping = write("m.yaml", "version: 1\nrecords: second\ncontent: content\n")
    with pytest.raises(SourceError, match="no list under 'second'") as caught:
        check(path, mapping=mapping)
    assert "first, other" in caught.value.remedy


def test_a_path_into_json_lines_is_refused(check, write, three):
    mapping = write("m.yaml", "version: 1\nrecords: memories\ncontent: content\n")
    with pytest.raises(SourceError, match="holds JSON Lines; there is no 'memories' around it"):
        check(write("a.jsonl", three), mapping=mapping)


def test_an_object_can_be_a_record_although_it_has_arrays(read, write):
    text = json.dumps({"id": 1, "content": "tea", "history": [{"old": 1}]})
    assert read(write("a.json", text)).texts == ["tea"]
    mapping = write("m.yaml", 'version: 1\nrecords: "."\ncontent: said\n')
    text = json.dumps({"said": "tea", "items": [{"old": 1}]})
    assert read(write("a.json", text), mapping=mapping).texts == ["tea"]


def test_what_lies_beside_the_records_and_is_not_read_is_named(check, write, three):
    whole = {"memories": three, "relations": [{"a": 1}], "owner": {"id": 1}, "none": [], "n": 1}
    finding = check(write("a.json", json.dumps(whole))).findings[0]
    assert finding.code == "envelope-not-read"
    assert finding.examples == ("relations", "owner")


def test_a_file_called_json_that_holds_lines_is_read_as_lines(read, write, three):
    text = "".join(json.dumps(one) + "\n" for one in three)
    assert list(read(write("memory.json", text + "!\n")).reasons) == ["memory.json:4"]


def test_a_broken_first_line_does_not_hide_json_lines(read, write):
    path = write("a.jsonl", '{"text":"on\n{"text":"two"}\n{"text":"three"}\n')
    reading = read(path)
    assert reading.texts == ["two", "three"]
    assert list(reading.reasons) == ["a.jsonl:1"]


def test_a_comment_before_json_lines_is_only_unreadable(read, write):
    assert read(write("a.jsonl", '# exported\n{"text":"two"}\n')).texts == ["two"]


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (b"PK\x03\x04" + bytes(100), "a damaged zip archive"),
        (b"PAR1" + bytes(100), "a Parquet file"),
        (b"SQLite format 3\0" + bytes(100), "an SQLite database"),
        (b"\xfd7zXZ\0" + bytes(100), "packed with xz"),
        (b"\x89PNG\r\n\x1a\n" + bytes(100), "not a text file"),
        (b'"{\\"agents\\": []}"', "inside a JSON text"),
    ],
)
def test_foreign_files_are_refused_with_advice(check, write, content, what):
    path = write("data.jsonl", content)
    with pytest.raises(SourceError, match=rf"data\.jsonl (is|holds).*{what}") as caught:
        check(path)
    assert caught.value.remedy


def test_a_foreign_file_is_refused_in_its_wrapping_too(check, write):
    with pytest.raises(SourceError, match="Parquet"):
        check(write("data.jsonl.gz", b"PAR1" + bytes(100)))


def test_an_empty_file_is_a_warning_beside_others(check, read, write, three):
    paths = write("a.jsonl", ""), write("b.jsonl", three), write("c.json", " \n ")
    assert codes(check(*paths)) == ["empty-file", "empty-file", "built-in-mapping"]
    assert len(read(*paths).records) == 3


@pytest.mark.parametrize("content", ["", "\n\n", "[]", '{"memories":[]}'])
def test_files_without_any_record_are_refused(check, write, content):
    path = write("a.json", content)
    with pytest.raises(SourceError, match=r"There are no records in a\.json"):
        check(path)


def test_a_file_of_which_nothing_can_be_read_is_told(check, write, three):
    result = check(write("a.json", "[1, 2, 3]"), write("b.jsonl", three))
    assert result.findings[0].code == "nothing-readable"
    assert result.findings[0].message == "a.json[0]: it is a number, not an object"


def test_a_large_beginning_does_not_hide_the_records(read, write, three):
    path = write("a.json", json.dumps({"blob": ["x" * 3_000_000], "memories": three}))
    assert len(read(path).records) == 3


def test_a_list_that_lies_too_far_behind_is_refused(check, read, write, three):
    path = write("a.json", json.dumps({"blob": "x" * 20_000_000, "memories": three}))
    with pytest.raises(SourceError, match="no list of records in its first 16 MB") as caught:
        check(path)
    assert "blob" in caught.value.remedy
    mapping = write("m.yaml", "version: 1\nrecords: memories\ncontent: content\n")
    assert len(read(path, mapping=mapping).records) == 3


def test_data_far_behind_the_records_is_told(read, write):
    big = [{"id": n, "text": "x" * 3_000_000} for n in range(6)]
    path = write("a.json", json.dumps({"memories": big, "more": [{"text": "y"}] * 1000}))
    reading = read(path)
    assert len(reading.records) == 6
    assert "behind the end of the array were not read" in reading.reasons["a.json[6]"]
