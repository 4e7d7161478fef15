"""The first-time path from a Community Edition, through the command as a person runs it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from support.commands import run
from support.postgres_server import PostgresServer
from zep_support.community_tables import COMMUNITY_1, Community


@pytest.fixture(scope="module")
def community(postgres_running: PostgresServer) -> Iterator[Community]:
    with postgres_running.database() as database:
        here = Community(postgres_running, database)
        with here.owner:
            here.make(*COMMUNITY_1)
            here.user("ada", first_name="Ada")
            here.session("s1", "ada")
            here.session("anon")
            here.say("s1", "I like tea.", role="Ada")
            here.say("s1", "Which one?", role_type="assistant")
            here.say("s1", "Not coffee.", deleted_at="2026-01-01T00:00:00Z")
            here.say("anon", "Who am I?")
            yield here


def test_one_command_moves_the_messages_and_holds_what_was_deleted(
    community: Community, tmp_path: Path
) -> None:
    options = ("--user-map", "identity", "--agents-as", "hold", "--to", "sandbox")
    dsn = community.config.ce_dsn.get_secret_value()
    done = run("zep", *options, "--workdir", tmp_path, "--json", ZEP_CE_DSN=dsn)
    assert done.code == 0, done.err
    assert (done.result["exported"], done.result["loaded"]) == (4, 2)
    assert done.result["held"] == {"no-user": 1, "state-deleted": 1}
    assert community.server.reader_password not in done.out + done.err


def test_the_user_map_lists_users_and_the_sessions_of_nobody(
    community: Community, tmp_path: Path
) -> None:
    output, dsn = tmp_path / "users.csv", community.config.ce_dsn.get_secret_value()
    done = run("users", "zep", "-o", output, ZEP_CE_DSN=dsn)
    assert done.code == 0, done.err
    listed = output.read_text().splitlines()[1:]
    assert sorted(line.split(",")[0] for line in listed) == ["ada", "anon"]
