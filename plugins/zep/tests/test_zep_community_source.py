"""The Community Edition, read from a real PostgreSQL."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from datetime import UTC, datetime

import anyio
import pytest

from support.postgres_server import OWNER, READER, PostgresServer
from synap_import import (
    ConfigurationError,
    Scope,
    ScopeCount,
    ScopeKind,
    Severity,
    SourceError,
    SourceUnavailableError,
    State,
)
from synap_import.testing import read_source
from synap_import_zep.community.config import CommunityConfig
from synap_import_zep.community.session import Address, read_only_session
from synap_import_zep.community.source import CommunityEdition
from zep_support.community_tables import (
    COMMUNITY_1,
    ZEP_0,
    ZEP_0_BEFORE_USERS,
    Community,
    SmallPages,
)
from zep_support.database_reading import Run, assert_resumes_everywhere


@pytest.fixture
def server(postgres_running: PostgresServer) -> PostgresServer:
    return postgres_running


@pytest.fixture
def empty(server: PostgresServer) -> Iterator[Community]:
    with server.database() as database:
        here = Community(server, database)
        with here.owner:
            yield here


@pytest.fixture
def community(empty: Community) -> Community:
    """Two users, one of them deleted, and a session that is nobody's."""
    empty.make(*COMMUNITY_1)
    empty.user("ada", first_name="Ada", email="ada@example.org", metadata={"plan": "pro"})
    empty.user("gone", first_name="G", deleted_at="2026-01-01T00:00:00Z")
    empty.session("s1", "ada", metadata={"topic": "tea"})
    empty.session("s2", "gone")
    empty.session("anon")
    empty.say("s1", "I like tea 🌱", role="Ada", created_at="2024-05-01T14:01:00Z")
    empty.say("s1", "Which one?", role_type="assistant")
    empty.say("s1", "Not coffee.", deleted_at="2026-01-01T00:00:00Z")
    empty.say("s2", "I am leaving.")
    empty.say("anon", "Who am I?")
    empty.say("lost", "My session is gone.")
    return empty


def test_every_message_comes_out_once_with_its_session_and_user(community: Community) -> None:
    reading = community.read()
    assert [record.text for page in reading.pages for record in page.records] == [
        "I like tea 🌱",
        "Which one?",
        "Not coffee.",
        "I am leaving.",
        "Who am I?",
        "My session is gone.",
    ]
    assert reading.records[0].scope == Scope(user="ada", session="s1")
    assert reading.records[0].created_at == datetime(2024, 5, 1, 14, 1, tzinfo=UTC)
    assert reading.records[0].metadata == {"session_metadata": {"topic": "tea"}}
    assert reading.findings == []


def test_what_was_deleted_softly_is_deleted_and_told(community: Community) -> None:
    reading = community.read()
    deleted = [record.text for record in reading.records if record.state is State.DELETED]
    assert deleted == ["Not coffee.", "I am leaving."]
    (finding,) = (one for one in reading.check.findings if one.code == "zep-deleted-messages")
    assert finding.count == 2


def test_a_session_without_a_user_is_no_user(community: Community) -> None:
    reading = community.read()
    assert reading.records[4].scope == Scope(session="anon")
    assert reading.records[5].scope == Scope(session="lost")
    assert sorted(reading.scopes or (), key=lambda count: count.id) == [
        ScopeCount(ScopeKind.USER, "ada", 3, "Ada, ada@example.org"),
        ScopeCount(ScopeKind.SESSION, "anon", 1, "a session without a user"),
        ScopeCount(ScopeKind.USER, "gone", 1, "G"),
        ScopeCount(ScopeKind.SESSION, "lost", 1, "a session without a user"),
    ]


def test_where_the_times_and_the_facts_are_is_told(community: Community) -> None:
    check = community.read().check
    assert {one.code for one in check.findings} >= {"zep-time-of-receipt", "zep-facts-elsewhere"}
    assert check.title.startswith("Zep Community Edition 1.x at 127.0.0.1:")
    assert check.expected == 6


def test_the_account_names_the_database_and_no_credentials(community: Community) -> None:
    account = community.read().check.account
    assert account == f"zep-ce://127.0.0.1:{community.server.port}/{community.database}"


def test_reading_goes_on_from_every_cursor_to_the_same_set(community: Community) -> None:
    assert_resumes_everywhere(SmallPages, community.config)


def test_a_message_that_was_committed_late_behind_the_cursor_comes_out(
    community: Community,
) -> None:
    """Numbers are given out before transactions commit, so a lower one may appear later."""
    run = Run(SmallPages, community.config)
    (partition,) = run.partitions()
    pages = run.pages(partition)
    next(pages)
    community.say("s1", "Said before, committed later.", id=0)
    community.say("s1", "Said at the end.")
    list(pages)
    texts = [record.text for record in run.seen.records.values()]
    assert len(texts) == len(set(texts)) == 8
    assert {"Said before, committed later.", "Said at the end."} < set(texts)


