"""The pre-flight on the command line: what a dry run shows, what stops a load, what masks it."""

from __future__ import annotations

from pathlib import Path

import pytest

from support.commands import memories, run, sandbox, write_lines
from support.synap import ScriptedSynap, error
from synap_import.preflight import CATALOG

KEY = {"SYNAP_API_KEY": "synap_test"}


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Memories of three people with some things wrong."""
    rows = memories(9)
    rows[3]["created_at"] = "1970-01-01T00:00:00Z"
    rows[4]["content"] = "write to ada@mail.example"
    rows[5]["content"] = "my password is hunter2x"
    rows[6]["content"] = ""
    return write_lines(tmp_path / "memories.jsonl", rows)


@pytest.fixture
def everybody(tmp_path: Path) -> Path:
    """A user map that makes all users one."""
    path = tmp_path / "users.csv"
    path.write_text("source_id,user_id,customer_id\n*,everybody,\n")
    return path


def test_a_dry_run_shows_each_finding_with_count_example_and_remedy(file: Path) -> None:
    done = run("json", file, "--user-map", "identity", "--to", "sandbox", "--dry-run")
    assert done.code == 0, done.err
    text = " ".join(done.out.split())
    assert "8 documents for 3 users; to send: 8 in 1 request" in text
    assert "warning time-odd 1 Times lie before the year 2000." in text
    assert "such as: m-3 (user user-0): 1970-01-01T00:00:00+00:00" in text
    assert "→ --redact masks them in what is sent." in text
    assert "synap-import explain CODE" in text


def test_a_dry_run_tells_everything_to_machines(file: Path) -> None:
    done = run("json", file, "--user-map", "identity", "--to", "sandbox", "--dry-run", "--json")
    found = {one["code"]: one for one in done.result["findings"]}
    assert found["possible-secret"]["count"] == 1
    assert found["estimate"]["severity"] == "info"
    assert {"empty-text", "personal-data", "time-odd"} <= found.keys()


def test_an_error_is_shown_in_a_dry_run_and_in_its_exit_code(file: Path, everybody: Path) -> None:
    done = run("json", file, "--user-map", everybody, "--to", "sandbox", "--dry-run")
    assert done.code == 2
    assert "would be loaded" in done.out
    assert "merged-by-rule" in done.out
    assert "--accept merged-by-rule" in done.err


def test_an_error_stops_the_load_until_it_is_accepted(
    tmp_path: Path, file: Path, everybody: Path
) -> None:
    with sandbox(tmp_path, "--isolation", "b2c") as here:
        command = ("json", file, "--user-map", everybody, "--synap-url", here.url)
        place = ("--workdir", tmp_path / "work")
        refused = run(*command, *place, **KEY)
        assert refused.code == 2
        assert "Nothing was sent" in refused.err
        assert here.documents() == []
        accepted = run(*command, *place, "--accept", "merged-by-rule", **KEY)
        assert accepted.code == 0, accepted.err
        assert {one["user_id"] for one in here.documents()} == {"everybody"}


def test_unmapped_users_can_be_accepted(tmp_path: Path, file: Path) -> None:
    users = tmp_path / "users.csv"
    users.write_text("source_id,user_id,customer_id\nuser-0,u-0,\n")
    command = ("json", file, "--user-map", users, "--to", "sandbox", "--json")
    refused = run(*command, "--dry-run")
    assert refused.code == 2
    assert "not in the user map" in refused.err
    assert refused.result["held"]["unmapped-user"] == 6
    loaded = run(*command, "--workdir", tmp_path / "work", "--accept", "unmapped-user")
    assert loaded.code == 0, loaded.err
    assert loaded.result["held"]["unmapped-user"] == 6


def test_a_mistyped_code_is_refused_before_anything_is_done(file: Path) -> None:
    done = run(
        *("json", file, "--user-map", "identity", "--to", "sandbox"),
        *("--dry-run", "--accept", "merged-by-rules"),
    )
    assert done.code == 2
    assert "Do you mean merged-by-rule" in done.err


@pytest.mark.parametrize(
    ("isolation", "rows", "code"),
    [
        ("b2b", "ada,a,", "b2b-without-customer"),
        ("b2c", "ada,a,acme", "b2c-with-customer"),
    ],
)
def test_a_map_that_does_not_fit_the_instance_is_a_finding_of_a_dry_run(
    tmp_path: Path, isolation: str, rows: str, code: str
) -> None:
    file = write_lines(tmp_path / "m.jsonl", [{"id": "1", "user_id": "ada", "content": "tea"}])
    users = tmp_path / "users.csv"
    users.write_text(f"source_id,user_id,customer_id\n{rows}\n")
    with sandbox(tmp_path, "--isolation", isolation) as here:
        command = ("json", file, "--user-map", users, "--synap-url", here.url)
        dry = run(*command, "--dry-run", "--json", **KEY)
        real = run(*command, "--workdir", tmp_path / "work", **KEY)
        assert here.documents() == []
    assert (dry.code, real.code) == (2, 2)
    assert dry.result["exported"] == 1
    assert code in {one["code"] for one in dry.result["findings"]}


def test_what_is_masked_reaches_synap_masked_and_stays_whole_in_the_ledger(
    tmp_path: Path, file: Path
) -> None:
    with sandbox(tmp_path, "--isolation", "b2c") as here:
        done = run(
            *("json", file, "--user-map", "identity", "--synap-url", here.url, "--redact"),
            *("--workdir", tmp_path / "work", "--json"),
            **KEY,
        )
        texts = {one["metadata"]["original_id"]: one["document"] for one in here.documents()}
    assert done.code == 0, done.err
    assert texts["m-4"] == "write to [e-mail removed]"
    assert texts["m-5"] == "my password is [secret removed]"
    assert texts["m-1"] == "memory 1"
    found = {one["code"]: one for one in done.result["findings"]}
    assert found["redacted"]["message"] == "In 2 records something is masked, as --redact says."
    assert "possible-secret" not in found


def test_masking_later_masks_what_was_not_sent_yet(tmp_path: Path, file: Path) -> None:
    with sandbox(tmp_path, "--isolation", "b2c") as here:
        command = ("json", file, "--user-map", "identity", "--synap-url", here.url)
        place = ("--workdir", tmp_path / "work", "--json")
        run(*command, *place, "--limit", "4", **KEY)
        done = run(*command, *place, "--redact", **KEY)
        assert done.code == 0, done.err
        texts = "".join(one["document"] for one in here.documents())
    assert "ada@mail.example" not in texts
    assert "hunter2x" not in texts


def test_a_retry_masks_as_the_import_did(tmp_path: Path, file: Path, synap: ScriptedSynap) -> None:
    place = ("--workdir", tmp_path / "work", "--synap-url", synap.url)
    synap.script = [lambda _: error(422, {"detail": "not now"})] * 100
    assert run("json", file, "--user-map", "identity", "--redact", *place, **KEY).code == 1
    synap.script = []
    synap.batches.clear()
    assert run("retry", *place, **KEY).code == 0
    texts = "".join(one["document"] for batch in synap.batches for one in batch)
    assert "[e-mail removed]" in texts
    assert "ada@mail.example" not in texts


def test_the_pages_are_shown_offline() -> None:
    listed = run("explain")
    assert listed.code == 0
    assert all(code in listed.out for code in CATALOG)
    one = run("explain", "same-text")
    assert one.out.startswith("# same-text\n")
    assert "## What to do" in one.out
    wrong = run("explain", "same-texts")
    assert wrong.code == 2
    assert "Do you mean same-text" in wrong.err


def test_a_rehearsal_tells_no_price(tmp_path: Path) -> None:
    file = write_lines(tmp_path / "memories.jsonl", memories(3))
    done = run(
        *("json", file, "--user-map", "identity", "--to", "sandbox", "--dry-run"),
        *("--workdir", tmp_path / "work"),
    )
    assert "3 documents for 3 users" in done.out
    assert "credit" not in done.out
