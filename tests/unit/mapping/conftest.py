from __future__ import annotations

from textwrap import dedent

import pytest

from synap_import.mapping import RecordMapper, parse_mapping


@pytest.fixture(scope="session")
def mapper_of():
    """The mapper of a document; version and content need not be written each time."""

    def compile_text(text: str = "") -> RecordMapper:
        text = dedent(text)
        content = "" if "content:" in text else "content: memory\n"
        return RecordMapper(parse_mapping(f"version: 1\n{content}{text}", "test.yaml"))

    return compile_text


@pytest.fixture(scope="session")
def record_of(mapper_of):
    """The record that a document makes of an object with some content."""

    def make(text: str = "", /, **fields):
        return mapper_of(text)({"memory": "likes tea", **fields})

    return make
