"""From a source to a user map, through a person's hands, into Synap: as a new user would."""

from __future__ import annotations

import csv
import stat
from pathlib import Path

import pytest

from support.commands import memories, run, sandbox, write_lines

KEY = {"SYNAP_API_KEY": "synap_test"}


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Ten memories of three users."""
    return write_lines(tmp_path / "memories.jsonl", memories(10))


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def edit(path: Path, decide: dict[str, dict[str, str]]) -> None:
    """Change cells of rows and save all, as a spreadsheet does."""
    rows = rows_of(path)
    for row in rows:
        row.update(decide.get(row["source_id"], {}))
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]), delimiter=";")
        writer.writeheader()
        writer.writerows(rows)


def test_users_are_listed_decided_and_imported(tmp_path: Path, file: Path) -> None:
    users = tmp_path / "users.csv"
    with sandbox(tmp_path) as here:
        listed = run("users", "json", file, "-o", users, "--synap-url", here.url, **KEY)
        assert listed.code == 0, listed.err
        assert "3 rows have no decision" in listed.out
        assert "(B2C)" in listed.err
        assert "customer_id" not in users.read_text()
        assert stat.S_IMODE(users.stat().st_mode) == 0o600

        decided = {"user-0": {"user_id": "u-0"}, "user-1": {"action": "keep"}}
        edit(users, {**decided, "user-2": {"action": "skip"}})
        done = run(
            *("json", file, "--user-map", users, "--synap-url", here.url, "--json"),
            *("--workdir", tmp_path / "work"),
            **KEY,
        )
        sent = {document["user_id"] for document in here.documents()}
    assert done.code == 0, done.err
    assert done.result["loaded"] == 7
    assert done.result["held"] == {"skipped-by-user-map": 3}
    assert sent == {"u-0", "user-1"}


def test_a_second_run_keeps_what_was_decided(tmp_path: Path, file: Path) -> None:
    users = tmp_path / "users.csv"
    run("users", "json", file, "-o", users)
    edit(users, {"user-0": {"user_id": "007", "note": "ask Ann"}})
    write_lines(file, [*memories(8, users=2), {"id": "n", "user_id": "new", "content": "tea"}])

    again = run("users", "json", file, "-o", users)

    assert again.code == 0, again.err
    assert "1 row new, 2 kept, 1 gone" in again.out
    with users.open(encoding="utf-8-sig", newline="") as opened:
        rows = {row["source_id"]: row for row in csv.DictReader(opened, delimiter=";")}
    assert (rows["user-0"]["user_id"], rows["user-0"]["note"]) == ("007", "ask Ann")
    assert [row["status"] for row in rows.values()] == ["", "", "gone", "new"]
    assert rows["user-0"]["records"] == "4"


def test_force_begins_anew(tmp_path: Path, file: Path) -> None:
    users = tmp_path / "users.csv"
    users.write_text("source_id,user_id\nuser-0,u-0\n")
    assert run("users", "json", file, "-o", users, "--force").code == 0
    assert [row["user_id"] for row in rows_of(users)] == ["", "", ""]


def test_a_file_that_is_no_user_map_is_told_before_the_source_is_read(
    tmp_path: Path, file: Path
) -> None:
    (tmp_path / "users.csv").write_text("name,age\n")
    done = run("users", "json", file, "-o", tmp_path / "users.csv")
    assert done.code == 2
    assert "users.csv is there already" in done.err
    assert "Source:" not in done.err


def test_a_folder_that_is_not_there_is_told_before_the_source_is_read(
    tmp_path: Path, file: Path
) -> None:
    done = run("users", "json", file, "-o", tmp_path / "nowhere" / "users.csv")
    assert done.code == 2
    assert "There is no folder" in done.err
    assert "Source:" not in done.err


def test_known_users_are_suggested_and_filled_in_only_when_asked(
    tmp_path: Path, file: Path
) -> None:
    users, known = tmp_path / "users.csv", tmp_path / "app_users.csv"
    known.write_text("name,user_id\nUser 1,a-1\nAnybody,user-0\nuser-2,a\nUSER 2,b\n")
    suggested = run("users", "json", file, "-o", users, "--known-users", known)
    assert "certain 1, medium 1, ambiguous 1" in suggested.out
    assert [row["user_id"] for row in rows_of(users)] == ["", "", ""]

    filled = run(*("users", "json", file, "-o", users, "--known-users", known, "--fill", "certain"))
    assert "1 taken over into user_id" in filled.out
    assert [row["user_id"] for row in rows_of(users)] == ["user-0", "", ""]


def test_filling_needs_somebody_to_fill_in(tmp_path: Path, file: Path) -> None:
    done = run("users", "json", file, "--fill", "high", cwd=tmp_path)
    assert done.code == 2
    assert "--known-users" in done.err


def test_a_b2b_instance_wants_customers_and_an_import_without_them_is_refused(
    tmp_path: Path, file: Path
) -> None:
    users = tmp_path / "users.csv"
    with sandbox(tmp_path, "--isolation", "b2b") as here:
        listed = run("users", "json", file, "-o", users, "--synap-url", here.url, **KEY)
        assert "3 rows have no customer_id yet" in listed.out
        edit(users, {f"user-{n}": {"user_id": f"u-{n}"} for n in range(3)})
        command = ("json", file, "--user-map", users, "--synap-url", here.url)
        done = run(*command, "--workdir", tmp_path / "work", **KEY)
        assert here.documents() == []
    assert done.code == 2
    assert "a user_id without customer_id in 3 rows" in done.err


@pytest.mark.parametrize("url", ["http://127.0.0.1:9", "http://synap.test", "not an address"])
def test_a_synap_that_does_not_say_is_a_warning(tmp_path: Path, file: Path, url: str) -> None:
    users = tmp_path / "users.csv"
    done = run("users", "json", file, "-o", users, "--synap-url", url, **KEY)
    assert done.code == 0, done.err
    assert "Warning: Whether users have customers is not known" in done.err
    assert "customer_id" in users.read_text()


def test_no_row_is_left_to_decide_when_only_who_is_gone_is_undecided(
    tmp_path: Path, file: Path
) -> None:
    users = tmp_path / "users.csv"
    run("users", "json", file, "-o", users)
    write_lines(file, memories(4, users=1))
    edit(users, {"user-0": {"action": "keep"}})
    assert "All rows are decided" in run("users", "json", file, "-o", users).out
    done = run("json", file, "--user-map", users, "--dry-run", "--workdir", tmp_path / "work")
    assert done.code == 0, done.err
