from __future__ import annotations

import json
from datetime import UTC, datetime
from uuid import UUID

import pytest

from synap_import.errors import MappingError
from synap_import.mapping import MappingDocument, RecordMapper, Unmappable
from synap_import.records import Kind, Scope, State, decode_record, encode_record

MORNING = datetime(2026, 1, 15, 10, 30, tzinfo=UTC)


def refusal(mapper: RecordMapper, raw) -> Unmappable:
    with pytest.raises(Unmappable) as caught:
        mapper(raw)
    return caught.value


def deep(levels: int) -> list:
    nested: list = []
    for _ in range(levels):
        nested = [nested]
    return nested


# --- where values come from


def test_the_object_is_kept_as_it_came(mapper_of):
    raw = {"memory": "likes tea", "metadata": {"a": 1}}
    before = json.dumps(raw)

    record = mapper_of("metadata: metadata")(raw)

    assert record.raw is raw
    assert json.dumps(raw) == before


def test_the_system_is_the_documents_or_the_callers(mapper_of):
    document = MappingDocument.model_validate({"version": 1, "content": "memory"})

    assert RecordMapper(document)({"memory": "x"}).system == "json"
    assert RecordMapper(document, "acme")({"memory": "x"}).system == "acme"
    assert mapper_of("system: other")({"memory": "x"}).system == "other"


def test_a_system_that_could_be_mistaken_in_an_id_is_refused():
    document = MappingDocument.model_validate({"version": 1, "content": "memory"})

    with pytest.raises(MappingError, match="'a_b' cannot name a system"):
        RecordMapper(document, "a_b")


@pytest.mark.parametrize("nothing", [None, "", "  \n"])
def test_the_first_path_that_is_not_missing_wins(record_of, nothing):
    assert record_of("user: [a.b, c]", a={"b": nothing}, c="alice").scope.user == "alice"


def test_zero_is_not_missing(record_of):
    assert record_of("user: [a, b]", a=0, b=1).scope.user == "0"


def test_an_empty_list_does_not_hide_a_filled_one(record_of):
    assert record_of('tags: ["a[]", "b[]"]', a=[], b=["x"]).tags == ("x",)


def test_a_constant_needs_no_field(record_of):
    assert record_of("user: {const: alice}").scope.user == "alice"


def test_an_expression_gives_a_value(mapper_of):
    mapper = mapper_of("content: {jmespath: \"join('; ', observations)\"}")

    assert mapper({"observations": ["likes tea", "hates rain"]}).text == "likes tea; hates rain"


def test_a_required_field_that_is_missing_refuses_the_object(mapper_of):
    error = refusal(mapper_of("user: {path: u, required: true}"), {"memory": "x", "u": " "})

    assert (error.field, "missing or blank" in error.reason) == ("user", True)


@pytest.mark.parametrize(
    ("line", "assumption"),
    [
        ("user: {path: u, default: everybody}", "default:user"),
        ("created_at: {path: t, default: '2026-01-15T10:30:00Z'}", "default:created_at"),
        ("content: {path: c, default: (empty)}", "default:content"),
    ],
)
def test_a_default_that_matters_is_an_assumption(record_of, line, assumption):
    assert assumption in record_of(line).assumptions


def test_a_default_of_little_weight_is_none(record_of):
    record = record_of("id: id\nrole: {path: r, default: user}", id="1")

    assert (record.role, record.assumptions) == ("user", ())


@pytest.mark.parametrize("raw", [None, "text", 3, ["list"]])
def test_what_is_no_object_is_refused(mapper_of, raw):
    error = refusal(mapper_of(), raw)

    assert error.field == "record"
    assert f"an object was expected, not {type(raw).__name__}" in error.reason


# --- ids and users


@pytest.mark.parametrize(
    ("given", "text", "type_name"),
    [
        (42, "42", "int"),
        (0, "0", "int"),
        (UUID(int=7), "00000000-0000-0000-0000-000000000007", "UUID"),
    ],
)
def test_an_id_that_is_no_text_becomes_one_and_its_type_is_kept(record_of, given, text, type_name):
    record = record_of("id: id", id=given)

    assert (record.id, record.metadata) == (text, {"source_id_type": type_name})


