"""The three readings of what a repeated document_id means."""

from concurrent.futures import ThreadPoolExecutor

import pytest


def test_update_replaces_counts_and_keeps_the_memory(start, make):
    client = start(duplicates="update")
    [first] = client.results(make(1, document="old"))
    [second] = client.results(make(1, document="new", document_created_at=None))

    [held] = client.documents()
    assert (held["document"], held["document_created_at"], held["received"]) == ("new", None, 2)
    assert held["last_received_at"] > held["first_received_at"]
    assert first["ingestion_id"] != second["ingestion_id"]
    memories = [
        client.get(f"/api/v1/memories/status/{row['ingestion_id']}").json()["memory_ids"]
        for row in (first, second)
    ]
    assert memories == [[held["memory_id"]]] * 2
    assert client.get(f"/api/v1/memories/{held['memory_id']}").json()["content"] == "new"
    assert client.counters()["stored_twice"] == 1


def test_update_within_one_batch_counts_twice(start, make):
    client = start(duplicates="update")

    client.results(make(1, document="old"), make(1, document="new"))

    [held] = client.documents()
    assert (held["document"], held["received"]) == ("new", 2)


def test_row_fails_the_second_one_and_keeps_the_first(start, make):
    client = start(duplicates="row")
    client.results(make(1, document="old"))

    results = client.results(make(1, document="new"), make(2), make(2, document="again"))

    assert [row["status"] for row in results] == ["failed", "queued", "failed"]
    assert results[0]["error_message"] == "duplicate document_id"
    assert results[0]["ingestion_id"]
    assert [(held["document"], held["received"]) for held in client.documents()] == [
        ("old", 1),
        ("Memory number 2", 1),
    ]
    assert client.counters()["stored_twice"] == 0


@pytest.mark.parametrize("ids", [(1, 2), (3, 4, 3)])
def test_conflict_refuses_the_whole_request(start, make, ids):
    client = start(duplicates="conflict")
    client.results(make(1))

    answer = client.batch(*(make(number) for number in ids))

    assert answer.status_code == 409
    assert answer.json()["detail"]["code"] == "conflict"
    assert [held["document_id"] for held in client.documents()] == ["legacy_mem0_1"]
    assert client.counters()["ingestions"] == 1


@pytest.mark.parametrize(
    ("duplicates", "status"), [("update", 200), ("row", 409), ("conflict", 409)]
)
def test_create_has_no_row_to_fail(start, make, duplicates, status):
    client = start(duplicates=duplicates)

    assert client.post("/api/v1/memories/create", make(1)).status_code == 200
    assert client.post("/api/v1/memories/create", make(1)).status_code == status
    assert client.post("/api/v1/memories/create", make(2, document="")).status_code == 400


def test_the_same_batch_at_the_same_time_is_kept_once(start, make):
    client = start(duplicates="row")
    batch = [make(number) for number in range(50)]

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: client.batch(*batch).json(), range(8)))

    assert sum(answer["succeeded"] for answer in answers) == 50
    assert {held["received"] for held in client.documents()} == {1}


def test_a_deleted_document_can_come_again(start, make):
    client = start(duplicates="conflict")
    client.results(make(1))
    [held] = client.documents()

    assert client.http.delete(f"/api/v1/memories/{held['memory_id']}").status_code == 200

    assert client.results(make(1))[0]["status"] == "queued"
