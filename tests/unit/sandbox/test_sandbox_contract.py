"""What is accepted and what is refused, over real HTTP."""

import time
from uuid import UUID

import pytest


def test_whoami_names_the_instance_and_the_stand_in(start):
    answer = start(isolation="b2c").get("/api/v1/auth/whoami")

    identity = answer.json()
    assert identity["client_id"].startswith("cli_")
    assert len(identity["instance_id"]) == len("inst_") + 16
    assert identity["user_context_isolation"] == "equals_customer"
    assert "stand-in" in identity["sandbox"]
    assert answer.headers["X-Synap-Sandbox"] == "stand-in"


def test_a_given_instance_id_is_used(start):
    identity = start(instance_id="inst_00112233aabbccdd").get("/api/v1/auth/whoami").json()

    assert identity["instance_id"] == "inst_00112233aabbccdd"
    assert identity["user_context_isolation"] == "strict"


@pytest.mark.parametrize(
    ("api_key", "sent", "status"),
    [
        (None, "Bearer synap_anything", 200),
        (None, "Bearer other", 401),
        (None, "", 401),
        ("synap_right", "Bearer synap_right", 200),
        ("synap_right", "Bearer synap_wrong", 401),
        ("synap_right", "Basic synap_right", 401),
    ],
)
def test_keys(start, api_key, sent, status):
    client = start(api_key=api_key)

    answer = client.get("/api/v1/auth/whoami", headers={"Authorization": sent})

    assert answer.status_code == status
    if status == 401:
        assert isinstance(answer.json()["detail"], str)
    assert client.get("/health", headers={"Authorization": ""}).status_code == 200


def test_results_come_in_request_order_with_ids(start, make):
    client = start()
    ids = [f"id-{number}" for number in range(100, 0, -1)]

    body = client.batch(*(make(document_id=one) for one in ids)).json()

    assert (body["total"], body["succeeded"], body["failed"]) == (100, 100, 0)
    assert [row["document_id"] for row in body["results"]] == ids
    assert {row["status"] for row in body["results"]} == {"queued"}
    assert len({UUID(row["ingestion_id"]) for row in body["results"]}) == 100
    assert [row["document_id"] for row in client.documents()] == ids


def test_what_was_sent_is_kept_verbatim(start, make):
    client = start()
    sent = make(
        document='Ünïcode \U0001f600 and "quotes"\nand lines',
        document_created_at="2025-06-01T12:00:00+05:30",
        metadata={"big": 2**70, "deep": {"list": [1, None, "x"]}, "backslash": "\\u0000"},
        mode="fast",
    )

    client.results(sent)

    [held] = client.documents()
    assert {key: held[key] for key in sent if key not in ("scope", "metadata")} == {
        key: sent[key] for key in sent if key not in ("scope", "metadata")
    }
    assert held["metadata"]["deep"] == {"list": [1, None, "x"]}
    assert held["metadata"]["backslash"] == "\\u0000"
    assert str(2**70) in client.get("/sandbox/documents").text


def test_an_object_is_kept_as_an_object_and_a_missing_id_is_made(start, make):
    client = start()

    [row] = client.results(make(document={"text": "hi"}, document_id=None))

    [held] = client.documents()
    assert held["document"] == {"text": "hi"}
    assert held["document_id"] == row["document_id"] != ""


def test_a_zone_less_time_is_accepted_and_kept_zone_less(start, make):
    client = start()

    [row] = client.results(make(document_created_at="2025-06-01T12:00:00"))

    assert row["status"] == "queued"
    assert client.documents()[0]["document_created_at"] == "2025-06-01T12:00:00"


@pytest.mark.parametrize(
    "bad",
    [
        {"document": ""},
        {"document": " \n"},
        {"document": {}},
        {"document": "a\0b"},
        {"document": {"text": "a\0b"}},
        {"metadata": {"key": "\0"}},
        {"user_id": "a\0"},
    ],
)
def test_one_bad_document_fails_alone(start, make, bad):
    client = start()

    results = client.results(make(1), make(2, **bad), make(3))

    assert [row["status"] for row in results] == ["queued", "failed", "queued"]
    assert results[1]["error_message"]
    status = client.get(f"/api/v1/memories/status/{results[1]['ingestion_id']}").json()
    assert (status["status"], status["memory_ids"]) == ("failed", [])
    assert len(client.documents()) == 2


def test_fail_fast_stops_at_the_first_bad_document(start, make):
    client = start()

    results = client.results(make(1), make(2, document=""), make(3), fail_fast=True)

    assert [row["status"] for row in results] == ["queued", "failed", "failed"]
    assert [held["document_id"] for held in client.documents()] == ["legacy_mem0_1"]


