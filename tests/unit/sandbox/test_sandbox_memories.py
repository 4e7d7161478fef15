"""What can be done with memories once they are there."""

import pytest


@pytest.fixture
def client(start, make):
    client = start()
    client.results(
        make(1, document="Lives in Lisbon"),
        make(2, document="Prefers tea", document_created_at="2020-01-01T00:00:00Z"),
        make(3, document="Lives in Oslo", user_id="bo"),
        make(4, document="Support hours", user_id=None),
    )
    return client


def memory_of(client, document_id):
    return next(
        held["memory_id"] for held in client.documents() if held["document_id"] == document_id
    )


def fetch(client, **changes):
    body = {"user_id": "ana", "customer_id": "acme", "search_query": None, "types": ["all"]}
    answer = client.post("/v1/context/user/fetch", {**body, **changes})
    assert answer.status_code == 200, answer.text
    return answer.json()["context"]["facts"]


def test_get_tells_the_document_it_came_from(client):
    memory = client.get(f"/api/v1/memories/{memory_of(client, 'legacy_mem0_1')}").json()

    assert memory["content"] == "Lives in Lisbon"
    assert memory["source_document_id"] == "legacy_mem0_1"


@pytest.mark.parametrize(
    ("strategy", "content"),
    [("replace", "Porto"), ("smart-merge", "Porto"), ("append", "Lives in Lisbon\nPorto")],
)
def test_patch_changes_the_memory_not_the_document(client, strategy, content):
    memory_id = memory_of(client, "legacy_mem0_1")

    changed = client.http.patch(
        f"/api/v1/memories/{memory_id}", json={"document": "Porto", "merge_strategy": strategy}
    ).json()

    assert changed["content"] == content
    assert changed["updated_at"]
    held = client.documents()[0]
    assert (held["document"], held["memory_content"]) == ("Lives in Lisbon", content)


def test_delete_is_for_good(client):
    path = f"/api/v1/memories/{memory_of(client, 'legacy_mem0_1')}"

    deleted = client.http.delete(path)

    assert set(deleted.json()) == {"memory_id", "deleted_at"}
    assert client.http.delete(path).status_code == 404
    assert client.get(path).status_code == 404
    assert len(client.documents()) == 3


def test_fetch_finds_by_words_within_the_user(client):
    [fact] = fetch(client, search_query=["where does she live: lisbon?", "oslo"])

    assert (fact["content"], fact["source"]) == ("Lives in Lisbon", "legacy_mem0_1")
    assert fact["said_at"] == "2025-06-01T12:00:00Z"
    assert fact["metadata"]["original_system"] == "mem0"
    assert fact["matched_queries"] == ["where does she live: lisbon?"]
    assert fetch(client, search_query=["nothing alike"]) == []
    assert fetch(client, user_id="nobody", search_query=["lives"]) == []


def test_fetch_without_a_query_gives_the_latest(client):
    latest = ["Support hours", "Lives in Lisbon", "Prefers tea"]
    assert [fact["content"] for fact in fetch(client)] == latest
    assert [fact["content"] for fact in fetch(client, max_results=1)] == latest[:1]
    assert fetch(client, types=["preferences"]) == []


def test_fetch_keeps_the_scope_rules_and_limits(client):
    for changes in ({"customer_id": None}, {"max_results": 51}, {"user_id": ""}):
        body = {"user_id": "ana", "customer_id": "acme", **changes}
        assert client.post("/v1/context/user/fetch", body).status_code in (400, 422)


def test_a_memory_is_not_there_before_it_is_ingested(start, make):
    client = start(ingestion_delay_seconds=60)
    client.results(make(1))

    [held] = client.documents()
    assert held["status"] == "queued"
    assert client.get(f"/api/v1/memories/{held['memory_id']}").status_code == 404
    assert fetch(client) == []


def test_forget_only_previews(client):
    body = {"description": "lisbon", "user_id": "ana", "customer_id": "acme", "mode": "preview"}

    preview = client.post("/api/v1/memories/forget", body).json()

    assert preview["status"] == "preview"
    assert [one["content"] for one in preview["candidates"]] == ["Lives in Lisbon"]
    nothing = client.post("/api/v1/memories/forget", {**body, "description": "zebra"}).json()
    assert nothing["status"] == "nothing_matches"
    direct = client.post("/api/v1/memories/forget", {**body, "mode": "direct"})
    assert direct.status_code == 400
    assert len(client.documents()) == 4


def wipe(client, **changes):
    instance = client.get("/api/v1/auth/whoami").json()["instance_id"]
    body = {"scope": "user", "instance_id": instance, "user_id": "ana", "customer_id": "acme"}
    return client.post("/v1/data/delete", {**body, **changes})


def test_a_user_is_wiped_only_when_confirmed(client):
    dry = wipe(client, dry_run=True).json()
    assert (dry["status"], dry["counts"]) == ("dry_run", {"sandbox": {"memories": 2}})
    assert wipe(client, dry_run=False).status_code == 400
    assert len(client.documents()) == 4

    done = wipe(client, dry_run=False, confirm="ana").json()

    assert (done["status"], done["fully_removed"], done["continue"]) == ("complete", True, False)
    assert [held["user_id"] for held in client.documents()] == ["bo", None]
    assert client.counters()["ingestions"] == 2


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"scope": "customer"}, 403),
        ({"scope": "conversation"}, 400),
        ({"instance_id": "inst_0000000000000000"}, 403),
        ({"customer_id": None}, 400),
        ({"user_id": None}, 400),
    ],
)
def test_other_wipes_are_refused(client, changes, status):
    assert wipe(client, **{"dry_run": True, **changes}).status_code == status


def test_the_small_routes_answer(client):
    assert client.get("/v1/users/ana/profile?customer_id=acme").status_code == 404
    assert client.get("/v1/credits/balance").json()["balance_credits"] > 0
    estimate = {"metric_type": "memories_ingested", "units": 12}
    assert client.post("/v1/credits/estimate", estimate).json()["credits_estimate"] == 12
    assert client.post("/v1/telemetry/batch", {"events": []}).status_code == 202
