"""The faults that the sandbox acts out: what the sender sees, and what was stored meanwhile."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from synap_import.errors import ConfigurationError
from synap_import.sandbox import FaultScript
from synap_import.sandbox.fault_acts import BATCH, GROUPS
from synap_import.sandbox.fault_script import script_in, script_of

Start = Callable[..., Any]
Make = Callable[..., dict[str, Any]]


def ids(here: Any) -> list[str]:
    return [document["document_id"] for document in here.documents()]


@pytest.mark.parametrize("status", [500, 502, 503, 504])
@pytest.mark.parametrize(("moment", "stored"), [("before", 0), ("after", 1)])
def test_a_server_error_comes_before_or_after_storing(
    start: Start, make: Make, status: int, moment: str, stored: int
) -> None:
    here = start(faults=FaultScript(batches=(f"{status}-{moment}",)))
    assert here.batch(make()).status_code == status
    assert len(ids(here)) == stored


@pytest.mark.parametrize(("kind", "stored"), [("close-before", 0), ("close-after", 1)])
def test_a_connection_is_closed_without_an_answer(
    start: Start, make: Make, kind: str, stored: int
) -> None:
    here = start(faults=FaultScript(batches=(kind,)))
    with pytest.raises(httpx.RemoteProtocolError, match="disconnected"):
        here.batch(make())
    assert len(ids(here)) == stored


def test_a_connection_is_reset_in_the_middle_of_an_answer(start: Start, make: Make) -> None:
    here = start(faults=FaultScript(batches=("reset-after",)))
    with pytest.raises((httpx.ReadError, httpx.RemoteProtocolError)):
        here.batch(make())
    assert ids(here) == ["legacy_mem0_1"]


@pytest.mark.parametrize(("kind", "stored"), [("stall-before", 0), ("stall-after", 1)])
def test_a_server_stalls_past_the_patience_of_its_client(
    start: Start, make: Make, kind: str, stored: int
) -> None:
    here = start(faults=FaultScript(batches=(kind,), stall_seconds=30))
    here.http.timeout = httpx.Timeout(5, read=0.2)
    with pytest.raises(httpx.ReadTimeout):
        here.batch(make())
    here.http.timeout = httpx.Timeout(5)
    assert len(ids(here)) == stored


def test_a_stall_ends_with_a_closed_connection(start: Start, make: Make) -> None:
    here = start(faults=FaultScript(batches=("stall-after",), stall_seconds=0.05))
    with pytest.raises(httpx.RemoteProtocolError):
        here.batch(make())


def test_a_batch_is_accepted_with_202_after_storing(start: Start, make: Make) -> None:
    here = start(faults=FaultScript(batches=("202-after",)))
    assert here.batch(make()).status_code == 202
    assert ids(here) == ["legacy_mem0_1"]


@pytest.mark.parametrize(("kind", "stored"), [("html-before", 0), ("html-after", 1)])
def test_a_web_page_answers(start: Start, make: Make, kind: str, stored: int) -> None:
    here = start(faults=FaultScript(batches=(kind,)))
    answer = here.batch(make())
    assert (answer.status_code, answer.headers["content-type"]) == (200, "text/html")
    assert len(ids(here)) == stored


def test_an_answer_is_cut_off(start: Start, make: Make) -> None:
    here = start(faults=FaultScript(batches=("cut-json-after",)))
    answer = here.batch(make())
    assert answer.status_code == 200
    with pytest.raises(ValueError, match="line 1"):
        answer.json()
    assert ids(here) == ["legacy_mem0_1"]


def test_an_answer_has_fewer_rows_than_documents(start: Start, make: Make) -> None:
    here = start(faults=FaultScript(batches=("fewer-rows-after",)))
    assert len(here.results(*(make(n) for n in range(10)))) == 5
    assert len(ids(here)) == 10


@pytest.mark.parametrize(
    ("kind", "field", "value"),
    [
        ("row-without-ingestion-id", "ingestion_id", None),
        ("row-without-document-id", "document_id", None),
        ("row-without-time", "queued_at", None),
        ("row-accepted", "status", "accepted"),
        ("row-unknown", "status", "pondering"),
    ],
)
def test_one_row_is_odd(start: Start, make: Make, kind: str, field: str, value: object) -> None:
    here = start(faults=FaultScript(batches=(kind,)))
    rows = here.results(*(make(n) for n in range(5)))
    assert [row[field] for row in rows].count(value) == 1
    assert len(ids(here)) == 5


@pytest.mark.parametrize(
    ("kind", "with_id"), [("row-failed", True), ("row-failed-without-id", False)]
)
def test_one_document_fails_with_and_without_an_id(
    start: Start, make: Make, kind: str, with_id: bool
) -> None:
    here = start(faults=FaultScript(batches=(kind,)))
    rows = here.results(*(make(n) for n in range(5)))
    (failed,) = [row for row in rows if row["status"] == "failed"]
    assert bool(failed["ingestion_id"]) is with_id
    assert [row["document_id"] for row in rows] == [f"legacy_mem0_{n}" for n in range(5)]
    assert failed["document_id"] not in ids(here)
    assert len(ids(here)) == 4


@pytest.mark.parametrize(
    ("kind", "sent"),
    [("429-seconds", "2"), ("429-fraction", "2.5"), ("429-bare", None)],
)
def test_a_throttle_says_how_long_or_does_not(
    start: Start, make: Make, kind: str, sent: str | None
) -> None:
    here = start(faults=FaultScript(batches=(kind,), retry_after_seconds=2.5))
    answer = here.batch(make())
    assert (answer.status_code, answer.headers.get("Retry-After")) == (429, sent)
    assert ids(here) == []


@pytest.mark.parametrize(("kind", "is_past"), [("429-date", False), ("429-past-date", True)])
def test_a_throttle_names_a_date(start: Start, make: Make, kind: str, is_past: bool) -> None:
    here = start(faults=FaultScript(batches=(kind,), retry_after_seconds=3600))
    date = parsedate_to_datetime(here.batch(make()).headers["Retry-After"])
    assert (date < datetime.now(UTC)) is is_past


@pytest.mark.parametrize(
    ("kind", "status", "word"),
    [
        ("402", 402, "insufficient_credits"),
        ("429-reason", 429, "trial_limit_reached"),
        ("409-build-failed", 409, "instance_build_failed"),
        ("401", 401, "fault script"),
        ("422", 422, "fault script"),
    ],
)
def test_a_batch_is_refused_with_a_reason(
    start: Start, make: Make, kind: str, status: int, word: str
) -> None:
    here = start(faults=FaultScript(batches=(kind,)))
    answer = here.batch(make())
    assert answer.status_code == status
    assert word in answer.text
    assert here.batch(make()).status_code == 200


def test_an_instance_is_being_built_for_so_many_requests(start: Start, make: Make) -> None:
    here = start(faults=FaultScript(building_requests=2, retry_after_seconds=0.5))
    answers = [here.batch(make()) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [409, 409, 200]
    assert answers[0].json()["error"] == "instance_not_ready"
    assert answers[0].json()["retry_after_seconds"] == 0.5


def test_an_instance_is_being_built_for_so_many_seconds(start: Start, make: Make) -> None:
    here = start(faults=FaultScript(building_seconds=3600))
    assert here.batch(make()).status_code == 409


def test_a_batch_over_the_size_limit_is_a_413(start: Start, make: Make) -> None:
    here = start(faults=FaultScript(max_body_bytes=600))
    assert here.batch(make(), make(2), make(3)).status_code == 413
    assert here.batch(make()).status_code == 200


def test_what_the_sandbox_refuses_itself_is_answered_so(start: Start, make: Make) -> None:
    here = start(duplicates="conflict", faults=FaultScript(batches=("ok", "close-after")))
    here.batch(make())
    assert here.batch(make()).status_code == 409


@pytest.mark.parametrize(
    ("whoami", "status", "isolation"),
    [
        ("no-isolation", 200, None),
        ("b2c", 200, "equals_customer"),
        ("b2b", 200, "strict"),
        ("401", 401, None),
        ("500", 500, None),
    ],
)
def test_who_am_i_is_answered_in_each_way(
    start: Start, whoami: Any, status: int, isolation: str | None
) -> None:
    answer = start(faults=FaultScript(whoami=whoami)).get("/api/v1/auth/whoami")
    assert (answer.status_code, answer.json().get("user_context_isolation")) == (status, isolation)


@pytest.mark.parametrize(
    ("script", "method", "path"),
    [
        (FaultScript(whoami="hang"), "GET", "/api/v1/auth/whoami"),
        (FaultScript(telemetry="hang"), "POST", "/v1/telemetry/batch"),
    ],
)
def test_who_am_i_and_telemetry_can_hang(
    start: Start, script: FaultScript, method: str, path: str
) -> None:
    here = start(faults=script)
    with pytest.raises(httpx.ReadTimeout):
        here.http.request(method, path, timeout=httpx.Timeout(5, read=0.1))


@pytest.mark.parametrize(
    ("kind", "status", "code"),
    [
        ("job-failed", "failed", 200),
        ("job-partial", "partial_success", 200),
        ("job-unknown", None, 404),
    ],
)
def test_a_job_ends_badly_at_every_question(
    start: Start, make: Make, kind: str, status: str | None, code: int
) -> None:
    here = start(faults=FaultScript(rate=1, kinds=(kind,)))
    (row,) = here.results(make())
    answers = [here.get(f"/api/v1/memories/status/{row['ingestion_id']}") for _ in range(3)]
    assert [answer.status_code for answer in answers] == [code] * 3
    assert {answer.json().get("status") for answer in answers} == {status}


def test_a_job_is_queued_before_it_fails(start: Start, make: Make) -> None:
    here = start(ingestion_delay_seconds=3600, faults=FaultScript(rate=1, kinds=("job-failed",)))
    (row,) = here.results(make())
    answer = here.get(f"/api/v1/memories/status/{row['ingestion_id']}")
    assert answer.json()["status"] == "queued"


def test_a_document_whose_job_fails_is_listed_as_failed_and_without_a_memory(
    start: Start, make: Make
) -> None:
    faults = FaultScript(rate=1, kinds=("job-failed",))
    here = start(ingestion_delay_seconds=0, faults=faults)
    here.results(make())
    (listed,) = here.documents()
    assert (listed["status"], listed["memory_id"]) == ("failed", None)


def test_a_question_about_a_job_meets_faults_of_its_own(start: Start, make: Make) -> None:
    here = start(faults=FaultScript(rate=1, kinds=("status-429",), retry_after_seconds=0.5))
    (row,) = here.results(make())
    answer = here.get(f"/api/v1/memories/status/{row['ingestion_id']}")
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "0.5")


def met(start: Start, make: Make, seed: int) -> list[int]:
    """What 30 batches of different documents get as their status, 0 for no answer."""
    kinds = ("500-after", "503-before", "429-bare", "close-before")
    here = start(faults=FaultScript(seed=seed, rate=0.5, kinds=kinds))
    statuses = []
    for number in range(30):
        try:
            statuses.append(here.batch(make(number)).status_code)
        except httpx.RemoteProtocolError:
            statuses.append(0)
    return statuses


def test_a_seed_says_what_each_request_meets(start: Start, make: Make) -> None:
    first = met(start, make, seed=1)
    assert met(start, make, seed=1) == first
    assert met(start, make, seed=2) != first
    assert set(first) == {0, 200, 429, 500, 503}


def test_a_document_meets_no_more_than_so_many_faults_in_a_row(start: Start, make: Make) -> None:
    here = start(faults=FaultScript(rate=1, kinds=("500-before",), in_a_row=2))
    assert [here.batch(make()).status_code for _ in range(6)] == [500, 500, 200, 500, 500, 200]


def test_faults_and_requests_are_counted(start: Start, make: Make) -> None:
    here = start(faults=FaultScript(batches=("500-after", "429-bare", "ok")))
    for number in range(3):
        here.batch(make(number))
    counted = here.counters()
    assert counted["faults"] == {"500-after": 1, "429-bare": 1}
    statuses = counted["statuses"]["POST /api/v1/memories/batch"]
    assert statuses == {"200": 1, "429": 1, "500": 1}


def test_an_option_holds_a_script() -> None:
    script = script_of("seed=7,rate=0.3,kinds=500-after+429-date")
    assert script == FaultScript(seed=7, rate=0.3, kinds=("500-after", "429-date"))


def test_a_group_stands_for_its_faults() -> None:
    assert script_of("kinds=throttle").kinds == GROUPS["throttle"]


def test_a_file_holds_a_script(tmp_path: Path) -> None:
    path = tmp_path / "faults.json"
    path.write_text('{"batches": ["ok", "402"], "whoami": "no-isolation"}')
    assert script_in(path) == FaultScript(batches=("ok", "402"), whoami="no-isolation")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("rate=2", "rate"),
        ("kinds=500-later", "500-later"),
        ("sead=7", "sead"),
        ("seed", "NAME=VALUE"),
    ],
)
def test_what_is_not_a_script_is_refused_with_a_sentence(text: str, said: str) -> None:
    with pytest.raises(ConfigurationError, match=said):
        script_of(text)


def test_every_fault_is_documented() -> None:
    page = (Path(__file__).parents[3] / "docs" / "sandbox.md").read_text()
    assert [kind for kind in BATCH if f"`{kind}`" not in page] == []


@pytest.mark.parametrize(
    ("kind", "status", "left"),
    [
        ("delete-403", 403, 1),
        ("delete-422", 422, 1),
        ("delete-429", 429, 1),
        ("delete-500-before", 500, 1),
        ("delete-500-after", 500, 0),
        ("delete-html", 200, 1),
    ],
)
def test_a_deletion_can_go_wrong_before_or_after_it_is_done(
    start: Start, make: Make, kind: str, status: int, left: int
) -> None:
    here = start(faults=FaultScript(deletions=(kind,)), ingestion_delay_seconds=0)
    here.batch(make())
    (document,) = here.documents()
    url = f"/api/v1/memories/{document['memory_id']}"
    assert here.http.delete(url).status_code == status
    assert len(ids(here)) == left


def test_a_deletion_that_is_not_spoilt_is_done(start: Start, make: Make) -> None:
    here = start(faults=FaultScript(deletions=("ok",)), ingestion_delay_seconds=0)
    here.batch(make())
    (document,) = here.documents()
    assert here.http.delete(f"/api/v1/memories/{document['memory_id']}").status_code == 200
    assert ids(here) == []


def test_a_deletion_fault_that_is_none_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="no fault 'delete-everything'"):
        script_of("deletions=ok+delete-everything")
