"""What the command says about a source that was not read, and about suggestions."""

from __future__ import annotations

from pathlib import Path

from synap_import.cli.users_words import next_step_lines, owner_lines, row_lines
from synap_import.identity import (
    Changes,
    Confidence,
    Customers,
    KnownUser,
    KnownUsers,
    SourceOwner,
    Wishes,
)
from synap_import.inventory import Inventory
from synap_import.records import Kind, ScopeKind

NOTHING = Changes(0, 0, 0, 0, {}, 0)


def test_a_source_that_was_not_read_is_told_with_how_to_read_it() -> None:
    owners = [SourceOwner(ScopeKind.USER, "ada", 7, "Ada, ada@x.org")]
    assert list(owner_lines(Inventory(owners))) == [
        "The source names 1 id; it was not read, so kinds and times are not known.",
        "  --read-all reads it.",
        "  user ada: 7  (Ada, ada@x.org)",
    ]


def test_kinds_are_told_where_there_are_several() -> None:
    kinds = [(Kind.MESSAGE, 1200), (Kind.FACT, 3)]
    owners = [SourceOwner(ScopeKind.USER, "ada", 1203, kinds=kinds)]
    lines = list(owner_lines(Inventory(owners, records=1204, unowned=1, unreadable=2)))
    assert lines == [
        "1,204 records belong to 1 id.",
        "  user ada: 1,203  (message 1,200, fact 3)",
        "1 record belongs to nobody: see --no-user of the import.",
        "2 items could not be read.",
    ]


def test_suggestions_are_counted_by_confidence() -> None:
    changes = NOTHING._replace(new=3, suggested={Confidence.CERTAIN: 2, Confidence.NONE: 1})
    wishes = Wishes(known=KnownUsers([KnownUser("ada")]))
    assert list(row_lines(changes, Path("u.csv"), wishes)) == [
        "Written to u.csv: 3 rows.",
        "Compared with the known users: certain 2, none 1.",
        "  See the columns suggestion, confidence and because.",
    ]


def test_a_half_edited_file_is_told_with_what_an_import_would_not_take(tmp_path: Path) -> None:
    path = tmp_path / "u.csv"
    path.write_text("source_id,user_id,action\nada,,mapp\n")
    (line,) = next_step_lines("json", path, NOTHING, Customers.OPTIONAL)
    assert line.startswith("An import would not take the file as it is. The user map has 1 problem")
    assert "line 2, column action: unknown action 'mapp'" in line


def test_customers_on_b2c_are_told_before_an_import_refuses_them(tmp_path: Path) -> None:
    path = tmp_path / "u.csv"
    path.write_text("source_id,user_id,customer_id\nada,a,acme\n")
    first, last = next_step_lines(
        "json", path, NOTHING._replace(wrong_customers=1), Customers.LEFT_OUT
    )
    assert first == "1 row has a customer_id, which a B2C instance refuses: empty the column."
    assert last.startswith("All rows are decided. Next: synap-import json … --user-map")
