"""The export of Mem0's coding plugin."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from mem0_support.exports import read, write_text
from synap_import import SourceError

BLOCK = """---
id: {id}
created_at: 2026-01-15T10:30:00Z
type: task_learnings
confidence: 0.9
branch:
files: src/a.py, src/b.py
categories: coding, style
---
{text}

"""
NAME = "mem0-export-shop-2026-08-01.md"


def written(tmp_path, *texts, name=NAME):
    blocks = (BLOCK.format(id=f"m{number}", text=text) for number, text in enumerate(texts))
    return write_text(tmp_path / name, "".join(blocks))


def test_a_block_is_a_record(tmp_path):
    record = read(written(tmp_path, "Use tabs.")).record
    assert record.id == "m0"
    assert record.text == "Use tabs."
    assert record.created_at == datetime(2026, 1, 15, 10, 30, tzinfo=UTC)
    assert record.tags == ("coding", "style")
    assert record.metadata == {
        "type": "task_learnings",
        "confidence": "0.9",
        "files": ["src/a.py", "src/b.py"],
    }


@pytest.mark.parametrize(
    "text", ["above\n---\nbelow", "---\n---", "---\ntitle: x\n---\nfront matter", "a\n\n---\n\nb"]
)
def test_lines_of_dashes_in_a_text_stay_in_it(tmp_path, text):
    assert read(written(tmp_path, text, "next")).texts == [text, "next"]


def test_the_project_is_taken_from_the_name_of_the_file_and_counted(tmp_path):
    record = read(written(tmp_path, "Use tabs.")).record
    assert record.scope.app == "shop"
    assert "app-of-file-name" in record.assumptions


def test_a_file_with_another_name_tells_no_project(tmp_path):
    reading = read(written(tmp_path, "Use tabs.", name="mine.md"))
    assert reading.record.scope.owner() is None
    assert "markdown-no-user" in reading.codes


def test_what_windows_writes_is_the_same(tmp_path):
    path = written(tmp_path, "one\ntwo", "three")
    path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    assert read(path).texts == ["one\ntwo", "three"]


def test_a_block_without_an_id_gets_one(tmp_path):
    path = write_text(
        tmp_path / NAME, BLOCK.format(id="m0", text="a") + BLOCK.format(id="", text="b")
    )
    assert "made-id" in read(path).records[1].assumptions


def test_reading_goes_on_behind_a_page(tmp_path):
    path = written(tmp_path, *(f"memory {number}" for number in range(700)))
    whole = read(path)
    assert len(whole.texts) == 700
    assert read(path, cursor=whole.pages[0].cursor).texts == whole.texts[300:]


def test_other_markdown_is_not_taken_for_an_export(tmp_path):
    with pytest.raises(SourceError, match="a text that is not JSON"):
        read(write_text(tmp_path / "notes.md", "# Notes\n---\nid: no\n"))
