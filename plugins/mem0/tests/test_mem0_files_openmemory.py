"""OpenMemory's exports: whose, in which state, and when, as its database had it."""

from __future__ import annotations

import gzip
import json
import zipfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from mem0_support.exports import DATA, partitions, read, write_json, write_lines
from synap_import import ConfigurationError, Severity, SourceError, State

RECORDED = DATA / "openmemory"
ZIP = RECORDED / "openmemory_memories_export_labuser.zip"
PACIFIC = "America/Los_Angeles"
USER = "5ba99f1c-6035-43df-963f-6a5227b1116a"

LINE = {
    "id": "m1",
    "content": "likes tea",
    "metadata": {},
    "created_at": "2026-06-30T10:00:00+00:00",
    "updated_at": None,
    "state": "active",
    "app": "cursor",
    "categories": ["food"],
}


def export(*memories, generated_at="2026-07-01T12:00:00+00:00", **more):
    return {
        "user": {"id": USER, "user_id": "ada", "created_at": "2026-01-01T00:00:00+00:00"},
        "apps": [{"id": "app-1", "name": "cursor"}],
        "categories": [{"id": "cat-1", "name": "work"}, {"id": "cat-2", "name": "food"}],
        "memories": list(memories),
        "memory_categories": [],
        "status_history": [],
        "access_controls": [],
        "export_meta": {"version": "1", "generated_at": generated_at},
        **more,
    }


def memory(number=0, **more):
    return {
        "id": f"00000000-0000-4000-8000-{number:012}",
        "user_id": USER,
        "app_id": "app-1",
        "content": f"memory {number}",
        "metadata": {},
        "state": "active",
        "created_at": "2026-06-30T10:00:00+00:00",
        "updated_at": "2026-06-30T10:00:00+00:00",
        "archived_at": None,
        "deleted_at": None,
        "category_ids": [],
        **more,
    }


