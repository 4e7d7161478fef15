"""The tables of Zep's Community Edition 1.x and of Zep 0.x, in a PostgreSQL of the tests' own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import anyio
import psycopg
from psycopg.types.json import Jsonb

from support.postgres_server import OWNER, READER, PostgresServer
from synap_import.testing import read_source
from synap_import.testing.reading import Reading
from synap_import_zep.community.config import CommunityConfig
from synap_import_zep.community.source import CommunityEdition

_TIMES = """created_at timestamptz NOT NULL DEFAULT current_timestamp,
    updated_at timestamptz DEFAULT current_timestamp, deleted_at timestamptz"""
_PROJECT = "project_uuid uuid NOT NULL DEFAULT '399e79e0-d0ec-4ea8-a0bf-fe556d19fb9f'"
_USERS = f"""CREATE TABLE users (
    uuid uuid PRIMARY KEY DEFAULT gen_random_uuid(), id bigserial, {_TIMES},
    user_id varchar NOT NULL UNIQUE, email varchar, first_name varchar, last_name varchar,
    metadata jsonb"""
_SESSION = f"""uuid uuid PRIMARY KEY DEFAULT gen_random_uuid(), id bigserial, {_TIMES},
    session_id varchar NOT NULL UNIQUE, metadata jsonb"""
_MESSAGE = f"""uuid uuid PRIMARY KEY DEFAULT gen_random_uuid(), id bigserial, {_TIMES},
    session_id varchar NOT NULL, role varchar NOT NULL, content varchar NOT NULL,
    token_count bigint NOT NULL DEFAULT 0, metadata jsonb"""
_ROLES = "'norole', 'system', 'assistant', 'user', 'function', 'tool'"

COMMUNITY_1 = (
    f"CREATE TYPE role_type_enum AS ENUM ({_ROLES})",
    f"{_USERS}, {_PROJECT})",
    f"CREATE TABLE sessions ({_SESSION}, user_id varchar, ended_at timestamptz, {_PROJECT})",
    f"CREATE TABLE messages ({_MESSAGE}, role_type role_type_enum DEFAULT 'norole', {_PROJECT})",
)
ZEP_0 = (
    f"{_USERS})",
    f"CREATE TABLE session ({_SESSION}, user_id varchar)",
    f"CREATE TABLE message ({_MESSAGE})",
)
ZEP_0_BEFORE_USERS = (
    f"CREATE TABLE session ({_SESSION})",
    f"CREATE TABLE message ({_MESSAGE})",
)


class SmallPages(CommunityEdition):
    """The source with pages so small that few messages need several."""

    messages_per_page = 2
    ids_per_page = 3


@dataclass
class Community:
    """A database, and what the source makes of it as a user who may only read."""

    server: PostgresServer
    database: str

    @property
    def config(self) -> CommunityConfig:
        return CommunityConfig(ce_dsn=self.server.address(self.database))

    def make(self, *tables: str) -> Community:
        self.run(*tables, f"GRANT SELECT ON ALL TABLES IN SCHEMA public TO {READER}")
        return self

    @cached_property
    def owner(self) -> psycopg.Connection[Any]:
        return psycopg.connect(self.server.address(self.database, OWNER), autocommit=True)

    def run(self, *statements: str) -> None:
        for statement in statements:
            self.owner.execute(statement)

    def add(self, table: str, **row: Any) -> None:
        """One row; dicts are JSON."""
        values = [Jsonb(one) if isinstance(one, Mapping) else one for one in row.values()]
        marks = ", ".join(["%s"] * len(row))
        statement = f"INSERT INTO {table} ({', '.join(row)}) VALUES ({marks})"
        self.owner.execute(statement, values)

    def user(self, user_id: str, **more: Any) -> None:
        self.add("users", user_id=user_id, **more)

    def session(self, session_id: str, user_id: str | None = None, **more: Any) -> None:
        self.add("sessions", session_id=session_id, user_id=user_id, **more)

    def say(self, session_id: str, content: str, **more: Any) -> None:
        role_type = more.pop("role_type", "user")
        row = {"role": "", "role_type": role_type, "content": content, **more}
        self.add("messages", session_id=session_id, **row)

    def read(self) -> Reading:
        return anyio.run(read_source, CommunityEdition, self.config)
