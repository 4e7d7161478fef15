"""The schema of a job in a PostgreSQL: made, and brought to the newest version, by alembic."""

from __future__ import annotations

from hashlib import blake2b
from typing import Any

import psycopg

from synap_import.errors import LedgerError

NEWEST = "0001"
"""The version that this synap-import works with: the last one in the folder ``migrations``."""

_LONGEST_NAME = 63
_ENCODING = "UTF8"
_PREFIX = "synap_import:"


def schema_of(job: str) -> str:
    """The name of a job's schema. Raises LedgerError when PostgreSQL would cut it short."""
    name = _PREFIX + job
    if len(name.encode()) > _LONGEST_NAME:
        raise LedgerError(f"The name {job} is too long for a schema in PostgreSQL.")
    return name


def jobs_of(connection: psycopg.Connection[Any]) -> list[str]:
    """The jobs that have a schema in this database."""
    rows = connection.execute(
        "SELECT nspname FROM pg_catalog.pg_namespace WHERE starts_with(nspname, $1)", (_PREFIX,)
    )
    return [name.removeprefix(_PREFIX) for (name,) in rows]


def prepare(connection: psycopg.Connection[Any], job: str) -> None:
    """Use the job's schema from here on, in its newest version; make it where there is none.

    Raises LedgerError, and changes nothing, when a newer synap-import wrote it, or the database
    cannot keep every text.
    """
    schema = schema_of(job)
    encoding = connection.info.parameter_status("server_encoding")
    if encoding != _ENCODING:
        raise LedgerError(
            f"The ledger's database keeps text as {encoding}, and not every memory can be that.",
            remedy="Make one for it: CREATE DATABASE … ENCODING 'UTF8' TEMPLATE template0.",
        )
    connection.execute("SELECT set_config('search_path', $1, false)", (f'"{schema}"',))
    version = _version(connection, schema)
    if version == NEWEST:
        return
    if version is not None and version > NEWEST:
        raise LedgerError(
            f"The ledger of job {job} was written by a newer synap-import "
            f"(schema {version}, this one knows {NEWEST}).",
            remedy="Update synap-import, or start over with --new-job.",
        )
    _upgrade(connection, schema)


def _version(connection: psycopg.Connection[Any], schema: str) -> str | None:
    """The version of the schema; None where there are no tables."""
    known = connection.execute(
        "SELECT 1 FROM pg_catalog.pg_tables WHERE schemaname = $1 AND tablename = $2",
        (schema, "alembic_version"),
    )
    if known.fetchone() is None:
        return None
    row = connection.execute("SELECT version_num FROM alembic_version").fetchone()
    return str(row[0]) if row else None


def _upgrade(connection: psycopg.Connection[Any], schema: str) -> None:
    # What takes longer to import than all the rest is needed once in the life of a job.
    from alembic.command import upgrade  # noqa: PLC0415
    from alembic.config import Config  # noqa: PLC0415
    from sqlalchemy import NullPool, create_engine, text  # noqa: PLC0415
    from sqlalchemy.exc import DBAPIError  # noqa: PLC0415

    parameters: dict[str, Any] = connection.info.get_parameters() | {
        "password": connection.info.password
    }
    engine = create_engine(
        "postgresql+psycopg://", creator=lambda: psycopg.connect(**parameters), poolclass=NullPool
    )
    config = Config()
    config.set_main_option("script_location", "synap_import.ledger.postgres:migrations")
    quoted = engine.dialect.identifier_preparer.quote_identifier(schema)
    try:
        with engine.begin() as transaction:
            # Whoever comes second finds everything done.
            transaction.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": key_of(schema)})
            transaction.execute(text(f"CREATE SCHEMA IF NOT EXISTS {quoted}"))
            transaction.execute(text(f"SET LOCAL search_path TO {quoted}"))
            config.attributes["connection"] = transaction
            upgrade(config, "head")
    except DBAPIError as error:
        # What the server said is inside.
        raise error.orig or error from error


def key_of(name: str) -> int:
    """The number under which PostgreSQL locks what has this name."""
    digest = blake2b(name.encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big", signed=True)