def test_an_id_is_kept_verbatim(record_of):
    assert record_of("id: id\nuser: u", id=" x/Y ", u=" Ä ").scope == Scope(user=" Ä ")
    assert record_of("id: id", id=" x/Y ").id == " x/Y "


@pytest.mark.parametrize("field", ["id", "user", "agent", "session", "app", "group"])
@pytest.mark.parametrize("value", [True, 1.0, {"a": 1}, ["a"]])
def test_an_id_of_a_wrong_type_refuses_the_object(mapper_of, field, value):
    error = refusal(mapper_of(f"{field}: given"), {"memory": "x", "given": value})

    assert error.field == field
    assert f"not {type(value).__name__}: {value!r}" in error.reason


def test_an_endless_number_is_no_id(mapper_of):
    error = refusal(mapper_of("id: id"), {"memory": "x", "id": 10**5000})

    assert "too long" in error.reason


@pytest.mark.parametrize("blank", ["", " ", "\t\n"])
def test_a_blank_user_is_no_user(record_of, blank):
    assert record_of("user: u", u=blank).scope == Scope()


def test_every_scope_id_has_its_place(record_of):
    names = ("user", "agent", "session", "app", "group")
    lines = "\n".join(f"{name}: scope.{name}" for name in names)

    assert record_of(lines, scope={name: name[0] for name in names}).scope == Scope(
        user="u", agent="a", session="s", app="a", group="g"
    )


# --- content


def test_content_is_verbatim_unless_stripped(mapper_of):
    raw = {"memory": "  likes tea\n"}

    assert mapper_of()(raw).text == "  likes tea\n"
    assert mapper_of("content: {path: memory, strip: true}")(raw).text == "likes tea"


@pytest.mark.parametrize("value", [{"a": 1}, ["likes tea"], 3, 1.5, True])
def test_content_of_a_wrong_type_refuses_the_object(mapper_of, value):
    error = refusal(mapper_of(), {"memory": value})

    assert error.field == "content"
    assert f"a text was expected, not {type(value).__name__}" in error.reason


@pytest.mark.parametrize("text", ["", " \n"])
def test_blank_content_is_a_memory_without_words_not_a_fault(mapper_of, text):
    assert mapper_of("id: id\ncontent: memory")({"id": "1", "memory": text}).text == ""


@pytest.mark.parametrize("raw", [{}, {"memory": None}, {"id": "1"}])
def test_missing_content_refuses_the_object(mapper_of, raw):
    assert str(refusal(mapper_of(), raw)) == "content: it is missing"


def test_a_refusal_shows_an_excerpt_only(mapper_of):
    error = refusal(mapper_of(), {"memory": ["secret " * 500] * 50})

    assert len(error.reason) < 140


def test_a_value_that_cannot_be_shown_is_still_refused_in_words(mapper_of):
    error = refusal(mapper_of(), {"memory": 10**5000})

    assert error.reason == "a text was expected, not int: <int>"


# --- times


def test_an_exact_time_leaves_nothing_to_say(record_of):
    record = record_of("created_at: t", t="2026-01-15T10:30:00Z")

    assert (record.created_at, record.assumptions[:-1], record.metadata) == (MORNING, (), {})


@pytest.mark.parametrize(
    ("given", "assumption"),
    [
        ("2026-01-15 10:30:00", "naive-time:created_at"),
        ("2026-01-15", "date-only:created_at"),
        ("2026-01", "month-only:created_at"),
        ("2026", "year-only:created_at"),
        (0, "unknown-time:created_at"),
        ("soon", "unreadable-time:created_at"),
        (True, "unreadable-time:created_at"),
    ],
)
def test_an_inexact_time_is_told_and_kept_as_it_came(record_of, given, assumption):
    record = record_of("created_at: t", t=given)

    assert assumption in record.assumptions
    assert record.metadata["source_created_at"] is given


