from __future__ import annotations

import re

import pytest

from synap_import.mapping import Unmappable

LINES = "user: u\ncreated_at: t"
HASHED = "user: u\ncreated_at: t\nid: {hash: [user, content, created_at]}"


def test_an_object_without_an_id_gets_one_of_32_hexadecimal_digits(record_of):
    record = record_of("id: id", id=" ")

    assert re.fullmatch("[0-9a-f]{32}", record.id)
    assert record.assumptions == ("made-id",)


def test_a_made_id_is_the_same_on_every_run(record_of):
    made = record_of(LINES, u="alice", t="2026-01-15T10:30:00Z")

    assert made.id == "f296461b361a7eb531d4b7762110078a"


@pytest.mark.parametrize("other", [{"u": "bob"}, {"t": "2026-01-16"}, {"memory": "hates tea"}])
def test_user_content_and_time_tell_objects_apart(record_of, other):
    same = {"u": "alice", "t": "2026-01-15"}

    assert record_of(LINES, **same).id != record_of(LINES, **same | other).id


def test_the_system_tells_objects_apart(record_of):
    assert record_of("system: a").id != record_of("system: b").id


@pytest.mark.parametrize("same", [" likes tea\n", "likes tea"])
def test_white_space_around_the_content_does_not(record_of, same):
    assert record_of(memory=same).id == record_of().id


def test_the_way_a_letter_is_composed_does_not(record_of):
    assert record_of(memory="caf\u00e9").id == record_of(memory="cafe\u0301").id


def test_fields_that_are_no_part_do_not(record_of):
    assert record_of(score=1).id == record_of(score=2).id


def test_parts_cannot_run_into_each_other(record_of):
    assert (
        record_of("user: u", u="a", memory="bc").id != record_of("user: u", u="ab", memory="c").id
    )


def test_the_time_counts_as_it_is_written_whatever_its_format(record_of):
    berlin = "user: u\ncreated_at: {path: t, tz: Europe/Berlin}"
    fields = {"u": "alice", "t": "2026-01-15 10:30:00"}

    assert record_of(berlin, **fields).id == record_of(LINES, **fields).id


def test_exact_duplicates_are_the_same_record(record_of):
    assert record_of(LINES, u="a", t="x").id == record_of(LINES, u="a", t="x").id


def test_an_asked_for_hash_is_the_same_id_and_no_assumption(record_of):
    fields = {"u": "alice", "t": "2026-01-15T10:30:00Z"}
    hashed, made = record_of(HASHED, **fields), record_of(LINES, **fields)

    assert (hashed.id, hashed.assumptions) == (made.id, ())


def test_a_hash_leaves_out_what_is_no_part(record_of):
    lines = "user: u\nid: {hash: [content]}"

    assert record_of(lines, u="alice").id == record_of(lines, u="bob").id


def test_a_required_id_is_not_made(mapper_of):
    with pytest.raises(Unmappable, match="id: it is missing or blank"):
        mapper_of("id: {path: id, required: true}")({"memory": "x"})


def test_no_id_is_made_of_nothing(mapper_of):
    mapper = mapper_of("skip_if: [{path: gone, in: [true]}]")

    with pytest.raises(Unmappable, match="no content to make one from"):
        mapper({"gone": True})


def test_a_time_that_is_an_object_counts_whatever_its_order(record_of):
    one = record_of(LINES, t={"a": 1, "b": 2})

    assert one.id == record_of(LINES, t={"b": 2, "a": 1}).id != record_of(LINES, t={"a": 2}).id


def test_a_time_without_end_does_not_keep_an_id_from_being_made(record_of):
    cyclic: list = []
    cyclic.append(cyclic)

    assert record_of(LINES, t=cyclic).id == record_of(LINES, t=cyclic).id
