"""The first-time path, as somebody who leaves Graphiti goes it, with the sandbox as destination."""

from __future__ import annotations

from pathlib import Path

import pytest

from support.commands import Finished, run
from zep_support.falkordb_server import falkordb_server
from zep_support.graphiti_graphs import RECORDED_GRAPHS, import_recorded_kuzu


@pytest.fixture(scope="module")
def graph(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("kuzu") / "graph.kuzu"
    import_recorded_kuzu(path)
    return path


def graphiti(graph: Path, tmp_path: Path, *options: str) -> Finished:
    target = ("--to", "sandbox", "--workdir", tmp_path / "work", "--json")
    return run("graphiti", "--kuzu", graph, "--user-map", "identity", *options, *target)


def test_one_command_loads_episodes_and_says_why_the_rest_is_held(
    graph: Path, tmp_path: Path
) -> None:
    """Six episodes, one of them without text and one of nobody; two facts that no text tells."""
    done = graphiti(graph, tmp_path, "--assume-tz", "UTC")
    assert done.code == 0, done.err
    assert (done.result["exported"], done.result["loaded"]) == (20, 6)
    assert done.result["held"] == {
        "derived-fact": 6,
        "derived-entity": 5,
        "derived-summary": 1,
        "empty-text": 1,
        "no-owner": 1,
    }
    assert "stored without a group_id" in " ".join(done.err.split())


def test_what_was_derived_loads_when_it_is_asked_for(graph: Path, tmp_path: Path) -> None:
    reasons = ("derived-fact", "derived-entity", "derived-summary")
    included = [word for reason in reasons for word in ("--include", reason)]
    done = graphiti(graph, tmp_path, *included)
    assert done.code == 0, done.err
    assert done.result["held"] == {"state-superseded": 2, "empty-text": 1, "no-owner": 1}
    assert done.result["loaded"] == 16


def test_the_user_map_lists_the_groups(graph: Path, tmp_path: Path) -> None:
    output = tmp_path / "users.csv"
    done = run("users", "graphiti", "--kuzu", graph, "-o", output)
    assert done.code == 0, done.err
    rows = [row.split(",") for row in output.read_text().splitlines()]
    column = {name: number for number, name in enumerate(rows[0])}
    listed = {row[column["source_id"]]: row[column["records"]] for row in rows[1:]}
    assert {"user-ada": "15", "user-bo": "4"}.items() <= listed.items()


def test_all_graphs_of_a_falkordb_are_moved_by_one_command(tmp_path: Path) -> None:
    options = ("--user-map", "identity", "--to", "sandbox", "--workdir", tmp_path, "--json")
    with falkordb_server() as server:
        server.load(RECORDED_GRAPHS)
        done = run("graphiti", *options, FALKORDB_URL=server.url())
        again = run("graphiti", *options, FALKORDB_URL=server.url())
    assert (done.code, again.code) == (0, 0), done.err + again.err
    assert (done.result["exported"], done.result["loaded"]) == (21, 6)
    assert again.result["loaded"] == 6
    assert server.password not in done.out + done.err
    ledgers = list(tmp_path.glob("jobs/*/*.sqlite"))
    assert ledgers
    assert not [one for one in ledgers if server.password.encode() in one.read_bytes()]


def test_a_database_that_is_not_there_is_a_sentence_and_no_traceback(tmp_path: Path) -> None:
    done = graphiti(tmp_path / "nowhere.kuzu", tmp_path)
    assert done.code == 2
    assert "There is no Kuzu database at" in done.err
    assert "Traceback" not in done.err