def test_an_unreadable_time_is_absent_and_never_now(record_of):
    assert record_of("created_at: t", t="soon").created_at is None


@pytest.mark.parametrize("nothing", [None, "", " "])
def test_a_missing_time_is_absent_without_a_word(record_of, nothing):
    record = record_of("id: id\ncreated_at: t", id="1", t=nothing)

    assert (record.created_at, record.assumptions, record.metadata) == (None, (), {})


@pytest.mark.parametrize("field", ["updated_at", "valid_from", "valid_to", "expires_at"])
def test_the_other_times_are_read_alike(record_of, field):
    exact = record_of(f"{field}: t", t="2026-01-15T10:30:00Z")
    naive = record_of(f"{field}: {{path: t, tz: '+02:00'}}", t="2026-01-15T12:30:00")

    assert getattr(exact, field) == getattr(naive, field) == MORNING
    assert f"naive-time:{field}" in naive.assumptions
    assert naive.metadata == {f"source_{field}": "2026-01-15T12:30:00"}


# --- kind, state and what is skipped


def test_kind_and_state_can_be_constants(record_of):
    record = record_of("kind: message\nstate: expired")

    assert (record.kind, record.state) == (Kind.MESSAGE, State.EXPIRED)


@pytest.mark.parametrize(
    ("given", "state"),
    [
        ("ok", State.ACTIVE),
        ("gone", State.DELETED),
        ("expired", State.EXPIRED),
        (True, State.DELETED),
        (1, State.MERGED),
        (None, State.ACTIVE),
        ("", State.ACTIVE),
    ],
)
def test_a_state_is_looked_up_by_their_words_and_ours(record_of, given, state):
    line = "id: id\nstate: {path: s, values: {ok: active, gone: deleted, true: deleted, 1: merged}}"
    record = record_of(line, id="1", s=given)

    assert (record.state, record.assumptions) == (state, ())


@pytest.mark.parametrize("given", ["archived", 7, {"a": 1}, ["ok"]])
def test_an_unlisted_state_is_the_default_and_told(record_of, given):
    record = record_of("state: {path: s, default: superseded}", s=given)

    assert record.state is State.SUPERSEDED
    assert "unknown-value:state" in record.assumptions
    assert record.metadata["source_state"] == given


@pytest.mark.parametrize(
    ("rule", "given"),
    [
        ("{path: s, in: [deleted, gone]}", "gone"),
        ("{path: s, in: [true]}", True),
        ("{path: s, in: [3]}", "3"),
        ("{path: s, in: [null]}", None),
        ("{path: 's[]', in: [gone]}", ["a", "gone"]),
        ('{jmespath: "length(s)", in: [2]}', "ab"),
    ],
)
def test_a_skipped_record_is_held_and_not_lost(record_of, rule, given):
    record = record_of(f"skip_if: [{rule}]", s=given)

    assert (record.hold, record.text) == ("skipped-by-mapping", "likes tea")


@pytest.mark.parametrize("given", ["ok", "Deleted", False, None, {"deleted": 1}, [["deleted"]]])
def test_a_record_that_no_rule_names_is_not_held(record_of, given):
    assert record_of("skip_if: [{path: s, in: [deleted, true]}]", s=given).hold is None


def test_any_rule_skips(record_of):
    rules = "skip_if: [{path: a, in: [x]}, {path: b, in: [y]}]"

    assert record_of(rules, b="y").hold == "skipped-by-mapping"


def test_a_skipped_record_may_be_without_content(mapper_of):
    mapper = mapper_of("id: id\nskip_if: [{path: gone, in: [true]}]")

    assert mapper({"id": "1", "gone": True, "memory": None}).text == ""


# --- messages, tags


def test_a_message_has_role_name_and_position(record_of):
    record = record_of("role: r\nname: n\nposition: p", r="user", n=7, p=3)

    assert (record.role, record.name, record.position) == ("user", "7", 3)


