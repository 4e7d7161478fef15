"""Export as Portable AI Memory: valid under its own JSON Schema, a file for each user.

The schema beside this file is that of the project (website at e268ec5, Apache-2.0).
"""

from __future__ import annotations

import json
import stat
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from synap_import.export_formats import MESSAGES, NO_TEXT, NO_TIME, NO_USER, write_pam
from synap_import.records import Kind, Link, MemoryRecord, Scope, State, record_line

SCHEMA = json.loads(Path(__file__).with_name("portable-ai-memory-1.0.schema.json").read_text())
VALID = Draft202012Validator(SCHEMA)
NOON = datetime(2026, 1, 15, 12, tzinfo=UTC)


def record(**fields: Any) -> MemoryRecord:
    own = {"system": "acme", "id": "m1", "text": "Likes tea", "created_at": NOON}
    return MemoryRecord(**{**own, "scope": Scope(user="ana"), **fields})


def written(folder: Path, *records: MemoryRecord) -> dict[str, Any]:
    """What lies in the folder then, by user."""
    write_pam(map(record_line, records), folder / "out")
    stores = [json.loads(path.read_text()) for path in (folder / "out").iterdir()]
    for store in stores:
        VALID.validate(store)
    return {store["owner"]["id"]: store["memories"] for store in stores}


def test_each_user_gets_a_file_of_their_own(tmp_path: Path) -> None:
    people = ["ana", "bob", "../ana", "a/b", "Zoë"]
    records = [record(id=f"m{n}", scope=Scope(user=user)) for n, user in enumerate(people)]
    stores = written(tmp_path, *records)
    assert {user: [one["id"] for one in memories] for user, memories in stores.items()} == {
        user: [f"m{n}"] for n, user in enumerate(people)
    }
    assert len(list((tmp_path / "out").iterdir())) == len(people)


def test_users_whose_names_have_no_latin_letter_are_not_taken_for_each_other(
    tmp_path: Path,
) -> None:
    people = ["乄三丁", "东丗丈"]  # the first 32 bits of their digests are the same
    stores = written(tmp_path, *(record(scope=Scope(user=user)) for user in people))
    assert sorted(stores) == sorted(people)


def test_only_the_owner_may_read_the_files(tmp_path: Path) -> None:
    written(tmp_path, record())
    (path,) = (tmp_path / "out").iterdir()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_times_states_and_links_have_the_format_s_names(tmp_path: Path) -> None:
    old = record(
        state=State.SUPERSEDED,
        valid_to=NOON,
        links=(Link(relation="replaced_by", id="m2"),),
        tags=("Home & Garden", "tea"),
        metadata={"language": "en", "k": 1},
    )
    (memory,) = written(tmp_path, old)["ana"]
    assert memory["status"] == "superseded"
    assert memory["temporal"]["superseded_by"] == "m2"
    assert memory["temporal"]["valid_until"] == "2026-01-15T12:00:00Z"
    assert memory["tags"] == ["home-garden", "tea"]
    assert memory["metadata"]["original_tags"] == ["Home & Garden", "tea"]
    assert memory["metadata"]["source_metadata"]["k"] == 1


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"scope": Scope(agent="x")}, NO_USER),
        ({"created_at": None}, NO_TIME),
        ({"text": " "}, NO_TEXT),
        ({"kind": Kind.MESSAGE}, MESSAGES),
    ],
)
def test_what_the_format_has_no_place_for_is_counted(
    tmp_path: Path, fields: dict[str, Any], reason: str
) -> None:
    told = write_pam([record_line(record(**fields)), record_line(record(id="m2"))], tmp_path)
    assert (told.memories, dict(told.left_out)) == (1, {reason: 1})


def test_many_records_of_many_users_are_all_there(tmp_path: Path) -> None:
    records = [record(id=f"m{n}", scope=Scope(user=f"u{n % 7}")) for n in range(3500)]
    stores = written(tmp_path, *records)
    assert sum(map(len, stores.values())) == 3500
    assert {one["id"] for one in stores["u3"]} == {f"m{n}" for n in range(3, 3500, 7)}


@settings(
    max_examples=50, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None
)
@given(
    text=st.text(min_size=1),
    user=st.text(min_size=1, max_size=80),
    tags=st.lists(st.text(min_size=1), max_size=3).map(tuple),
    kind=st.sampled_from([kind for kind in Kind if kind is not Kind.MESSAGE]),
    system=st.from_regex(r"[a-zA-Z0-9][a-zA-Z0-9.-]{0,40}", fullmatch=True),
    metadata=st.dictionaries(st.text(), st.none() | st.integers() | st.text(), max_size=3),
)
def test_whatever_a_record_holds_the_file_is_valid(
    tmp_path_factory: pytest.TempPathFactory, **fields: Any
) -> None:
    user = fields.pop("user")
    stores = written(tmp_path_factory.mktemp("pam"), record(scope=Scope(user=user), **fields))
    assert not fields["text"].strip() or list(stores) == [user]
