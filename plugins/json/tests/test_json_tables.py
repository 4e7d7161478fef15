"""CSV: rows named by their header."""

from __future__ import annotations

import pytest

from synap_import import SourceError


@pytest.mark.parametrize("mark", [",", ";", "\t", "|"])
def test_the_delimiter_is_found_out(read, write, mark):
    rows = [["id", "content", "user_id"], ["1", "likes tea, and; cake", "ada"], ["2", "x", "bob"]]
    text = "".join(mark.join(f'"{cell}"' for cell in row) + "\n" for row in rows)
    records = read(write("a.csv", text)).records
    assert [(r.id, r.text, r.scope.user) for r in records] == [
        ("1", "likes tea, and; cake", "ada"),
        ("2", "x", "bob"),
    ]


def test_a_quoted_cell_keeps_its_lines_and_quotes(read, write):
    text = 'id,content\r\n1,"two\r\nlines and ""quotes"""\r\n2,one\r\n'
    assert read(write("a.csv", text)).texts == ['two\r\nlines and "quotes"', "one"]


def test_empty_cells_are_absent(read, write):
    (record,) = read(write("a.csv", "id,content,user_id\n1,tea,\n")).records
    assert record.scope.user is None
    assert record.raw == {"id": "1", "content": "tea", "user_id": None}


def test_numbers_stay_as_they_are_written(read, write):
    (record,) = read(write("a.csv", "id,content\n007,tea\n")).records
    assert record.id == "007"


def test_a_metadata_cell_with_json_is_parsed(read, write):
    text = 'id,content,metadata\n1,tea,"{""likes"": [1, 2]}"\n2,cake,{broken\n'
    first, second = read(write("a.csv", text)).records
    assert first.metadata["likes"] == [1, 2]
    assert second.raw["metadata"] == "{broken"


def test_a_row_with_another_number_of_cells_is_told(read, write):
    reading = read(write("a.csv", "id,content\n1,one\n2,two,three\n3,three\n4\n5,five\n"))
    assert reading.texts == ["one", "three", "five"]
    assert reading.reasons == {
        "a.csv:3": "it has 3 cells, and the header has 2",
        "a.csv:5": "it has 1 cells, and the header has 2",
    }


def test_a_row_is_called_by_the_line_on_which_it_begins(read, write):
    reading = read(write("a.csv", 'id,content\n1,"a\nb"\n\n2,"c\nd",x\n3,e\n'))
    assert list(reading.reasons) == ["a.csv:5"]


def test_a_quote_that_is_never_closed_is_told(read, write):
    reading = read(write("a.csv", 'id,content\n1,one\n2,"two\n3,three\n'))
    assert reading.texts == ["one"]
    assert "never closed" in reading.reasons["a.csv:3"]


def test_a_broken_quote_costs_one_row(read, write):
    reading = read(write("a.csv", 'id,content\n1,"one"x\n2,two\n'))
    assert reading.texts == ["two"]
    assert "quoted cell is broken" in reading.reasons["a.csv:2"]


def test_a_file_that_ends_inside_a_row_says_so(read, write):
    reading = read(write("a.csv", "id,content,tags\n1,one,a\n2,tw"))
    assert "cut off" in reading.reasons["a.csv:3"]


def test_cells_may_be_larger_than_the_csv_module_expects(read, write):
    assert read(write("a.csv", "id,content\n1," + "x" * 500_000 + "\n")).texts == ["x" * 500_000]


def test_windows_text_is_read_and_reported(read, check, write):
    path = write("a.csv", "id,content\n1,plain\n2,café €5\n".encode("cp1252"))
    assert read(path).texts == ["plain", "café €5"]
    assert "assumed-encoding" in [finding.code for finding in check(path).findings]


def test_a_row_with_bytes_that_mean_nothing_is_told(read, write):
    reading = read(write("a.csv", b"id,content\n1,caf\xe9\n2,\x81\n3,tea\n"))
    assert reading.texts == ["café", "tea"]
    assert reading.reasons == {"a.csv:3": "it is not CP1252 text"}


def test_windows_text_far_behind_the_beginning_is_found(read, write):
    rows = "".join(f"{n},{'tea ' * 300}\n" for n in range(1000))
    path = write("a.csv", ("id,content\n" + rows + "x,café\n").encode("cp1252"))
    assert read(path).texts[-1] == "café"


def test_utf_8_is_not_reported(check, write):
    path = write("a.csv", "\ufeffid,content\n1,café\n")
    assert [finding.code for finding in check(path).findings] == ["built-in-mapping"]


def test_the_same_column_twice_is_refused(check, write):
    path = write("a.csv", "id,content,content\n1,a,b\n")
    with pytest.raises(SourceError, match="more than one column named 'content'"):
        check(path)


def test_a_header_alone_is_a_file_without_records(check, write, three):
    result = check(write("a.csv", "id,content\n"), write("b.jsonl", three))
    assert result.findings[0].code == "empty-file"


def test_text_that_is_no_table_is_refused(check, write):
    path = write("a.csv", "Just a note.\nAnd another one.\n")
    with pytest.raises(SourceError, match=r"a\.csv is neither JSON nor a CSV file"):
        check(path)
