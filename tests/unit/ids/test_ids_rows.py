"""A row of ids.csv: every state has a word, and no cell does anything in a spreadsheet."""

from __future__ import annotations

import csv
import stat
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from support.sources import record
from synap_import.errors import ConfigurationError
from synap_import.identity.cells import cell_id
from synap_import.ids import HEADER, row_of, state_of, write_ids
from synap_import.ledger import Identified
from synap_import.records import MemoryRecord, Scope

_ONE = Identified(record(1), None, "loaded", None, "legacy_fake_1", "ingestion", ("a", "b"))


def cells(one: Identified) -> dict[str, str]:
    return dict(zip(HEADER, row_of(one), strict=True))


def test_a_row_has_the_old_ids_and_the_new_ones() -> None:
    scope = Scope(user="ada", agent="bot", session="s", app="shop", group="team")
    assert cells(_ONE._replace(record=record(1, scope=scope))) == {
        "system": "fake",
        "id": "1",
        "kind": "fact",
        "user": "ada",
        "agent": "bot",
        "session": "s",
        "app": "shop",
        "group": "team",
        "document_id": "legacy_fake_1",
        "ingestion_id": "ingestion",
        "memory_ids": "a b",
        "state": "loaded",
    }


@pytest.mark.parametrize(
    ("changes", "state"),
    [
        ({"state": "loaded"}, "loaded"),
        ({"state": "already_there", "reason": "duplicate"}, "already_there"),
        ({"state": "", "hold": "no-user"}, "held:no-user"),
        ({"state": "rejected", "reason": "too long"}, "rejected:too long"),
        ({"state": "rejected", "reason": None}, "rejected:no reason given"),
        ({"state": ""}, "not_finished"),
        ({"state": "planned"}, "not_finished"),
        ({"state": "in_flight"}, "not_finished"),
        ({"state": "in_doubt"}, "in_doubt"),
        ({"state": "in_doubt", "hold": "no-user"}, "in_doubt"),
        ({"state": "rolling_back"}, "rolling_back"),
        ({"state": "rolled_back"}, "rolled_back"),
    ],
)
def test_every_state_has_a_word(changes: dict[str, Any], state: str) -> None:
    assert state_of(_ONE._replace(**changes)) == state


@pytest.mark.parametrize("hostile", ["=1+1", "@cmd", "007", "+1", "-1", "a\nb", '"', "1e5"])
def test_a_spreadsheet_neither_runs_nor_changes_an_id(hostile: str) -> None:
    written = cells(_ONE._replace(record=record(1, id=hostile), memory_ids=(hostile,)))
    for column in ("id", "memory_ids"):
        assert written[column].startswith('"')
        assert cell_id(written[column]) == (hostile, True)


def test_a_hostile_reason_stays_a_word() -> None:
    reason = "no\n=cmd|' /C calc'!A0,=1+1"
    written = cells(_ONE._replace(state="rejected", reason=reason))["state"]
    assert written.startswith('"rejected:no =cmd')
    assert "\n" not in written


@given(st.text(min_size=1), st.text(min_size=1))
def test_any_id_comes_back_from_the_file(one_id: str, user: str) -> None:
    written = cells(
        _ONE._replace(
            record=MemoryRecord(system="fake", id=one_id, text="", scope=Scope(user=user))
        )
    )
    assert cell_id(written["id"])[0] == one_id
    assert cell_id(written["user"])[0] == user


def test_the_file_is_private_and_whole(tmp_path: Path) -> None:
    path = tmp_path / "ids.csv"
    assert write_ids(path, [_ONE] * 3) == 3
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    with path.open(newline="") as file:
        assert len(list(csv.DictReader(file))) == 3


def test_a_file_that_cannot_be_finished_does_not_appear(tmp_path: Path) -> None:
    def ends_early() -> Any:
        yield _ONE
        raise OSError(28, "No space left on device")

    with pytest.raises(ConfigurationError, match="No space left"):
        write_ids(tmp_path / "ids.csv", ends_early())
    assert not list(tmp_path.glob("*ids.csv*"))
