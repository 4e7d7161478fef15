"""What a table with obvious names is taken for, and what is never guessed in silence."""

from __future__ import annotations

import pytest

from sql_support.databases import Database
from synap_import import Kind, Scope, Severity, SourceError, State
from synap_import_sql.convention import convention, findings


def taken(*columns: str) -> dict[str, str]:
    return convention(columns, "table t").fields


@pytest.mark.parametrize(
    ("columns", "fields"),
    [
        (
            ("id", "conversationId", "userId", "sender", "body", "createdAt"),
            {
                "session": "conversationId",
                "user": "userId",
                "role": "sender",
                "content": "body",
                "created_at": "createdAt",
            },
        ),
        (("TEXT", "message", "content"), {"content": "content"}),
        (
            ("thread_id", "seq", "message", "meta"),
            {"session": "thread_id", "position": "seq", "content": "message", "metadata": "meta"},
        ),
    ],
)
def test_columns_are_known_by_their_names(columns: tuple[str, ...], fields: dict[str, str]) -> None:
    assert taken(*columns) == fields


@pytest.mark.parametrize("column", ["author_id", "account_id", "customer_id", "owner", "name"])
def test_what_may_or_may_not_be_the_user_is_not_taken_for_one(column: str) -> None:
    assert "user" not in taken("content", column)


def test_without_a_user_the_join_that_brings_it_is_shown() -> None:
    _, finding = findings(convention(["conversation_id", "content"], "table m"), "table m")
    assert (finding.severity, finding.code) == (Severity.WARNING, "sql-no-user-column")
    assert "JOIN conversations" in finding.remedy


def test_without_a_text_the_columns_are_named_and_the_mapping_is_asked_for() -> None:
    with pytest.raises(SourceError, match="it holds the text: id, blob_1") as told:
        convention(["id", "blob_1"], "table t")
    assert "--mapping" in told.value.remedy


def test_rows_with_a_conversation_and_a_role_are_messages_others_are_facts() -> None:
    def kind(*columns: str) -> Kind | None:
        spec = convention(columns, "t").document.kind
        return spec and spec.const

    assert kind("session_id", "role", "content") is Kind.MESSAGE
    assert kind("session_id", "content") is Kind.FACT


@pytest.mark.parametrize(
    ("column", "values"),
    [("deleted_at", [None, "2026-01-15"]), ("is_deleted", [0, 1]), ("deleted", ["false", "true"])],
)
def test_what_the_application_deleted_is_deleted(
    sqlite: Database, column: str, values: list[object]
) -> None:
    sqlite.make(f"CREATE TABLE notes (id INTEGER PRIMARY KEY, content TEXT, {column})")
    sqlite.add("notes", *((number, "tea", value) for number, value in enumerate(values)))
    states = [record.state for record in sqlite.read(table="notes").records]
    assert states == [State.ACTIVE, State.DELETED]


def test_embeddings_are_left_where_they_are(sqlite: Database) -> None:
    sqlite.make("CREATE TABLE notes (id INTEGER PRIMARY KEY, content TEXT, Embedding BLOB)")
    sqlite.add("notes", (1, "tea", b"\0" * 6000))
    assert sqlite.record(table="notes").raw == {"id": 1, "content": "tea"}


def test_metadata_that_is_stored_as_text_is_metadata(sqlite: Database) -> None:
    sqlite.make("CREATE TABLE notes (id INTEGER PRIMARY KEY, content TEXT, metadata TEXT)")
    sqlite.add("notes", (1, "[tea]", '{"lang": "en"}'))
    record = sqlite.record(table="notes")
    assert (record.text, record.metadata["lang"]) == ("[tea]", "en")


def test_what_has_no_name_that_is_known_is_kept(sqlite: Database) -> None:
    sqlite.make(
        "CREATE TABLE notes (id INTEGER PRIMARY KEY, content TEXT, user_id TEXT, room TEXT)"
    )
    sqlite.add("notes", (1, "tea", "ada", "kitchen"))
    record = sqlite.record(table="notes")
    assert record.scope == Scope(user="ada")
    assert record.metadata["unmapped"] == {"room": "kitchen"}