def test_messages_with_the_same_number_all_come_out(community: Community) -> None:
    for number in range(5):
        community.say("s1", f"twin {number}", id=3)
    run = Run(SmallPages, community.config).read()
    assert len(run.seen.records) == 11


def test_what_is_added_after_the_reading_is_a_hole(community: Community) -> None:
    run = Run(CommunityEdition, community.config).read()
    assert run.reconcile() == []
    community.say("s1", "Too late.")
    (hole,) = run.reconcile()
    assert (hole.severity, hole.count) == (Severity.ERROR, 1)


def test_the_partition_changes_with_the_messages_and_their_sessions(community: Community) -> None:
    def version() -> str:
        return Run(CommunityEdition, community.config).partitions()[0].version

    before = version()
    assert version() == before
    community.run("UPDATE sessions SET deleted_at = now() WHERE session_id = 's1'")
    assert (deleted := version()) != before
    community.say("s1", "More.")
    assert version() not in {before, deleted}


def test_zep_0_calls_its_tables_otherwise_and_is_read_too(empty: Community) -> None:
    empty.make(*ZEP_0)
    empty.user("ada")
    empty.add("session", session_id="s1", user_id="ada")
    empty.add("message", session_id="s1", role="human", content="Hello.")
    reading = empty.read()
    (record,) = reading.records
    assert (record.role, record.scope) == ("human", Scope(user="ada", session="s1"))
    assert "0.x" in reading.check.title


def test_a_release_that_knew_no_users_has_sessions_only(empty: Community) -> None:
    empty.make(*ZEP_0_BEFORE_USERS)
    empty.add("session", session_id="s1")
    empty.add("message", session_id="s1", role="ai", content="Hello.")
    assert empty.read().records[0].scope == Scope(session="s1")


def test_tables_in_a_schema_of_their_own_are_found(empty: Community) -> None:
    empty.run("CREATE SCHEMA zep")
    empty.run(*(f"SET search_path = zep; {one}" for one in COMMUNITY_1))
    empty.run(f"GRANT USAGE ON SCHEMA zep TO {READER}")
    empty.run(f"GRANT SELECT ON ALL TABLES IN SCHEMA zep TO {READER}")
    empty.add("zep.messages", session_id="s1", role="", content="Hello.")
    assert [record.text for record in empty.read().records] == ["Hello."]


def test_nothing_can_be_written_even_by_the_owner(community: Community) -> None:
    address = Address(community.server.address(community.database, OWNER))

    async def write() -> None:
        async with read_only_session(address) as session:
            await session.rows("INSERT INTO users (user_id) VALUES ('x') RETURNING id")

    with pytest.raises(SourceError, match="read-only transaction"):
        anyio.run(write)


def read(dsn: str) -> None:
    anyio.run(read_source, CommunityEdition, CommunityConfig(ce_dsn=dsn))


def test_a_wrong_password_is_a_sentence_without_the_password(community: Community) -> None:
    dsn = community.server.address(community.database, password="wr0ng-secret")
    with pytest.raises(SourceError, match="lets nobody in") as told:
        read(dsn)
    assert "ZEP_CE_DSN" in told.value.remedy
    assert "wr0ng-secret" not in str(told.value)


def test_nobody_there_is_a_sentence() -> None:
    with pytest.raises(SourceUnavailableError, match=r"127\.0\.0\.1:1/zep does not answer"):
        read("postgresql://ada:secret@127.0.0.1:1/zep")


@pytest.mark.parametrize("dsn", ["postgresql://u:p@ss/w@host/db", "http://host", "zep"])
def test_what_is_no_address_is_a_sentence(dsn: str) -> None:
    with pytest.raises(ConfigurationError, match="--ce-dsn is not the address"):
        read(dsn)


def test_a_database_of_something_else_is_a_sentence(empty: Community) -> None:
    with pytest.raises(SourceError, match="no tables of Zep's Community Edition"):
        empty.read()
    empty.run("CREATE TABLE messages (id int)", "CREATE TABLE sessions (id int)")
    with pytest.raises(SourceError, match="no tables of Zep's Community Edition"):
        empty.read()


def test_a_zep_without_messages_is_a_sentence(empty: Community) -> None:
    empty.make(*COMMUNITY_1)
    with pytest.raises(SourceError, match="has no messages"):
        empty.read()


def test_tables_that_may_not_be_read_are_named_with_the_cure(empty: Community) -> None:
    empty.run(*COMMUNITY_1, f"GRANT SELECT ON messages TO {READER}")
    with pytest.raises(SourceError, match=r"read public\.sessions, public\.users") as told:
        empty.read()
    assert "GRANT SELECT ON public.sessions, public.users" in told.value.remedy


def test_a_missing_library_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "psycopg", None)
    with pytest.raises(ConfigurationError, match="needs the package psycopg") as told:
        read("postgresql://ada@127.0.0.1:1/zep")
    assert told.value.remedy == "pip install 'synap-import-zep[postgres]'"
