from __future__ import annotations

import contextlib
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from synap_import.errors import MappingError
from synap_import.mapping import MappingDocument, RecordMapper, Unmappable, parse_mapping
from synap_import.mapping.paths import PathSyntaxError, compile_path
from synap_import.mapping.times import read_time
from synap_import.records import decode_record, encode_record

# Lone surrogates too: JSON can bring them. (In names, records.py cannot encode them.)
TEXTS = st.text(st.characters(exclude_categories=()), max_size=20)
SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | TEXTS
NAMES = st.sampled_from(["a", "b", "k.dot", "memory", "t", "u", ""]) | st.text(max_size=5)
JSON = st.recursive(
    SCALARS, lambda inner: st.lists(inner) | st.dictionaries(NAMES, inner), max_leaves=20
)
OBJECTS = st.dictionaries(NAMES, JSON)
PATHS = st.lists(
    st.sampled_from(["a", "b", '"k.dot"', "memory", "[0]", "[]", "."]), min_size=1, max_size=6
).map("".join)
# Whole seconds: CPython 3.11 itself reads an offset of a microsecond back as none.
OFFSETS = st.integers(-86_399, 86_399).map(lambda seconds: timedelta(seconds=seconds))
TIMES = st.datetimes(
    datetime.fromisoformat("0002-01-01"),
    datetime.fromisoformat("9998-12-31"),
    timezones=st.just(UTC) | OFFSETS.map(timezone),
)

EVERYTHING = RecordMapper(
    MappingDocument.model_validate(
        {
            "version": 1,
            "id": "id",
            "user": ["u", "a.b"],
            "content": ["memory", "a", "b"],
            "created_at": "t",
            "updated_at": {"path": "t", "format": "epoch_ms"},
            "valid_from": {"path": "t", "format": "%Y-%m-%d", "tz": "Europe/Berlin"},
            "position": "a",
            "role": "b",
            "tags": "a[].b",
            "metadata": {"path": "b", "flatten": True},
            "state": {"path": "a"},
            "skip_if": [{"path": "b", "in": ["x", None]}],
        }
    )
)


@given(TIMES)
def test_any_aware_time_written_as_iso_is_read_back(time):
    assert read_time(time.isoformat()) == (time, None)


@given(TIMES)
def test_any_time_that_is_read_is_kept_by_the_records_encoding(time):
    mapper = RecordMapper(MappingDocument(version=1, content="m", created_at="t"))
    record = mapper({"m": "x", "t": time.isoformat()})

    assert decode_record(encode_record(record)[0]).created_at == time


@given(st.datetimes(datetime.fromisoformat("1970-01-02"), datetime.fromisoformat("2600-01-01")))
def test_any_epoch_is_read_back_in_every_unit(naive):
    time = naive.replace(tzinfo=UTC)
    micros = (time - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)

    assert read_time(micros, "epoch_us") == (time, None)
    assert read_time(micros * 1000, "epoch_ns") == (time, None)
    assert abs(read_time(micros / 1e6, "epoch_s").time - time) < timedelta(microseconds=5)


@given(JSON, st.sampled_from(["auto", "iso", "epoch_s", "epoch_ns", "%Y-%m-%d"]))
def test_reading_a_time_never_raises(value, time_format):
    time, assumption = read_time(value, time_format, "Europe/Berlin")

    assert time is None or time.utcoffset() is not None
    assert time is not None or assumption is not None


@given(PATHS, JSON)
@example("a[][][][]", {"a": [[[[1]]]]})
def test_a_path_never_raises_once_it_is_compiled(path, value):
    try:
        get = compile_path(path)
    except PathSyntaxError:
        return
    get(value)


@given(TEXTS)
def test_any_text_is_a_path_or_a_syntax_error(text):
    with contextlib.suppress(PathSyntaxError):
        compile_path(text)({"a": 1})


@given(OBJECTS)
def test_any_object_becomes_a_record_that_can_be_kept_or_is_refused(raw):
    try:
        record = EVERYTHING(raw)
    except Unmappable:
        return
    assert decode_record(encode_record(record)[0]).id == record.id


@given(
    OBJECTS.filter(lambda raw: "memory" not in raw and "u" not in raw),
    st.text(min_size=1).filter(lambda text: not text.isspace()),
    st.randoms(use_true_random=False),
)
def test_a_made_id_does_not_depend_on_the_order_of_keys(raw, content, random):
    mapper = RecordMapper(MappingDocument(version=1, content="memory", user="u", created_at="t"))
    items = [*raw.items(), ("memory", content), ("u", "alice")]
    shuffled = random.sample(items, len(items))

    assert mapper(dict(items)).id == mapper(dict(shuffled)).id


@given(TEXTS)
@example("version: 1\ncontent: [")
@example("a: !!float x")
def test_any_text_is_a_mapping_or_a_mapping_error(text):
    with contextlib.suppress(MappingError):
        parse_mapping(text, "any.yaml")


@pytest.mark.parametrize("tail", ["{", "[", "&", "*a", "|", "- - -", "? ", "%", "'"])
def test_any_broken_end_is_a_mapping_error(tail):
    with pytest.raises(MappingError):
        parse_mapping(f"version: 1\ncontent: memory\nuser: {tail}", "any.yaml")
