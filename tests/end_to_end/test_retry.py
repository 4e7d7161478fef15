"""`synap-import retry`: what was rejected is sent again once its cause was mended in Synap."""

from __future__ import annotations

import json
import signal
import time
from pathlib import Path
from typing import Any

import pytest

from support.commands import Finished, memories, run, start, write_lines
from support.synap import Reply, ScriptedSynap, error, ok

KEY = {"SYNAP_API_KEY": "synap_test"}
BAD = {"legacy_json_m-3", "legacy_json_m-7"}


def refuse_bad(documents: list[dict[str, Any]]) -> Reply:
    """A Synap that refuses every request with a bad document in it."""
    ids = {document["document_id"] for document in documents}
    return error(422, {"detail": "bad"}) if ids & BAD else ok(documents)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Ten memories, two of them bad."""
    return write_lines(tmp_path / "memories.jsonl", memories(10))


@pytest.fixture
def work(tmp_path: Path) -> Path:
    return tmp_path / "work"


def imported(file: Path, work: Path, synap: ScriptedSynap, *options: str) -> Finished:
    """Import into a Synap that refuses the bad ones, and from then on takes everything."""
    synap.script = [refuse_bad] * 100
    done = run(
        *("json", file, "--user-map", "identity", "--synap-url", synap.url),
        *("--workdir", work, *options),
        **KEY,
    )
    synap.script = []
    synap.batches.clear()
    return done


def retried(work: Path, synap: ScriptedSynap, *options: str) -> Finished:
    return run("retry", "--workdir", work, "--synap-url", synap.url, "--json", *options, **KEY)


def test_just_the_rejected_ones_are_sent_again_under_their_ids_without_the_source(
    file: Path, work: Path, synap: ScriptedSynap
) -> None:
    assert imported(file, work, synap).code == 1
    file.unlink()
    done = retried(work, synap)
    assert done.code == 0, done.err
    assert sorted(synap.stored) == sorted(BAD)
    assert (done.result["loaded"], done.result["rejected"]) == (10, {})


def test_they_are_sent_as_the_import_sent_them(
    file: Path, work: Path, synap: ScriptedSynap
) -> None:
    imported(file, work, synap, "--document-type", "email", "--mode", "fast")
    retried(work, synap)
    ((first, _),) = synap.batches
    assert (first["document_type"], first["mode"]) == ("email", "fast")
    assert (first["user_id"], first["document"]) == ("user-0", "memory 3")
    assert first["document_created_at"] == "2025-06-01T12:00:03Z"


def test_what_is_still_bad_stays_rejected_with_its_reason(
    file: Path, work: Path, synap: ScriptedSynap
) -> None:
    imported(file, work, synap)
    synap.script = [refuse_bad] * 10
    done = retried(work, synap)
    assert done.code == 1
    assert done.result["rejected"] == {"HTTP 422: bad": 2}
    synap.script = []
    assert retried(work, synap).result["loaded"] == 10


def test_without_anything_rejected_nothing_is_sent(
    file: Path, work: Path, synap: ScriptedSynap
) -> None:
    imported(file, work, synap)
    retried(work, synap)
    synap.batches.clear()
    done = run("retry", "--workdir", work)
    assert done.code == 0, done.err
    assert "No document is rejected" in done.out
    assert synap.batches == []


def test_a_key_of_another_instance_is_refused_before_anything_is_sent(
    file: Path, work: Path, synap: ScriptedSynap
) -> None:
    imported(file, work, synap)
    status, headers, body = synap.whoami
    synap.whoami = (status, headers, body.replace(b"inst_0123456789abcdef", b"inst_" + b"f" * 16))
    done = retried(work, synap)
    assert done.code == 2
    assert "inst_0123456789abcdef" in done.err
    assert synap.batches == []
    synap.whoami = (status, headers, body)
    assert retried(work, synap).result["loaded"] == 10


def test_an_import_that_is_not_finished_goes_first(work: Path, tmp_path: Path) -> None:
    file = write_lines(tmp_path / "many.jsonl", memories(400))
    import_ = ("json", file, "--user-map", "identity", "--workdir", work)
    with ScriptedSynap() as synap:
        synap.script = [lambda _: error(402, {"detail": "no credits"})] * 20
        synap.script[0] = lambda documents: ok(documents, status="failed", error_message="bad")
        assert run(*import_, "--synap-url", synap.url, **KEY).code == 3
        synap.script = []
        synap.batches.clear()
        done = retried(work, synap)
        assert done.code == 2
        assert "is not finished" in done.err
        assert synap.batches == []
        run(*import_, "--synap-url", synap.url, **KEY)
        assert retried(work, synap).result["loaded"] == 400


def test_a_retry_that_was_killed_is_gone_on_with(
    file: Path, work: Path, synap: ScriptedSynap
) -> None:
    imported(file, work, synap)
    synap.script = [lambda _: time.sleep(5)]
    process = start("retry", "--workdir", work, "--synap-url", synap.url, **KEY)
    _wait_for_a_batch(synap)
    process.kill()
    process.communicate()
    done = retried(work, synap)
    assert done.code == 0, done.err
    assert done.result["loaded"] == 10


def test_ctrl_c_ends_a_retry_resumable(file: Path, work: Path, synap: ScriptedSynap) -> None:
    imported(file, work, synap)
    synap.script = [lambda _: error(429, {}, Retry_After="60")] * 10
    process = start("retry", "--workdir", work, "--synap-url", synap.url, "--json", **KEY)
    _wait_for_a_batch(synap)
    process.send_signal(signal.SIGINT)
    out, _ = process.communicate(timeout=20)
    assert process.returncode == 130
    assert json.loads(out)["unfinished"] == 2
    synap.script = []
    assert retried(work, synap).result["loaded"] == 10


def test_a_retry_without_an_answer_stays_in_doubt_when_asked_to(
    file: Path, work: Path, synap: ScriptedSynap
) -> None:
    imported(file, work, synap)
    synap.script = [lambda _: None]
    done = retried(work, synap, "--on-doubt", "hold")
    assert done.code == 4
    assert (done.result["loaded"], done.result["in_doubt"]) == (8, 2)
    assert retried(work, synap).result["in_doubt"] == 2


def _wait_for_a_batch(synap: ScriptedSynap) -> None:
    deadline = time.monotonic() + 20
    while not synap.batches:
        assert time.monotonic() < deadline, "nothing was sent"
        time.sleep(0.01)


def test_two_processes_do_not_work_on_one_job(file: Path, work: Path, synap: ScriptedSynap) -> None:
    imported(file, work, synap)
    synap.script = [lambda _: time.sleep(5)]
    first = start("retry", "--workdir", work, "--synap-url", synap.url, **KEY)
    _wait_for_a_batch(synap)
    second = retried(work, synap)
    first.kill()
    first.communicate()
    assert second.code == 2
    assert "Another synap-import is working on job" in second.err


@pytest.mark.thorough
def test_a_job_of_the_sandbox_goes_to_its_own_sandbox_again(tmp_path: Path, work: Path) -> None:
    rows = [*memories(2), {"id": "huge", "user_id": "u", "content": "x" * 6_000_000}]
    file = write_lines(tmp_path / "memories.jsonl", rows)
    first = run(
        *("json", file, "--user-map", "identity", "--customer-id", "acme", "--to", "sandbox"),
        *("--workdir", work),
    )
    assert first.code == 1, first.err
    done = run("retry", "--workdir", work, "--json")
    assert done.code == 1, done.err
    assert done.result["destination"] == "sandbox"
    (reason,) = done.result["rejected"]
    assert "413" in reason


def test_a_record_that_was_mended_in_the_source_is_sent_by_the_import(
    file: Path, work: Path, synap: ScriptedSynap
) -> None:
    imported(file, work, synap)
    file.write_text(file.read_text().replace("memory 3", "memory three"))
    done = imported_again(file, work, synap, "identity")
    assert [document["document"] for document in synap.batches[0]] == ["memory three"]
    assert (done.result["loaded"], done.result["held"]) == (9, {})
    assert sum(done.result["rejected"].values()) == 1


def imported_again(file: Path, work: Path, synap: ScriptedSynap, users: str) -> Finished:
    command = ("json", file, "--user-map", users, "--workdir", work, "--json")
    return run(*command, "--synap-url", synap.url, **KEY)


def test_an_import_under_another_user_map_sends_what_was_rejected_under_the_old_one(
    tmp_path: Path, file: Path, work: Path, synap: ScriptedSynap
) -> None:
    imported(file, work, synap)
    users = tmp_path / "users.csv"
    users.write_text("source_id,user_id,customer_id\nuser-0,u-0,\nuser-1,u-1,\nuser-2,u-2,\n")
    done = imported_again(file, work, synap, str(users))
    sent = {d["document_id"]: d["user_id"] for batch in synap.batches for d in batch}
    assert sent == {"legacy_json_m-3": "u-0", "legacy_json_m-7": "u-1"}
    assert done.result["loaded"] == 10
