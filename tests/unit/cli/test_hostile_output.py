"""Ids, texts and reasons of strangers reach the terminal as something to read, and no more."""

from __future__ import annotations

import json
import sys
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from synap_import.cli.main import main
from synap_import.cli.summary import notice_lines, summary_lines
from synap_import.cli.terminal import inert, inert_lines, say_finding
from synap_import.ledger import Books
from synap_import.sources import Finding, Severity

HOSTILE = (
    "\x1b[2J\x1b]0;owned\x07\x1b]8;;http://evil\x07\r\n\t\x00\x08\x7f\x9b31m"
    "\u202egpj.exe\u2066\u2069\u200b\u200f\ufeff\u2028\u2029\u0085\ud800<b>=1+1"
)
# What changes a terminal or the order of what is read on it.
OBEYED = {"Cc", "Cf", "Cs", "Zl", "Zp"}


def obeyed(text):
    return [c for c in text if c != "\n" and unicodedata.category(c) in OBEYED]


def test_every_control_and_direction_character_of_unicode_is_shown_not_obeyed():
    for code in range(sys.maxunicode + 1):
        if unicodedata.category(chr(code)) in OBEYED:
            assert inert(chr(code)).isascii()
            assert inert(chr(code)).startswith("\\")


@pytest.mark.parametrize(
    ("character", "shown"),
    [
        ("\x1b", "\\x1b"),
        ("\x9b", "\\x9b"),
        ("\n", "\\n"),
        ("\u202e", "\\u202e"),
        ("\u2067", "\\u2067"),
        ("\u200f", "\\u200f"),
        ("\U000e0041", "\\U000e0041"),
        ("\ud800", "\\ud800"),
    ],
)
def test_a_character_that_is_not_obeyed_can_still_be_told_from_others(character, shown):
    assert inert(f"a{character}b") == f"a{shown}b"


def test_words_of_every_script_are_left_as_they_are():
    for word in ("Zoë", "日本語", "עברית", "العربية", "हिन्दी", "🙂", "e\u0301"):
        assert inert(word) == word


@given(st.text(st.characters(exclude_categories=()), max_size=60), st.integers(2, 40))
def test_any_text_becomes_one_printable_line_that_fits(text, limit):
    shown = inert(text, limit)
    assert shown.isprintable()
    assert len(shown) <= limit


def test_a_text_that_is_cut_says_so():
    assert inert("x" * 10**6, 20) == "x" * 19 + "…"
    assert inert("\x1b" * 20, 20) == "\\x1b" * 4 + "\\x1" + "…"
    assert inert("x" * 20, 20) == "x" * 20


def test_no_further_line_of_a_message_passes_for_one_of_ours():
    shown = inert_lines("The user map has 2 problems.\n  line 2: …\nError: all is lost\r\x1b[1mx")
    assert shown.split("\n") == [
        "The user map has 2 problems.",
        "  line 2: …",
        "  Error: all is lost\\r\\x1b[1mx",
    ]


def test_a_finding_shows_hostile_messages_and_examples(capsys):
    say_finding(Finding(Severity.WARNING, "x", HOSTILE, HOSTILE, 7, (HOSTILE, HOSTILE)))
    shown = capsys.readouterr().err
    assert obeyed(shown) == []
    assert shown.count("\\u202egpj.exe") == 4
    assert len(shown.splitlines()) == 4


def test_reasons_and_notices_of_the_account_are_inert():
    books = Books(exported=2, rejected={HOSTILE: 1}, held={HOSTILE: 1}, notices={HOSTILE: 1})
    lines = [*summary_lines("title", books), *notice_lines(books)]
    assert [obeyed(line) for line in lines] == [[]] * len(lines)
    assert sum("\\x1b[2J" in line for line in lines) == 3


# An id with half a character could not be sent to anybody; such an item is unreadable.
ID = HOSTILE.replace("\ud800", "")
MEMORIES = [
    {"id": ID, "content": HOSTILE, "user_id": ID, HOSTILE: HOSTILE, "created_at": HOSTILE},
    {"id": "two", "content": HOSTILE, "user_id": "=1+1", "agent_id": ID},
    {"id": HOSTILE, "content": "x", "user_id": "ann"},
    {"id": 3, "content": {HOSTILE: HOSTILE}, "user_id": "ann"},
    {"id": {HOSTILE: 1}, "content": "x", "user_id": "ann"},
]


@pytest.fixture
def memories(tmp_path):
    path = tmp_path / "memories.jsonl"
    path.write_text("".join(json.dumps(one) + "\n" for one in MEMORIES) + "\x1b[2J\u202e\n")
    return path


@pytest.fixture
def run(capsys, tmp_path):
    """Run a command; what it says on both streams, and that nothing in it is obeyed."""

    def command(*arguments):
        with pytest.raises(SystemExit) as ended:
            main([*map(str, arguments)])
        out, err = capsys.readouterr()
        assert obeyed(out + err) == []
        assert ended.value.code != 70
        return out + err

    return command


def test_importing_and_its_account_show_hostile_data_inert(run, memories, tmp_path):
    common = ("--workdir", tmp_path / "jobs")
    shown = run("json", memories, "--user-map", "identity", "--to", "sandbox", *common)
    assert "Unreadable: memories.jsonl:3" in shown
    assert "\\x1b[2J" in shown
    assert "Unreadable: memories.jsonl:3" in run("status", *common)
    run("status", *common, "--json")
    run("jobs", *common)


def test_listing_users_shows_hostile_ids_inert(run, memories, tmp_path):
    shown = run("users", "json", memories, "-o", tmp_path / "users.csv")
    assert "user \\x1b[2J" in shown
    assert obeyed((tmp_path / "users.csv").read_text()) == []


def test_exporting_writes_hostile_data_that_a_terminal_can_show(run, memories, tmp_path):
    run("export", "json", memories, "-o", tmp_path / "out.jsonl")
    assert "\x1b" not in (tmp_path / "out.jsonl").read_text("utf-8")


def test_an_error_that_names_hostile_fields_is_inert_and_readable(run, tmp_path):
    path = tmp_path / "a.jsonl"
    path.write_text(json.dumps({HOSTILE: "x", "\nError: y": 1}) + "\n")
    shown = run("json", path, "--user-map", "identity", "--dry-run", "--to", "sandbox")
    assert "has no field named" in shown
    assert "\nError: y" not in shown


def test_a_user_map_with_several_problems_is_told_on_several_lines(run, memories, tmp_path):
    path = tmp_path / "users.csv"
    path.write_text("source_id,user_id,customer_id\na,*,\nb,{\x1b[2J},\nb,{x},\n")
    shown = run("json", memories, "--user-map", path, "--dry-run", "--to", "sandbox")
    assert "\n  users.csv, line 2, column user_id: is an asterisk" in shown