@pytest.mark.parametrize(("given", "position"), [("12", 12), (3.0, 3), (-1, -1), (0, 0)])
def test_a_position_is_an_integer_however_written(record_of, given, position):
    assert record_of("position: p", p=given).position == position


@pytest.mark.parametrize(
    "given",
    [
        True,
        1.5,
        "first",
        "1_0",
        2**63,
        pytest.param(10**5000, id="endless"),
        float("nan"),
        float("inf"),
        [1],
    ],
)
def test_an_unreadable_position_is_absent_and_told(record_of, given):
    record = record_of("position: p", p=given)

    assert record.position is None
    assert "unreadable-value:position" in record.assumptions
    assert record.metadata["source_position"] is given


def test_a_missing_position_is_absent_without_a_word(record_of):
    record = record_of("id: id\nposition: p", id="1")

    assert (record.position, record.assumptions) == (None, ())


def test_an_unreadable_role_is_absent_and_told(record_of):
    record = record_of("role: r", r={"name": "user"})

    assert (record.role, record.metadata["source_role"]) == (None, {"name": "user"})


@pytest.mark.parametrize(
    ("given", "tags"),
    [
        (["tea", "lisbon"], ("tea", "lisbon")),
        (["tea", None, "", " ", 3, True], ("tea", "3", "true")),
        ("tea, lisbon", ("tea, lisbon",)),
        ([], ()),
    ],
)
def test_tags_are_words(record_of, given, tags):
    assert record_of("tags: t", t=given).tags == tags


def test_tags_that_are_no_words_are_told_and_kept(record_of):
    record = record_of("tags: t", t=["tea", {"name": "x"}])

    assert record.tags == ("tea",)
    assert "unreadable-value:tags" in record.assumptions
    assert record.metadata == {"source_tags": ["tea", {"name": "x"}]}


# --- metadata and what no path reads


def test_metadata_is_copied_without_what_is_dropped(record_of):
    record = record_of(
        "metadata: {path: meta, drop: [embedding, vector]}",
        meta={"score": 0.7, "embedding": [0.1], "room": {"a": 1}},
    )

    assert record.metadata == {"score": 0.7, "room": {"a": 1}}


def test_metadata_can_be_flattened(record_of):
    record = record_of(
        "metadata: {path: meta, flatten: true, drop: [a.secret]}",
        meta={"a": {"b": {"c": 1}, "secret": {"x": 1}, "empty": {}}, "list": [{"x": 1}]},
    )

    assert record.metadata == {"a.b.c": 1, "a.empty": {}, "list": [{"x": 1}]}


def test_flattening_loses_nothing_where_names_meet(record_of):
    record = record_of("metadata: {path: m, flatten: true}", m={"a.b": 1, "a": {"b": 2}})

    assert record.metadata == {"a.b": 1, "a.b_": 2}


def test_flattening_stops_where_an_object_holds_itself(record_of):
    cyclic: dict = {"a": 1}
    cyclic["self"] = cyclic

    record = record_of("metadata: {path: m, flatten: true}\nunmapped: drop", m=cyclic)

    assert list(record.metadata) == ["a", "self.a"]
    assert "too-deep:metadata" in record.assumptions


def test_flattening_stops_after_ten_thousand_names(record_of):
    shared: dict = {"leaf": 1}
    for _ in range(40):
        shared = {"a": shared, "b": shared}

    record = record_of("metadata: {path: m, flatten: true}", m=shared)

    assert 10_000 <= len(record.metadata) < 10_100


def test_metadata_that_is_no_object_is_told_and_kept(record_of):
    record = record_of("metadata: m", m="{}")

    assert "unreadable-value:metadata" in record.assumptions
    assert record.metadata == {"source_metadata": "{}"}


def test_what_no_path_reads_is_kept(record_of):
    record = record_of("user: [owner.id, uid]", owner={"name": "Al"}, score=1, room=None)

    assert record.metadata == {"unmapped": {"score": 1, "room": None}}


