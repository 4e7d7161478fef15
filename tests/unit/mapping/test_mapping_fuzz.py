"""Any YAML is a mapping or a MappingError; any object under any mapping a record or Unmappable."""

from __future__ import annotations

import json

import pytest
import yaml
from hypothesis import HealthCheck, assume, example, given, settings
from hypothesis import strategies as st

from fuzz.mappings import JSON, MAPPINGS, OBJECTS
from fuzz.maps import any_mapping_is_read_or_refused, any_object_is_mapped_or_refused
from fuzz.seeds import MAPPING
from synap_import.errors import MappingError
from synap_import.mapping import RecordMapper, parse_mapping

PIECES = [
    *(bytes([byte]) for byte in b"\"'{}[],:;\n \t\0-?&*!|>%@`#~\\"),
    b"\xef\xbb\xbf",
    b"\xff\xfe",
    b"\xed\xa0\x80",
    b'"\\ud800"',
    b'"\\0"',
    b"!!python/object:os.system",
    b"<<: *a",
    b"9" * 5000,
    b"1e999",
    b".nan",
    b"[" * 50,
    b"? - ",
    b"\n---\n",
    b"\x85",
    b"%YAML 9.9\n---\n",
    b"jmespath: ",
    b"const: ",
    b"const: {a: [1, null]}",
    b"format: '%'",
    b"tz: ../../etc/passwd",
    b"tz: Europe",
    b"`{`",
    b"[?a==`1`]",
    b"@",
]

quick = settings(
    deadline=None,
    max_examples=150,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@st.composite
def damaged(draw):
    text = MAPPING.encode()
    for _ in range(draw(st.integers(1, 4))):
        at, length = draw(st.integers(0, len(text))), draw(st.integers(0, 12))
        put = draw(st.sampled_from([b"", text[at : at + 40], *PIECES]) | st.binary(max_size=4))
        text = text[:at] + put + text[at + length :]
    return text


@quick
@given(content=damaged() | st.binary(max_size=60))
@example(b'version: 1\ncontent: memory\n"\\ud800": 1')
@example(b'version: 1\ncontent: "\\ud800"')
@example(b'version: "\\ud800"\ncontent: memory')
@example(b'version: 1\ncontent: memory\nkind: {path: a, values: {"\\ud800": fact}}')
@example(b'version: 1\ncontent: memory\nuser: {jmespath: "\\ud800"}')
@example(b'version: 1\ncontent: memory\ncreated_at: {path: a, tz: "\\ud800"}')
@example(b'version: 1\ncontent: memory\ncreated_at: {path: a, format: "%\\ud800"}')
@example(b'version: 1\ncontent: memory\nmetadata: {const: {"\\ud800": "\\ud800"}}')
@example(b"version: 1\ncontent: memory\nmetadata: {const: {a: 1e999}}")
@example(b"version: 1\ncontent: " + b"[" * 5000)
def test_any_bytes_are_a_mapping_or_a_mapping_error(tmp_path, content):
    path = tmp_path / "mapping.yaml"
    path.write_bytes(content)
    any_mapping_is_read_or_refused(path)


@settings(quick, max_examples=300)
@given(mapping=MAPPINGS, items=st.lists(OBJECTS | JSON, min_size=1, max_size=3))
def test_any_object_under_any_mapping_is_a_record_or_unmappable(mapping, items):
    try:
        mapper = RecordMapper(parse_mapping(as_yaml(mapping), "any.yaml"))
    except MappingError:
        assume(False)
    for item in items:
        any_object_is_mapped_or_refused(mapper, item)


def as_yaml(mapping):
    """JSON is YAML."""
    return json.dumps(mapping)


@pytest.mark.parametrize("field", ["id", "user", "content", "created_at", "position", "tags", "x"])
def test_a_number_that_python_does_not_write_out_is_no_exception(mapper_of, field):
    mapper = mapper_of("id: id\nuser: user\ncreated_at: created_at\nposition: position\ntags: tags")
    any_object_is_mapped_or_refused(mapper, {"memory": "tea", field: 10**5000})


def test_half_a_character_in_a_mapping_is_told_with_its_place():
    with pytest.raises(MappingError, match="line 2, column 10: this text holds half a character"):
        parse_mapping('version: 1\ncontent: "\\ud800"', "any.yaml")


@pytest.mark.parametrize("text", ["a: &a [1]\nb: *a", "a: !!python/name:os.system x", "<<: {a: 1}"])
def test_what_yaml_can_do_beyond_data_is_refused(text):
    assert yaml.compose(text) is not None
    with pytest.raises(MappingError):
        parse_mapping(text, "any.yaml")
