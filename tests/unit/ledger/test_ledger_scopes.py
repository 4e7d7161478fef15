"""What the ledger says came out of the source."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from support.sources import record
from synap_import.errors import LedgerError
from synap_import.inventory import passing_ledger
from synap_import.ledger import Ledger, SqliteLedger
from synap_import.ledger.schema import MIGRATIONS
from synap_import.records import Scope, decode_record, record_line
from synap_import.sources import Finding, Page, Partition, Severity

PARTITION = Partition("p", "a partition")
IDS = st.one_of(st.none(), st.sampled_from(["a", "b", "é", "a\0b"]))
SCOPES = st.builds(Scope, user=IDS, agent=IDS, session=IDS, app=IDS, group=IDS)


def stage(ledger: Ledger, *records: object) -> None:
    ledger.reading.open_partition(PARTITION)
    ledger.reading.stage(PARTITION, Page(records, None))


@given(st.lists(SCOPES, max_size=30))
def test_every_scope_is_counted_with_all_its_ids(scopes: list[Scope]) -> None:
    with passing_ledger() as ledger:
        stage(ledger, *(record(n, scope=scope) for n, scope in enumerate(scopes)))
        assert dict(ledger.reading.scopes()) == {scope: scopes.count(scope) for scope in scopes}


def test_a_record_seen_twice_counts_once(ledger: Ledger) -> None:
    stage(ledger, record(1), record(2))
    stage(ledger, record(2), record(3))
    assert list(ledger.reading.scopes()) == [(Scope(user="ada"), 3)]


def test_an_id_with_other_content_counts_once(ledger: Ledger) -> None:
    stage(ledger, record(1), record(1, user="bob"))
    assert list(ledger.reading.scopes()) == [(Scope(user="ada"), 1)]


@pytest.mark.parametrize("ledgers", ["sqlite"], indirect=True)
def test_a_scope_of_a_page_that_was_taken_back_is_numbered_again(
    ledger: Ledger, monkeypatch
) -> None:
    def full_disk(*_: object) -> None:
        raise sqlite3.OperationalError("database or disk is full")

    monkeypatch.setattr("synap_import.ledger.reading.stage_known", full_disk)
    stage(ledger, record(1))
    for user in ("bob", "eve"):
        with pytest.raises(LedgerError, match="full"):
            stage(ledger, record(2, user=user), record(1))
    stage(ledger, record(4, user="eve"), record(5, user="bob"))
    counted = {scope.user: count for scope, count in ledger.reading.scopes()}
    assert counted == {"ada": 1, "eve": 1, "bob": 1}


def test_ids_that_did_not_come_out_are_named(ledger: Ledger) -> None:
    stage(ledger, *(record(n) for n in range(1200)))
    ids = [str(n) for n in range(1195, 1203)]
    assert ledger.reading.missing("fake", ids) == ["1200", "1201", "1202"]
    assert ledger.reading.missing("other", ["1"]) == ["1"]


def test_every_record_comes_out_as_a_line_once(ledger: Ledger) -> None:
    first = [record(n, raw={"n": n}) for n in range(700)]
    stage(ledger, *first)
    stage(ledger, *first[690:], record(700, text="\ud800"))
    lines = list(ledger.listing.lines())
    assert lines == [record_line(one) for one in [*first, record(700, text="\ud800")]]
    assert decode_record(lines[0]) == first[0]


def test_findings_take_the_place_of_those_before(ledger: Ledger) -> None:
    ledger.findings.keep([Finding(Severity.INFO, "old", "Old.")])
    found = [
        Finding(Severity.ERROR, "hole", "Two are missing.", "Run again.", 2, ("a", "\x1b[1m")),
        Finding(Severity.WARNING, "late", "One is late."),
    ]
    ledger.findings.keep(found)
    assert ledger.findings.kept() == found


def test_a_ledger_of_the_version_before_keeps_its_owners(tmp_path: Path) -> None:
    path = tmp_path / "ledger.sqlite"
    with sqlite3.connect(path) as db:
        for number, script in enumerate(MIGRATIONS[:2], start=1):
            db.executescript(f"BEGIN; {script} PRAGMA user_version = {number}; COMMIT;")
        db.execute("INSERT INTO partitions (id, title, version) VALUES ('p', 'p', '')")
        db.execute("INSERT INTO pages VALUES (1, 1, '', x'')")
        owners = [("user", "ada"), ("user", "ada"), ("agent", "bot"), (None, None)]
        for n, owner in enumerate(owners):
            db.execute(
                "INSERT INTO records (key, digest, page, place, kind, id, owner_kind, owner_id)"
                " VALUES (?, x'', 1, ?, 'fact', ?, ?, ?)",
                (bytes([n]), n, str(n), *owner),
            )
    db.close()
    ledger = SqliteLedger(path)
    assert dict(ledger.reading.scopes()) == {
        Scope(user="ada"): 2,
        Scope(agent="bot"): 1,
        Scope(): 1,
    }
    ledger.close()


def test_the_published_lines_are_json_objects(ledger: Ledger) -> None:
    stage(ledger, record(1))
    assert json.loads(next(ledger.listing.lines()))["system"] == "fake"
