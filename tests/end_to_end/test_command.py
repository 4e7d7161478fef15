"""The command line as a person uses it, and what it says when something is wrong."""

from __future__ import annotations

import json
import signal
import time
from pathlib import Path

import pytest

from support.commands import memories, run, sandbox, start, write_lines
from support.synap import ScriptedSynap, error

ROOT = Path(__file__).parents[2]
KEY = {"SYNAP_API_KEY": "synap_test"}


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Ten memories of three users."""
    return write_lines(tmp_path / "memories.jsonl", memories(10))


@pytest.fixture
def users(tmp_path: Path) -> Path:
    """A user map for them."""
    path = tmp_path / "users.csv"
    rows = "".join(f"user-{n},u-{n},\n" for n in range(3))
    path.write_text("source_id,user_id,customer_id\n" + rows)
    return path


def test_the_example_of_the_readme_needs_no_account(tmp_path: Path) -> None:
    examples = ROOT / "examples"
    done = run(
        *("json", examples / "memories.jsonl", "--user-map", examples / "users.csv"),
        *("--to", "sandbox", "--workdir", tmp_path / "work", "--json"),
    )
    assert done.code == 0, done.err
    assert done.result["loaded"] == 10
    assert done.result["held"] == {"skipped-by-user-map": 1, "empty-text": 1}


def test_documents_arrive_with_user_time_and_id(tmp_path: Path, file: Path, users: Path) -> None:
    with sandbox(tmp_path) as here:
        done = run(
            *("json", file, "--user-map", users, "--synap-url", here.url),
            *("--workdir", tmp_path / "work"),
            **KEY,
        )
        documents = here.documents()
    assert done.code == 0, done.err
    first = documents[0]
    assert first["document_id"] == "legacy_json_m-0"
    assert first["user_id"] == "u-0"
    assert first["document_created_at"] == "2025-06-01T12:00:00Z"
    assert first["metadata"]["original_user_id"] == "user-0"


def test_the_same_command_again_loads_nothing(tmp_path: Path, file: Path, users: Path) -> None:
    with sandbox(tmp_path) as here:
        command = (
            *("json", file, "--user-map", users, "--synap-url", here.url),
            *("--workdir", tmp_path / "work", "--json"),
        )
        first = run(*command, **KEY)
        second = run(*command, **KEY)
        assert here.counters()["stored_twice"] == 0
    assert (first.code, second.code) == (0, 0)
    assert first.result == second.result


def test_a_new_job_starts_over(tmp_path: Path, file: Path) -> None:
    command = (
        *("json", file, "--user-map", "identity", "--to", "sandbox"),
        *("--workdir", tmp_path / "work", "--json"),
    )
    first = run(*command)
    second = run(*command, "--new-job")
    assert second.result["job"] == first.result["job"] + "-2"


def test_users_writes_a_map_that_waits_for_decisions(tmp_path: Path, file: Path) -> None:
    done = run("users", "json", file, "-o", tmp_path / "u.csv")
    assert done.code == 0, done.err
    lines = (tmp_path / "u.csv").read_text().splitlines()
    assert lines[0].startswith("source_id,user_id,customer_id,scope,action,suggestion,")
    assert lines[1].startswith("user-0,,,user,,user-0,unchecked,the id in the source,4,fact 4,")


def test_an_undecided_map_stops_before_anything_is_sent(tmp_path: Path, file: Path) -> None:
    run("users", "json", file, "-o", tmp_path / "u.csv")
    with ScriptedSynap() as synap:
        done = run(
            *("json", file, "--user-map", tmp_path / "u.csv", "--synap-url", synap.url),
            *("--workdir", tmp_path / "work"),
            **KEY,
        )
        assert synap.batches == []
    assert done.code == 2
    assert "3 rows" in done.err
    assert "undecided" in done.err


def test_an_unmapped_user_stops_before_anything_is_sent(tmp_path: Path, file: Path) -> None:
    users = tmp_path / "some.csv"
    users.write_text("source_id,user_id,customer_id\nuser-0,u-0,\nuser-1,u-1,\n")
    with ScriptedSynap() as synap:
        done = run(
            *("json", file, "--user-map", users, "--synap-url", synap.url),
            *("--workdir", tmp_path / "work"),
            **KEY,
        )
        assert synap.batches == []
    assert done.code == 2
    assert "user 'user-2' (3)" in done.err
    assert "Traceback" not in done.err


def test_spent_credits_end_the_run_with_the_account_and_what_to_do(
    tmp_path: Path, file: Path, users: Path, synap: ScriptedSynap
) -> None:
    synap.script = [
        lambda _: error(402, {"detail": {"message": "None left", "manage_url": "https://m.test"}})
    ]
    command = (
        *("json", file, "--user-map", users, "--synap-url", synap.url),
        *("--workdir", tmp_path / "work"),
    )
    done = run(*command, **KEY)
    assert done.code == 3
    assert "None left" in done.err
    assert "https://m.test" in done.err
    assert "not finished" in done.out
    assert run(*command, **KEY).code == 0


def test_a_changed_user_map_says_what_was_loaded_elsewhere(
    tmp_path: Path, file: Path, users: Path, synap: ScriptedSynap
) -> None:
    command = (
        *("json", file, "--user-map", users, "--synap-url", synap.url),
        *("--workdir", tmp_path / "work"),
    )
    run(*command, **KEY)
    users.write_text(users.read_text().replace("u-1", "somebody-else"))
    done = run(*command, **KEY)
    assert "user user-1: u-1 then, somebody-else now" in done.err


def test_without_a_user_map_the_command_says_how_to_get_one(file: Path) -> None:
    done = run("json", file, "--to", "sandbox")
    assert done.code == 2
    assert "synap-import users json" in done.err


def test_without_a_key_the_command_says_where_to_get_one(
    tmp_path: Path, file: Path, users: Path
) -> None:
    done = run("json", file, "--user-map", users, "--workdir", tmp_path / "work")
    assert done.code == 2
    assert "SYNAP_API_KEY" in done.err
    assert "--to sandbox" in done.err


def test_a_refused_key_is_said_before_anything_is_sent(
    tmp_path: Path, file: Path, users: Path, synap: ScriptedSynap
) -> None:
    synap.whoami = error(401, {"detail": "Invalid API key"})
    done = run(
        *("json", file, "--user-map", users, "--synap-url", synap.url),
        *("--workdir", tmp_path / "work"),
        SYNAP_API_KEY="synap_wrong_secret",
    )
    assert done.code == 2
    assert "refused the API key" in done.err
    assert "synap_wrong_secret" not in done.err + done.out
    assert synap.batches == []


def test_an_unreachable_server_is_resumable(tmp_path: Path, file: Path, users: Path) -> None:
    done = run(
        *("json", file, "--user-map", users, "--synap-url", "http://127.0.0.1:9"),
        *("--workdir", tmp_path / "work"),
        **KEY,
    )
    assert done.code == 3
    assert "http://127.0.0.1:9" in done.err


def test_something_that_is_not_synap_is_named(
    tmp_path: Path, file: Path, users: Path, synap: ScriptedSynap
) -> None:
    synap.whoami = (200, {}, b"<html>hello</html>")
    done = run(
        *("json", file, "--user-map", users, "--synap-url", synap.url),
        *("--workdir", tmp_path / "work"),
        **KEY,
    )
    assert done.code == 2
    assert "does not answer like Synap" in done.err


def test_customers_on_a_b2c_instance_are_refused_before_anything_is_sent(
    tmp_path: Path, file: Path, users: Path, synap: ScriptedSynap
) -> None:
    users.write_text("source_id,user_id,customer_id\nuser-0,u-0,acme\n")
    done = run(
        *("json", file, "--user-map", users, "--synap-url", synap.url),
        *("--workdir", tmp_path / "work"),
        **KEY,
    )
    assert done.code == 2
    assert "B2C" in done.err
    assert synap.batches == []


def test_a_typo_in_the_user_map_names_file_and_column(
    tmp_path: Path, file: Path, users: Path
) -> None:
    users.write_text("source_id,user_id,custommer_id\nuser-0,u-0,\n")
    done = run("json", file, "--user-map", users, "--to", "sandbox")
    assert done.code == 2
    assert "users.csv" in done.err
    assert "custommer_id" in done.err


def test_a_truncated_file_loads_what_is_whole_and_says_where_it_ends(
    tmp_path: Path, file: Path
) -> None:
    file.write_text(file.read_text()[:-20])
    done = run(
        *("json", file, "--user-map", "identity", "--to", "sandbox"),
        *("--workdir", tmp_path / "work"),
    )
    assert done.code == 1
    assert "memories.jsonl:10" in done.out
    assert "loaded" in done.out


def test_a_folder_without_files_is_named(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    done = run("json", tmp_path / "empty", "--user-map", "identity", "--to", "sandbox")
    assert done.code == 2
    assert "empty" in done.err


def test_a_dry_run_needs_no_key_and_leaves_nothing_behind(
    tmp_path: Path, file: Path, users: Path
) -> None:
    work = tmp_path / "work"
    done = run("json", file, "--user-map", users, "--dry-run", "--workdir", work)
    assert done.code == 0, done.err
    assert "would be loaded" in done.out
    assert list(work.iterdir()) == []


def test_the_key_is_written_nowhere(tmp_path: Path, file: Path, users: Path) -> None:
    work = tmp_path / "work"
    with sandbox(tmp_path) as here:
        done = run(
            *("json", file, "--user-map", users, "--synap-url", here.url, "--workdir", work),
            SYNAP_API_KEY="synap_canary_4711",
        )
    assert done.code == 0
    written = b"".join(path.read_bytes() for path in work.rglob("*") if path.is_file())
    assert b"canary_4711" not in written + (done.out + done.err).encode()


def test_two_processes_do_not_work_on_one_job(tmp_path: Path, file: Path, users: Path) -> None:
    command = ("json", file, "--user-map", users, "--workdir", tmp_path / "work")
    with ScriptedSynap([lambda _: error(429, {}, Retry_After="5")]) as synap:
        first = start(*command, "--synap-url", synap.url, **KEY)
        while not synap.batches:
            time.sleep(0.01)
        second = run(*command, "--synap-url", synap.url, **KEY)
        first.kill()
        first.communicate()
    assert second.code == 2
    assert "Another synap-import is working on job" in second.err


def test_ctrl_c_finishes_what_is_in_flight_and_the_same_command_resumes(
    tmp_path: Path, users: Path
) -> None:
    file = write_lines(tmp_path / "many.jsonl", memories(20_000))
    with sandbox(tmp_path) as here:
        command = (
            *("json", file, "--user-map", "identity", "--synap-url", here.url),
            *("--workdir", tmp_path / "work", "--json", "--confirm", "none"),
        )
        process = start(*command, **KEY)
        while here.counters()["documents"] == 0:
            time.sleep(0.002)
        process.send_signal(signal.SIGINT)
        out, _ = process.communicate(timeout=20)
        account = json.loads(out)
        assert process.returncode == 130
        assert account["loaded"] == here.counters()["documents"] < 20_000
        done = run(*command, **KEY)
        assert here.counters()["stored_twice"] == 0
    assert done.result["loaded"] == 20_000


def test_status_and_jobs_show_the_latest_job(tmp_path: Path, file: Path) -> None:
    work = tmp_path / "work"
    done = run(
        "json", file, "--user-map", "identity", "--to", "sandbox", "--workdir", work, "--json"
    )
    status = run("status", "--workdir", work, "--json")
    assert status.result["loaded"] == 10
    listed = run("jobs", "--workdir", work)
    assert done.result["job"] in listed.out


def test_an_export_is_read_back_without_loss(tmp_path: Path, file: Path) -> None:
    once, twice = tmp_path / "once.jsonl", tmp_path / "twice.jsonl"
    assert run("export", "json", file, "-o", once).code == 0
    assert run("export", "json", once, "-o", twice).code == 0
    assert once.read_text() == twice.read_text()


def test_an_export_loads_as_the_same_documents_as_its_source(tmp_path: Path, file: Path) -> None:
    exported = tmp_path / "records.jsonl"
    run("export", "json", file, "-o", exported)
    with sandbox(tmp_path) as here:
        for number, source in enumerate((file, exported)):
            run(
                *("json", source, "--user-map", "identity", "--synap-url", here.url),
                *("--workdir", tmp_path / str(number)),
                **KEY,
            )
        documents = here.documents()
    assert len(documents) == 10
    assert {document["received"] for document in documents} == {2}


def test_a_source_that_is_not_installed_gets_the_line_that_installs_it() -> None:
    done = run("acme", "--user-map", "identity")
    assert done.code == 2
    assert "pip install synap-import-acme" in done.err


@pytest.mark.parametrize(("typed", "meant"), [("stauts", "status"), ("mem1", "mem0")])
def test_a_slip_is_told_what_was_meant_and_not_to_install_something(typed: str, meant: str) -> None:
    done = run(typed)
    assert done.code == 2
    assert f"Do you mean {meant}?" in done.err
    assert "pip install" not in done.err


def test_hostile_text_is_inert_on_the_terminal(tmp_path: Path) -> None:
    file = write_lines(tmp_path / "evil.jsonl", [{"id": "1", "user_id": "a\x1b[31m\x07b"}])
    done = run(
        *("json", file, "--user-map", "identity", "--to", "sandbox"),
        *("--workdir", tmp_path / "work"),
    )
    assert "\x1b" not in done.out + done.err
    assert "\x07" not in done.out + done.err


def test_two_interrupts_end_at_once_and_the_same_command_resumes(
    tmp_path: Path, file: Path, users: Path
) -> None:
    command = ("json", file, "--user-map", users, "--workdir", tmp_path / "work")
    with ScriptedSynap([lambda _: time.sleep(60)]) as synap:
        process = start(*command, "--synap-url", synap.url, **KEY)
        while not synap.batches:
            time.sleep(0.01)
        process.send_signal(signal.SIGINT)
        time.sleep(0.3)
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=30)  # the server would take twice as long
        assert process.returncode == 130
        assert run(*command, "--synap-url", synap.url, **KEY).code == 0


def test_only_what_was_asked_for_is_loaded(tmp_path: Path, file: Path) -> None:
    done = run(
        *("json", file, "--user-map", "identity", "--to", "sandbox", "--only-user", "user-1"),
        *("--since", "2025-06-01T12:00:04", "--workdir", tmp_path / "work", "--json"),
    )
    assert done.code == 0, done.err
    assert done.result["loaded"] == 2
    assert done.result["held"] == {"not-the-only-user": 7, "before-since": 1}


def test_a_time_that_is_none_is_a_usage_error(file: Path) -> None:
    done = run("json", file, "--user-map", "identity", "--since", "yesterday")
    assert done.code == 2
    assert "--since" in done.err


def test_lists_for_machines_are_json(tmp_path: Path, file: Path) -> None:
    work = tmp_path / "work"
    run("json", file, "--user-map", "identity", "--to", "sandbox", "--workdir", work)
    (job,) = json.loads(run("jobs", "--workdir", work, "--json").out)
    assert job["source"] == "json"
    names = [source["source"] for source in json.loads(run("sources", "--json").out)]
    assert "json" in names


def test_an_unknown_job_is_named_with_those_there_are(tmp_path: Path, file: Path) -> None:
    work = tmp_path / "work"
    run("json", file, "--user-map", "identity", "--to", "sandbox", "--workdir", work)
    done = run("status", "nothing", "--workdir", work)
    assert done.code == 2
    assert "'nothing'" in done.err
    assert "json-" in done.err


def test_a_mended_mapping_mends_the_job(tmp_path: Path) -> None:
    rows = [{"id": str(n), "owner": f"u-{n}", "text": f"memory {n}"} for n in range(3)]
    file = write_lines(tmp_path / "own.jsonl", rows)
    mapping = tmp_path / "m.yaml"
    command = (
        *("json", file, "--mapping", mapping, "--user-map", "identity", "--to", "sandbox"),
        *("--workdir", tmp_path / "work", "--json"),
    )
    mapping.write_text("version: 1\nid: id\ncontent: text\n")
    assert run(*command).result["held"] == {"no-owner": 3}
    mapping.write_text("version: 1\nid: id\ncontent: text\nuser: owner\n")
    mended = run(*command).result
    assert (mended["exported"], mended["loaded"], mended["held"]) == (3, 3, {})


def test_a_mended_file_finishes_the_job(tmp_path: Path, file: Path) -> None:
    whole = file.read_text()
    file.write_text(whole[:-20])
    command = (
        *("json", file, "--user-map", "identity", "--to", "sandbox"),
        *("--workdir", tmp_path / "work", "--json"),
    )
    assert run(*command).code == 1
    file.write_text(whole)
    mended = run(*command)
    assert mended.code == 0
    assert mended.result["loaded"] == 10


def test_documents_in_doubt_can_be_held_and_are_listed(
    tmp_path: Path, file: Path, users: Path, synap: ScriptedSynap
) -> None:
    synap.script = [lambda _: None]
    command = (
        *("json", file, "--user-map", users, "--synap-url", synap.url),
        *("--workdir", tmp_path / "work"),
    )
    held = run(*command, "--on-doubt", "hold", SYNAP_API_KEY="synap_test")
    assert held.code == 4
    assert "in doubt" in held.out
    assert "In doubt: legacy_json_" in held.out
    assert "RemoteProtocolError" in held.out
    resent = run(*command, "--json", SYNAP_API_KEY="synap_test")
    assert resent.code == 0
    assert resent.result["in_doubt"] == 0
