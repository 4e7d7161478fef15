"""What the database holds: every row that an export should bring, counted past the server."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

import psycopg

DEFAULT_ORGANIZATION = "org-00000000-0000-4000-8000-000000000000"


class Row(NamedTuple):
    """A row of the database. ``words`` are None where it has several forms of them."""

    id: str
    words: str | None = None
    created_at: datetime | None = None
    conversation: str | None = None
    beyond_reach: str = ""
    """Why no request of the server's API shows it."""


class Truth(NamedTuple):
    """The rows of one kind, in the order in which they were made."""

    name: str
    rows: Sequence[Row]


ONE_MOMENT = "behind the 100th passage of one moment in an archive that no agent has"

_AGENTS = """
    SELECT id, NULL, created_at, NULL, '' FROM agents
    WHERE NOT is_deleted AND organization_id = %(organization)s ORDER BY created_at, id
"""
_IDENTITIES = """
    SELECT id, NULL, NULL::timestamptz, NULL, '' FROM identities
    WHERE NOT is_deleted AND organization_id = %(organization)s ORDER BY created_at, id
"""
_BLOCKS = """
    SELECT id, value, NULL::timestamptz, NULL, '' FROM block
    WHERE NOT is_deleted AND organization_id = %(organization)s ORDER BY created_at, id
"""
# The search gives 100 and has no cursor but a time: of one moment it never gives more.
_PASSAGES = """
    SELECT id, text, created_at, NULL,
           CASE WHEN number > 100 AND NOT attached THEN %(one_moment)s ELSE '' END
    FROM (
        SELECT p.*, row_number() OVER (PARTITION BY archive_id, created_at ORDER BY id) AS number,
               EXISTS (SELECT FROM archives_agents a WHERE a.archive_id = p.archive_id) AS attached
        FROM archival_passages p
        WHERE NOT is_deleted AND organization_id = %(organization)s
    ) AS numbered ORDER BY created_at, id
"""
_MESSAGES = """
    SELECT id,
           CASE WHEN role = 'user' OR role = 'assistant' AND tool_calls::text IN ('[]', 'null')
                THEN (SELECT string_agg(part ->> 'text', E'\\n' ORDER BY place)
                      FROM json_array_elements(content) WITH ORDINALITY AS parts (part, place)
                      WHERE part ->> 'type' = 'text') END,
           created_at, conversation_id, ''
    FROM messages
    WHERE NOT is_deleted AND organization_id = %(organization)s ORDER BY sequence_id
"""
_FILES = """
    SELECT f.id, c.text, f.created_at, NULL, ''
    FROM files f LEFT JOIN file_contents c ON c.file_id = f.id
    WHERE NOT f.is_deleted AND f.organization_id = %(organization)s ORDER BY f.created_at, f.id
"""
_QUERIES = {
    "agents": _AGENTS,
    "identities": _IDENTITIES,
    "blocks": _BLOCKS,
    "passages": _PASSAGES,
    "messages": _MESSAGES,
    "files": _FILES,
}


def truths(database: str, organization: str = DEFAULT_ORGANIZATION) -> list[Truth]:
    """All that belongs to an organization."""
    asked = {"organization": organization, "one_moment": ONE_MOMENT}
    with psycopg.connect(database) as connection:
        return [
            Truth(name, [Row(*row) for row in connection.execute(query.encode(), asked)])
            for name, query in _QUERIES.items()
        ]


_GROUPS = {
    "passages by archive": """
        SELECT a.name, count(*) FROM archival_passages p JOIN archives a ON a.id = p.archive_id
        WHERE NOT p.is_deleted AND p.organization_id = %(organization)s GROUP BY a.id ORDER BY 1
    """,
    "messages by agent": """
        SELECT a.name, count(*) FROM messages m JOIN agents a ON a.id = m.agent_id
        WHERE NOT m.is_deleted AND m.organization_id = %(organization)s GROUP BY a.id ORDER BY 1
    """,
    "messages by role": """
        SELECT role, count(*) FROM messages
        WHERE NOT is_deleted AND organization_id = %(organization)s GROUP BY 1 ORDER BY 1
    """,
    "messages by conversation": """
        SELECT coalesce(c.summary, 'a fork'), count(*)
        FROM messages m JOIN conversations c ON c.id = m.conversation_id
        WHERE NOT m.is_deleted AND m.organization_id = %(organization)s GROUP BY c.id ORDER BY 1
    """,
    "blocks by label": """
        SELECT label, count(*) FROM block
        WHERE NOT is_deleted AND organization_id = %(organization)s GROUP BY 1 ORDER BY 1
    """,
}


def counts(
    database: str, organization: str = DEFAULT_ORGANIZATION
) -> dict[str, int | dict[str, int]]:
    """How many rows there are, and of which agent, archive, conversation."""
    asked = {"organization": organization}
    with psycopg.connect(database) as connection:
        grouped: dict[str, int | dict[str, int]] = {
            name: dict(connection.execute(query.encode(), asked).fetchall())
            for name, query in _GROUPS.items()
        }
    return {one.name: len(one.rows) for one in truths(database, organization)} | grouped