@pytest.mark.parametrize(
    ("isolation", "ids", "status"),
    [
        ("b2b", {"user_id": "u", "customer_id": "c"}, 200),
        ("b2b", {"user_id": None, "customer_id": "c"}, 200),
        ("b2b", {"user_id": None, "customer_id": None}, 200),
        ("b2b", {"user_id": "u", "customer_id": None}, 400),
        ("b2b", {"user_id": "u", "customer_id": ""}, 400),
        ("b2c", {"user_id": "u", "customer_id": None}, 200),
        ("b2c", {"user_id": "u", "customer_id": "c"}, 400),
        ("b2b", {"scope": {}}, 400),
        ("b2b", {"scope": {"customer": "acme"}}, 400),
    ],
)
def test_scope_rules_hold_for_the_whole_request(start, make, isolation, ids, status):
    client = start(isolation=isolation)
    good = {"customer_id": "acme" if isolation == "b2b" else None}

    assert client.batch(make(1, **good), make(2, **{**good, **ids})).status_code == status
    assert client.post("/api/v1/memories/create", make(3, **{**good, **ids})).status_code == status

    assert len(client.documents()) == (3 if status == 200 else 0)


@pytest.mark.parametrize(
    "bad",
    [
        {"document_type": "support-ticket"},
        {"document": 7},
        {"mode": "slow"},
        {"document_created_at": "June 1, 2025"},
        {"user_id": 7},
        {"metadata": None},
    ],
)
def test_a_wrong_shape_is_422_with_the_place(start, make, bad):
    client = start()

    answer = client.batch(make(1), make(2, **bad))

    assert answer.status_code == 422
    [problem, *_] = answer.json()["detail"]
    assert problem["loc"][:4] == ["body", "documents", 1, next(iter(bad))]
    assert {"type", "msg"} <= set(problem)
    assert client.documents() == []


def test_broken_json_is_422(start):
    answer = start().http.post("/api/v1/memories/batch", content=b'{"documents": ["\\ud800"]}')

    assert answer.status_code == 422


def test_more_than_100_documents_are_refused(start, make):
    client = start()

    assert client.batch(*(make(number) for number in range(101))).status_code == 400
    assert client.documents() == []


def test_a_body_over_5_mb_is_413_even_while_it_is_being_sent(start, make):
    client = start()

    answer = client.batch(make(document="x" * (12 << 20)))

    assert answer.status_code == 413
    assert client.documents() == []
    assert client.results(make())[0]["status"] == "queued"


def test_unknown_things_are_404_and_wrong_methods_405(start):
    client = start()

    unknown = client.get("/v1/memories/list")
    assert (unknown.status_code, unknown.json()) == (404, {"detail": "Not Found"})
    assert unknown.headers["X-Synap-Sandbox"] == "stand-in"
    assert client.get("/api/v1/memories/batch").status_code == 404
    assert client.get("/v1/credits/estimate").status_code == 405
    assert client.get(f"/api/v1/memories/status/{UUID(int=0)}").status_code == 404


def test_status_moves_on_with_time(start, make):
    client = start(ingestion_delay_seconds=0.6)
    [row] = client.results(make())
    seen = []

    deadline = time.monotonic() + 5
    while (not seen or seen[-1] != "completed") and time.monotonic() < deadline:
        status = client.get(f"/api/v1/memories/status/{row['ingestion_id']}").json()
        seen += [status["status"]] if status["status"] not in seen else []
        assert bool(status["memory_ids"]) == (status["status"] == "completed")
        time.sleep(0.05)

    assert seen == ["queued", "processing", "completed"]
    assert status["memories_created"] == len(status["memory_ids"]) == 1
    assert status["completed_at"] > status["started_at"] > status["queued_at"]


def test_a_foreign_host_header_is_turned_away(start):
    client = start()

    assert client.get("/", headers={"Host": "evil.example"}).status_code == 400
    assert client.get("/", headers={"Host": "localhost:1"}).status_code == 200


def test_counters_tell_requests_answers_and_bytes(start, make):
    client = start()
    client.results(make())
    client.batch(make(scope={}))
    client.get("/nowhere")
    client.get("/")

    counted = client.counters()

    assert counted["requests"] == {"POST /api/v1/memories/batch": 2, "GET (unknown)": 1}
    assert counted["statuses"]["POST /api/v1/memories/batch"] == {"200": 1, "400": 1}
    assert counted["bytes"] > 2 * 200
    assert (counted["documents"], counted["stored_twice"]) == (1, 0)