def zipped(path: Path, members: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return path


def test_the_recorded_zip_gives_every_memory_with_its_user_and_app():
    reading = read(ZIP, openmemory_tz=PACIFIC)
    assert len(reading.records) == 6
    assert {record.scope.user for record in reading.records} == {"labuser"}
    assert {record.scope.app for record in reading.records} == {"cursor", "openmemory"}
    assert reading.check.expected == 6


def test_the_shift_of_the_recorded_zip_is_an_error_with_its_remedy():
    finding = read(ZIP).finding("openmemory-time-shift")
    assert finding.severity is Severity.ERROR
    assert "8 h 00 min" in finding.message
    assert "--openmemory-tz=-08:00" in finding.remedy


@pytest.mark.parametrize("zone", [PACIFIC, "-08:00"])
def test_with_the_zone_the_recorded_times_are_those_that_were_stored(zone):
    """The database had 2026-11-21 04:44:27.050451 for this one."""
    reading = read(ZIP, openmemory_tz=zone)
    record = next(one for one in reading.records if one.text == "open fact 0")
    assert record.created_at == datetime(2026, 11, 21, 4, 44, 27, 50451, tzinfo=UTC)
    assert "shifted-time:created_at" in record.assumptions
    assert not [one for one in reading.check.findings if one.severity is Severity.ERROR]


def test_the_unpacked_files_give_the_same_as_the_zip():
    zip_ids = set(read(ZIP, openmemory_tz=PACIFIC).ids)
    assert set(read(RECORDED / "openmemory_memories.json", openmemory_tz=PACIFIC).ids) == zip_ids
    lines = read(RECORDED / "openmemory_memories.jsonl", openmemory_tz=PACIFIC)
    assert set(lines.ids) == zip_ids


def test_active_and_paused_load_archived_and_deleted_do_not(tmp_path):
    states = ("active", "paused", "archived", "deleted")
    path = write_json(
        tmp_path / "m.json", export(*(memory(n, state=s) for n, s in enumerate(states)))
    )
    found = [(record.state, record.hold) for record in read(path).records]
    assert found == [
        (State.ACTIVE, None),
        (State.ACTIVE, None),
        (State.ACTIVE, "openmemory-archived"),
        (State.DELETED, None),
    ]


def test_a_state_that_is_not_known_is_told(tmp_path):
    record = read(write_json(tmp_path / "m.json", export(memory(state="frozen")))).record
    assert record.assumptions == ("unknown-state:state",)


def test_categories_are_tags(tmp_path):
    by_ids = memory(0, category_ids=["cat-1", "cat-2"])
    by_table = memory(1)
    del by_table["category_ids"]
    links = [{"memory_id": by_table["id"], "category_id": "cat-2"}]
    path = write_json(tmp_path / "m.json", export(by_ids, by_table, memory_categories=links))
    assert [record.tags for record in read(path).records] == [("work", "food"), ("food",)]


def test_another_users_memory_is_not_given_to_the_exports_user(tmp_path):
    record = read(write_json(tmp_path / "m.json", export(memory(user_id="someone-else")))).record
    assert record.scope.user == "someone-else"


def test_ids_that_the_script_wrote_without_dashes_are_the_same_ids(tmp_path):
    plain = memory(7)
    bare = {**plain, "id": plain["id"].replace("-", "")}
    assert read(write_json(tmp_path / "m.json", export(bare))).ids == [plain["id"]]


def test_metadata_is_the_users_own_whatever_it_is(tmp_path):
    path = write_json(
        tmp_path / "m.json", export(memory(0, metadata={"role": "x"}), memory(1, metadata="text"))
    )
    assert [one.metadata for one in read(path).records] == [{"role": "x"}, {"value": "text"}]


def test_times_before_the_export_are_left_and_the_doubt_is_told(tmp_path):
    reading = read(write_json(tmp_path / "m.json", export(memory())))
    assert reading.record.created_at == datetime(2026, 6, 30, 10, tzinfo=UTC)
    assert reading.finding("openmemory-zone-unknown").severity is Severity.INFO


def test_a_shift_that_only_the_state_history_shows_is_seen(tmp_path):
    history = [{"id": "h", "memory_id": "m", "changed_at": "2026-07-01T15:00:00+00:00"}]
    reading = read(write_json(tmp_path / "m.json", export(memory(), status_history=history)))
    assert "3 h 00 min" in reading.finding("openmemory-time-shift").message
    assert reading.finding("openmemory-state-history").count == 1


def test_a_zone_with_which_times_still_lie_in_the_future_is_an_error():
    finding = read(ZIP, openmemory_tz="-02:00").finding("openmemory-wrong-zone")
    assert finding.severity is Severity.ERROR


def test_a_zone_that_does_not_exist_is_refused():
    with pytest.raises(ConfigurationError, match="Mars"):
        read(ZIP, openmemory_tz="Mars/Olympus")


def as_openmemory_exports(stored: datetime, zone) -> datetime:
    """datetime.astimezone(UTC) of naive digits, on a host in that zone."""
    return stored.replace(tzinfo=zone).astimezone(UTC)


@pytest.mark.parametrize("name", [PACIFIC, "Europe/Berlin", "Australia/Lord_Howe", "Asia/Kolkata"])
def test_the_correction_undoes_the_export_in_every_hour_of_a_year(name):
    from zoneinfo import ZoneInfo

    from synap_import_mem0.files.zones import is_ambiguous, unshifted

    zone = ZoneInfo(name)
    lost = 0
    for half_hours in range(2 * 24 * 366):
        stored = datetime(2026, 1, 1, 0, 15) + timedelta(minutes=30 * half_hours)  # noqa: DTZ001
        exported = as_openmemory_exports(stored, zone)
        if unshifted(exported, zone) != stored.replace(tzinfo=UTC):
            lost += 1
            assert is_ambiguous(exported, zone)
    assert lost <= 2


def test_an_hour_that_cannot_be_told_from_another_is_counted(tmp_path):
    """02:30 and 03:30 UTC of that night were both exported as 10:30 from the Pacific."""
    moment = {"created_at": "2026-03-08T10:30:00+00:00", "updated_at": None}
    path = write_json(tmp_path / "m.json", export(memory(**moment)))
    record = read(path, openmemory_tz=PACIFIC).record
    assert "ambiguous-time:created_at" in record.assumptions


def test_lines_know_no_user_and_say_so(tmp_path):
    reading = read(write_lines(tmp_path / "memories.jsonl.gz", [LINE]))
    assert reading.record.scope.user is None
    assert reading.record.scope.app == "cursor"
    assert reading.record.tags == ("food",)
    assert reading.finding("openmemory-no-user").severity is Severity.WARNING


def test_an_excerpt_is_told(tmp_path):
    meta = {"app_id_filter": "app-1", "generated_at": "2026-07-01T12:00:00+00:00"}
    path = write_json(tmp_path / "m.json", export(memory(), export_meta=meta))
    assert read(path).finding("openmemory-filtered").examples == ("app_id_filter = app-1",)


def test_another_zone_makes_it_another_version():
    versions = {partitions(ZIP, openmemory_tz=zone)[0].version for zone in (None, PACIFIC, "UTC")}
    assert len(versions) == 3


def test_in_a_folder_the_file_that_knows_the_user_is_read_and_its_copy_is_not(tmp_path):
    write_json(tmp_path / "memories.json", export(memory()))
    write_lines(tmp_path / "memories.jsonl.gz", [LINE])
    reading = read(tmp_path)
    assert [record.scope.user for record in reading.records] == ["ada"]
    assert reading.finding("files-not-read").count == 1


def test_in_a_folder_other_lines_of_that_name_are_read(tmp_path):
    write_json(tmp_path / "memories.json", export(memory()))
    write_lines(tmp_path / "memories.jsonl", [{"id": "d1", "memory": "of a dump"}])
    assert sorted(read(tmp_path).texts) == ["memory 0", "of a dump"]


def test_a_zip_that_was_packed_again_with_its_folder_is_read(tmp_path):
    content = json.dumps(export(memory())).encode()
    path = zipped(tmp_path / "again.zip", {"export/memories.json": content, "notes.txt": b"x"})
    assert read(path).texts == ["memory 0"]


def test_a_zip_with_lines_only_is_read(tmp_path):
    line = {"id": "m", "content": "c", "state": "active", "app": "a", "categories": []}
    content = gzip.compress(json.dumps(line).encode())
    assert read(zipped(tmp_path / "l.zip", {"memories.jsonl.gz": content})).texts == ["c"]


def test_members_with_wicked_names_are_not_unpacked(tmp_path):
    content = json.dumps(export(memory())).encode()
    wicked = {"memories.json": content, "../../escaped.txt": b"x", "/etc/escaped": b"x"}
    inside = tmp_path / "deep" / "er"
    inside.mkdir(parents=True)
    assert read(zipped(inside / "w.zip", wicked)).texts == ["memory 0"]
    assert sorted(one.name for one in tmp_path.rglob("*")) == ["deep", "er", "w.zip"]


def test_a_zip_that_unpacks_without_end_is_told(tmp_path, monkeypatch):
    monkeypatch.setattr("synap_import_mem0.files.texts._HARMLESS", 2**20)
    bomb = json.dumps(export(memory(0), memory(1, content="x" * 50_000_000))).encode()
    with pytest.raises(SourceError, match="far more"):
        read(zipped(tmp_path / "bomb.zip", {"memories.json": bomb}))


def test_a_damaged_zip_is_told(tmp_path):
    content = json.dumps(export(*map(memory, range(3000)))).encode()
    path = zipped(tmp_path / "d.zip", {"memories.json": content})
    packed = bytearray(path.read_bytes())
    packed[len(packed) // 2] ^= 0xFF
    path.write_bytes(packed)
    with pytest.raises(SourceError, match=r"d\.zip"):
        read(path)


def test_two_exports_in_one_zip_are_refused(tmp_path):
    content = json.dumps(export(memory())).encode()
    path = zipped(tmp_path / "two.zip", {"a/memories.json": content, "b/memories.json": content})
    with pytest.raises(SourceError, match=r"two\.zip"):
        read(path)