def test_what_no_path_reads_can_be_dropped(record_of):
    assert record_of("unmapped: drop", score=1).metadata == {}


def test_what_no_path_reads_can_be_an_error(mapper_of):
    error = refusal(mapper_of("unmapped: error"), {"memory": "x", "b": 1, "a": 2})

    assert str(error) == "unmapped: the mapping reads no field named 'a, b'"


def test_a_dropped_name_is_not_unmapped(record_of):
    lines = "metadata: {path: m, drop: [embedding]}\nunmapped: error"

    assert record_of(lines, embedding=[0.1]).metadata == {}


def test_what_an_expression_or_a_rule_reads_is_not_unmapped(record_of):
    lines = "user: {jmespath: owner.id || to_string(uid)}\nskip_if: [{path: s, in: [x]}]"

    assert record_of(lines, owner={}, uid=1, s="y").metadata == {}


def test_the_whole_object_leaves_nothing_unmapped(record_of):
    assert record_of("metadata: .", a=1).metadata == {"memory": "likes tea", "a": 1}


def test_the_sources_own_entries_are_not_overwritten(record_of):
    record = record_of("metadata: m\ncreated_at: t", m={"unmapped": 1}, t="2026-01-15", extra=2)

    assert record.metadata == {
        "unmapped": 1,
        "unmapped_": {"extra": 2},
        "source_created_at": "2026-01-15",
    }


# --- objects that are out to break things


def test_metadata_too_deep_to_be_kept_is_left_out_and_told(record_of):
    record = record_of("metadata: m", m={"fine": 1, "deep": deep(5000)})

    assert record.metadata == {"fine": 1}
    assert "too-deep:metadata" in record.assumptions


def test_metadata_as_deep_as_allowed_can_be_encoded(record_of):
    record = record_of("metadata: m", m={"deep": deep(60)})
    content, _ = encode_record(record)

    assert decode_record(content).metadata == record.metadata == {"deep": deep(60)}


@pytest.mark.parametrize(
    "line",
    [
        "user: x",
        "content: [x, memory]",
        "created_at: x",
        "tags: x",
        "metadata: {path: ., flatten: true}",
        "metadata: x",
        "state: {path: x}",
        "position: x",
        "skip_if: [{path: x, in: [a]}]",
        'user: {jmespath: "join(x, x)"}',
        'role: {jmespath: "to_string(x)"}',
        'skip_if: [{jmespath: "x == @", in: [true]}]',
        "unmapped: keep",
    ],
)
@pytest.mark.parametrize("shape", ["deep", "cyclic", "doubly cyclic"])
def test_deep_and_cyclic_objects_never_crash_the_mapper(mapper_of, line, shape):
    x: list = deep(100_000) if shape == "deep" else []
    if shape != "deep":
        x += [{"x": x}, x] if shape == "cyclic" else [x, x, {"x": x, "y": x}]
    mapper = mapper_of(line)

    try:
        outcome = mapper({"memory": "likes tea", "x": x}).id
    except Unmappable as error:
        outcome = str(error)
    assert len(outcome) < 400


def test_an_expression_that_fails_refuses_the_object(mapper_of):
    error = refusal(mapper_of('user: {jmespath: "sum(x)"}'), {"memory": "m", "x": ["a"]})

    assert error.field == "user"
    assert "its expression failed" in error.reason


def test_a_name_that_is_no_text_does_not_crash_the_mapper(record_of):
    assert record_of("metadata: m", m={1: 2}).metadata == {"1": 2}


def test_a_lone_surrogate_in_the_content_passes_through(record_of):
    assert record_of(memory="a\ud800").text == "a\ud800"


@pytest.mark.parametrize("field", ["id", "user"])
def test_a_lone_surrogate_in_an_id_refuses_the_object(mapper_of, field):
    assert refusal(mapper_of(f"{field}: x"), {"memory": "m", "x": "a\ud800"}).field == field
