"""The pgvector store: who may read it, at which address, and what is said when not."""

from __future__ import annotations

import sys
from collections.abc import Iterator

import psycopg
import pytest

from mem0_support.pgvector_store import Store
from mem0_support.said import everything_said
from mem0_support.store_rows import many
from support.postgres_server import OWNER, READER, PostgresServer
from synap_import import ConfigurationError, SourceError, SourceUnavailableError

pytestmark = pytest.mark.timeout(120)


@pytest.fixture
def store(postgres_running: PostgresServer) -> Iterator[Store]:
    with postgres_running.database() as database:
        yield Store(postgres_running, database)


def test_a_user_with_every_right_still_only_reads(store: Store) -> None:
    store.table(rows=many(2))
    store.run(
        "CREATE FUNCTION write_on_read(uuid) RETURNS uuid LANGUAGE plpgsql VOLATILE AS"
        " $$ BEGIN DELETE FROM memories; RETURN $1; END $$",
        "CREATE VIEW trap AS SELECT write_on_read(id) AS id, vector, payload FROM memories",
    )
    owner = store.server.address(store.database, OWNER)
    with pytest.raises(SourceError, match="read-only transaction"):
        store.records(postgres=owner, collection="trap")
    assert len(store.records(postgres=owner, collection="memories")) == 2


def test_reading_works_without_any_right_to_the_vectors(store: Store) -> None:
    store.table(rows=many(2))
    with (
        psycopg.connect(store.server.address(store.database)) as connection,
        pytest.raises(psycopg.errors.InsufficientPrivilege),
    ):
        connection.execute("SELECT vector FROM memories")
    assert len(store.records()) == 2


def test_a_table_that_may_not_be_read_says_who_can_help(store: Store) -> None:
    store.table(rows=many(2))
    store.run(f"REVOKE SELECT (id, payload) ON memories FROM {READER}")
    for options in ({}, {"collection": "memories"}):
        with pytest.raises(SourceError) as error:
            store.check(**options)
        assert "does not let this user read public.memories" in str(error.value)
        assert "GRANT SELECT" in error.value.remedy


def test_rows_that_share_an_id_are_refused_before_some_are_missed(store: Store) -> None:
    store.run("CREATE TABLE memories (id uuid, vector real[], payload jsonb)")
    store.run(f"GRANT SELECT ON memories TO {READER}")
    store.insert([*many(2), *many(1)])
    with pytest.raises(SourceError, match="3 rows, 2 ids"):
        store.check()


def test_the_account_names_the_table_and_no_credentials(store: Store) -> None:
    store.table(rows=many(1))
    seen = store.check()
    where = f"127.0.0.1:{store.server.port}/{store.database}"
    assert seen.account == f"postgresql://{where}/public.memories"
    assert seen.title == f"pgvector table public.memories at {where}"


def test_a_wrong_password_is_a_sentence_without_it(store: Store) -> None:
    address = store.server.address(store.database, password="s3cret-guess")
    with pytest.raises(SourceError) as error:
        store.check(postgres=address)
    assert "password authentication failed" in error.value.message
    assert "MEM0_POSTGRES_URL" in error.value.remedy
    assert "s3cret-guess" not in everything_said(error.value)


def test_a_wrong_database_is_a_sentence(store: Store) -> None:
    with pytest.raises(SourceError, match='database "nope" does not exist') as error:
        store.check(postgres=store.server.address("nope"))
    assert store.server.reader_password not in everything_said(error.value)


def test_a_server_that_is_not_there_can_be_tried_again(store: Store) -> None:
    with pytest.raises(SourceUnavailableError, match=r"127\.0\.0\.1:1/db does not answer") as error:
        store.check(postgres="postgresql://x:s3cret@127.0.0.1:1/db")
    assert "s3cret" not in everything_said(error.value)


@pytest.mark.parametrize(
    "address",
    [
        "s3cret",
        "http://x:s3cret@db",
        "postgresql+psycopg2://x:s3cret@db/x",
        "postgresql://x:s3cret@s3cret@db:5432/x",
        "postgresql://x:s3cret/s3cret@db:5432/x",
        "postgresql://x:12/s3cret@db:5432/x",
    ],
)
def test_what_is_no_address_is_refused_without_being_shown(store: Store, address: str) -> None:
    with pytest.raises(ConfigurationError, match="not the address of a PostgreSQL") as error:
        store.check(postgres=address)
    assert "s3cret" not in everything_said(error.value)


def test_a_missing_driver_says_how_to_get_it(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "psycopg", None)
    with pytest.raises(ConfigurationError) as error:
        store.check()
    assert error.value.remedy == "pip install 'synap-import-mem0[postgres]'"
