"""Any YAML is a mapping or a MappingError; any object under any mapping a record or Unmappable."""

from __future__ import annotations

import json

import pytest
import yaml
from hypothesis import HealthCheck, assume, example, given, settings
from hypothesis import strategies as st

from fuzz.maps import any_mapping_is_read_or_refused, any_object_is_mapped_or_refused
from synap_import.errors import MappingError
from synap_import.mapping import RecordMapper, parse_mapping
from synap_import.records import Kind, State

WHOLE = """\
version: 1
system: acme
records: data.items
id: {hash: [user, content]}
user: [user_id, "a.b[0].c"]
content: {jmespath: "join(' ', not_null(texts[], `[]`))", strip: true}
created_at: {path: at, format: "%d.%m.%Y %H:%M", tz: Europe/Berlin, default: 01.01.2020 10:00}
position: 'n'
tags: {const: [a, b]}
metadata: {path: meta, drop: [x], flatten: yes}
kind: {path: type, values: {note: document}, default: fact}
skip_if:
  - {path: deleted, in: [true, 1, null]}
unmapped: error
"""
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
    text = WHOLE.encode()
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


TEXTS = st.text(st.characters(exclude_categories=()), max_size=6)
NAMES = st.sampled_from(["a", "b", "memory", "t", "k.dot", ""]) | st.text(max_size=3)
ODD_TEXTS = st.sampled_from(
    ["\0", "\ud800", "\u202e", "2024-02-30", "0001-01-01T00:00:00+23:59", "9999-12-31", "1e5", " "]
)
ODD_NUMBERS = st.sampled_from([2**70, -(2**63) - 1, 10**4000, 1e308, -0.0, 1.7e9, 253402300800])
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | TEXTS | ODD_TEXTS | ODD_NUMBERS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(NAMES | TEXTS, inner, max_size=4),
    max_leaves=12,
)
OBJECTS = st.dictionaries(NAMES | TEXTS, JSON, max_size=6)

PATHS = st.sampled_from(
    ["a", "b", "memory", "t", "a.b", "a[0]", "a[].b", "a[][]", '"k.dot"', '""', "."]
)
EXPRESSIONS = st.sampled_from(
    [
        "@",
        "a",
        "*",
        "a.*",
        "[a, b]",
        "{a: a, b: @}",
        "a[*].b",
        "a[?b > `1`]",
        "a[::-1]",
        "a[::0]",
        "a[99999999999999999999]",
        "length(a)",
        "keys(@)",
        "sort(a)",
        "sort_by(a, &b)",
        "max_by(a, &b)",
        "join(',', a)",
        "to_string(@)",
        "to_number(a)",
        "sum(a)",
        "avg(a)",
        "abs(b)",
        "floor(t)",
        "merge(a, b)",
        "map(&b, a)",
        "reverse(a)",
        "contains(a, b)",
        "starts_with(memory, a)",
        "type(a)",
        "a || b",
        "!a",
        "a == b",
        "not_null(a, b, memory)",
        "`null`",
        "`9999999999999999999999`",
        "&a",
        "a[].b[].a[]",
    ]
)
ORIGINS = st.one_of(
    PATHS.map(lambda path: {"path": path}),
    st.lists(PATHS, min_size=1, max_size=3).map(lambda paths: {"path": paths}),
    EXPRESSIONS.map(lambda expression: {"jmespath": expression}),
)


def spec(**more):
    """A field of a mapping with some of what it may say beside where the value comes from."""
    return st.builds(lambda origin, rest: {**origin, **rest}, ORIGINS, optional(**more))


def optional(**fields):
    return st.fixed_dictionaries({}, optional=fields)


REQUIRED = st.booleans()
TIME = spec(
    format=st.sampled_from(["auto", "iso", "epoch_s", "epoch_ns", "%d.%m.%y", "%G %V %u", "%j %Y"]),
    tz=st.sampled_from(["UTC", "Europe/Berlin", "-23:59", "Asia/Kathmandu"]),
)
MAPPINGS = st.builds(
    lambda content, rest: {"version": 1, "content": content, **rest},
    spec(strip=st.booleans(), required=REQUIRED) | spec(default=st.just("x")),
    optional(
        system=st.just("a.b"),
        id=spec(required=REQUIRED) | st.just({"hash": ["content", "created_at"]}),
        user=spec(required=REQUIRED) | st.sampled_from([{"const": 2**70}, {"const": "\0"}]),
        session=spec(default=st.just("s")),
        role=spec(),
        position=spec(default=st.just(-1)),
        created_at=TIME,
        updated_at=TIME,
        tags=spec(default=st.just(["t"])) | st.just({"const": ["a"]}),
        metadata=spec(drop=st.just(["a"]), flatten=st.booleans()) | st.just({"const": {"a": []}}),
        kind=spec(default=st.sampled_from([kind.value for kind in Kind])),
        state=spec(values=st.just({"x": State.EXPIRED.value})),
        skip_if=st.lists(spec(**{"in": st.just([None, True, 1, "x"])}).filter(lambda s: "in" in s)),
        unmapped=st.sampled_from(["keep", "drop", "error"]),
    ),
)


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
