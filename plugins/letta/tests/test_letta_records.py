"""What passages, blocks, agents and files become."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest

from letta_support.data import Data
from letta_support.reading import reading, records
from letta_support.stand_in import StandIn
from synap_import import Kind
from synap_import_letta.documents import without_frontmatter


def test_a_passage_keeps_its_id_text_times_tags_and_metadata() -> None:
    data = Data()
    agent = data.agent("a", tags=["user:alice"])
    archive = data.archive("a's Archive", agent)
    given = data.passage(
        archive,
        "Alice mentioned — café, 東京, 🙂",
        "2023-05-01T07:30:00Z",
        tags=["travel"],
        metadata={"src": "doc.pdf"},
    )
    one = records(StandIn(data))[given["id"]]
    assert (one.kind, one.text) == (Kind.FACT, "Alice mentioned — café, 東京, 🙂")
    assert one.created_at == datetime(2023, 5, 1, 7, 30, tzinfo=UTC)
    assert one.updated_at == datetime(2026, 11, 21, 5, 15, 54, 868220, tzinfo=UTC)
    assert one.tags == ("travel",)
    assert one.metadata == {
        "metadata": {"src": "doc.pdf"},
        "archive_id": archive["id"],
        "archive": "a's Archive",
    }
    assert (one.scope.user, one.scope.agent) == ("alice", agent["id"])
    assert one.hold is None


@pytest.mark.parametrize(
    ("written", "meant", "assumed"),
    [
        (
            "2023-05-01T09:30:00+02:00",
            datetime(2023, 5, 1, 9, 30, tzinfo=timezone(timedelta(hours=2))),
            (),
        ),
        (
            "2023-06-01T09:30:00",
            datetime(2023, 6, 1, 9, 30, tzinfo=UTC),
            ("naive-time:created_at",),
        ),
    ],
)
def test_a_passages_time_is_exact_or_its_zone_is_a_named_assumption(
    written: str, meant: datetime, assumed: tuple[str, ...]
) -> None:
    data = Data()
    given = data.passage(data.archive("x", data.agent("a")), "fact", written)
    one = records(StandIn(data))[given["id"]]
    assert (one.created_at, one.assumptions) == (meant, assumed)


def test_a_piece_of_a_file_is_held() -> None:
    data = Data()
    archive = data.archive("x", data.agent("a"))
    given = data.passage(archive, "piece", "2026-01-01T00:00:00Z", file_id="file-1")
    assert records(StandIn(data))[given["id"]].hold == "file-chunk"


def test_a_passage_without_text_is_told_and_the_others_come() -> None:
    data = Data()
    archive = data.archive("x", data.agent("a"))
    bad = data.passage(archive, None, "2026-01-01T00:00:00Z")  # type: ignore[arg-type]
    good = data.passage(archive, "fine", "2026-01-01T00:00:00Z")
    read = reading(StandIn(data))
    assert good["id"] in {one.id for one in read.records}
    assert [(one.where, one.reason) for one in read.unreadable] == [(bad["id"], "text is no text")]


def test_a_block_is_its_value_with_label_and_description_and_no_invented_time() -> None:
    data = Data()
    agent = data.agent("a", tags=["user:alice"])
    given = data.block("project_notes", "Deadline in May", agent, description="Current project")
    one = records(StandIn(data))[given["id"]]
    assert (one.kind, one.text) == (Kind.BLOCK, "Deadline in May")
    assert (one.created_at, one.updated_at) == (None, None)
    assert one.metadata == {"label": "project_notes", "description": "Current project"}
    assert one.hold is None


@pytest.mark.parametrize(
    ("label", "fields", "reason"),
    [
        ("human", {}, None),
        ("human", {"read_only": True}, None),
        ("project_notes", {}, None),
        ("persona", {}, "persona-block"),
        ("memory_persona", {}, "persona-block"),
        ("company_policy", {"read_only": True}, "read-only-block"),
        ("human", {"is_template": True}, "template-block"),
    ],
)
def test_a_block_is_held_when_it_is_not_about_the_user(
    label: str, fields: dict[str, object], reason: str | None
) -> None:
    data = Data()
    given = data.block(label, "words", data.agent("a"), **fields)
    assert records(StandIn(data))[given["id"]].hold == reason


def test_a_block_that_only_one_conversation_has_is_its_agents() -> None:
    data = Data()
    agent = data.agent("a", tags=["user:alice"])
    given = data.block("project_notes", "of this conversation")
    data.conversation(agent, isolated_block_ids=[given["id"]])
    assert records(StandIn(data))[given["id"]].scope.user == "alice"


def test_a_block_that_agents_have_and_no_list_shows_is_asked_for_by_its_id() -> None:
    data = Data()
    agent = data.agent("a", tags=["user:alice"])
    given = data.block("human", "Name: Alice", agent, is_template=None)
    read = reading(StandIn(data))
    assert given["id"] in {one.id for one in read.records}


def test_an_agent_is_kept_and_not_loaded() -> None:
    data = Data()
    agent = data.agent("support", description="Alice's agent", timezone="Europe/Zurich")
    one = records(StandIn(data))[agent["id"]]
    assert (one.kind, one.hold) == (Kind.ENTITY, "agent-definition")
    assert one.text == "support: Alice's agent"
    assert one.metadata["timezone"] == "Europe/Zurich"


def folder(data: Data) -> dict[str, object]:
    data.folders.append({"id": "source-1", "name": "docs"})
    file = {
        "id": "file-1",
        "source_id": "source-1",
        "file_name": "notes.txt",
        "original_file_name": "notes.txt",
        "file_type": "text/plain",
        "processing_status": "completed",
        "content": "She likes hiking.",
        "created_at": "2026-11-21T05:16:28.503108Z",
    }
    data.files.append(file)
    return file


def test_files_of_folders_come_when_they_are_asked_for() -> None:
    data = Data()
    data.agent("a", tags=["user:alice"], sources=[{"id": "source-1", "name": "docs"}])
    folder(data)
    assert "file-1" not in records(StandIn(data))
    one = records(StandIn(data), with_files=True)["file-1"]
    assert (one.kind, one.text) == (Kind.DOCUMENT, "She likes hiking.")
    assert one.scope.user == "alice"
    assert one.metadata["file_name"] == "notes.txt"
    assert one.created_at is not None


def test_files_that_were_not_asked_for_are_told_about() -> None:
    data = Data()
    data.agent("a")
    folder(data)
    codes = {one.code for one in reading(StandIn(data)).check.findings}
    assert "letta-folders-not-read" in codes


def test_a_file_of_which_the_server_has_no_text_is_told() -> None:
    data = Data()
    folder(data)["content"] = None
    read = reading(StandIn(data), with_files=True)
    assert "no text of this file" in read.unreadable[0].reason


@pytest.mark.parametrize(
    ("content", "body", "fields"),
    [
        ("plain", "plain", {}),
        (
            "---\ndescription: Who\nread_only: true\n---\n\nbody\n",
            "body\n",
            {"description": "Who", "read_only": "true"},
        ),
        ("---\r\nlabel: 'x'\r\n---\r\nbody", "body", {"label": "x"}),
        ("--- no frontmatter\n---\n", "--- no frontmatter\n---\n", {}),
        ("---\nnever closed", "---\nnever closed", {}),
    ],
)
def test_frontmatter_is_taken_off(content: str, body: str, fields: dict[str, str]) -> None:
    assert without_frontmatter(content) == (body, fields)
