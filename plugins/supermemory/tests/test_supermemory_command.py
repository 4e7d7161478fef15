"""The first-time path, as somebody who leaves SuperMemory goes it, into the sandbox."""

from __future__ import annotations

import csv
import signal
import textwrap
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from supermemory_support.items import document, memory, version
from supermemory_support.stand_in import KEY, SCOPED, Asked, Said, StandIn
from support.commands import Finished, run, start

MEMORIES, DOCUMENTS = 150, 12


def acme(**more: Any) -> StandIn:
    ana = [memory(n, f"Ana knows {n}") for n in range(MEMORIES - 3)]
    ana.append(memory(500, "Ana lives in Lisbon", version=2, history=[version(499, "In Madrid")]))
    ana.append(memory(501, "Ana said so", isForgotten=True))
    ana.append(memory(502, "Dentist", forgetAfter="2020-01-01T00:00:00.000Z"))
    return StandIn(
        memories={"user_ana": ana, "org:1:user.bob": [memory(600, "Bob likes tea")]},
        documents={
            "user_ana": [document(n) for n in range(DOCUMENTS)],
            "files": [document(100, None, type="image")],
        },
        untagged=[document(200)],
        **more,
    )


HELD = {
    "document-of-memories": DOCUMENTS + 1,
    "file-only": 1,
    "state-deleted": 1,
    "state-expired": 1,
    "state-superseded": 1,
}
EXPORTED = MEMORIES + 1 + 1 + DOCUMENTS + 2
USERS = """source_id,user_id,customer_id,scope,action
user_{user},{user},,group,
org:{customer}:user.{user},{customer}-{user},,group,
*,,,group,skip
"""


@pytest.fixture
def serve() -> Iterator[Any]:
    with ExitStack() as stack:
        yield lambda server: stack.enter_context(server.serving())


def supermemory(url: str, tmp_path: Path, *options: str | Path, **more: str) -> Finished:
    environment = {"SUPERMEMORY_API_KEY": KEY, "SUPERMEMORY_BASE_URL": url, **more}
    target = ("--to", "sandbox", "--workdir", tmp_path / "work", "--json")
    return run("supermemory", "--user-map", users(tmp_path), *options, *target, **environment)


def ours(done: Finished) -> set[str]:
    codes = {one["code"] for one in done.result["findings"]}
    return {code for code in codes if code.startswith("supermemory-")}


def listed(url: str, tmp_path: Path, key: str = KEY) -> Finished:
    environment = {"SUPERMEMORY_API_KEY": key, "SUPERMEMORY_BASE_URL": url}
    return run("users", "supermemory", "-o", tmp_path / "tags.csv", **environment)


def users(tmp_path: Path) -> Path:
    path = tmp_path / "users.csv"
    path.write_text(USERS)
    return path


def test_one_command_moves_the_memories_and_the_account_adds_up(serve, tmp_path: Path) -> None:
    done = supermemory(serve(acme()), tmp_path)
    assert done.code == 0, done.err
    assert done.result["exported"] == EXPORTED
    assert done.result["held"] == HELD
    assert done.result["loaded"] == MEMORIES - 1
    assert ours(done) == set()


def test_both_load_with_a_warning_and_documents_load_later_in_the_same_job(
    serve, tmp_path: Path
) -> None:
    url = serve(acme())
    assert supermemory(url, tmp_path).code == 0
    done = supermemory(url, tmp_path, "--load", "both")
    assert done.code == 0, done.err
    assert "extracted twice" in done.err
    assert done.result["loaded"] == MEMORIES - 1 + DOCUMENTS
    assert "conflicting-id" not in done.result["held"]


def test_the_user_map_is_written_from_the_tags_without_reading_them(serve, tmp_path: Path) -> None:
    server = acme()
    done = listed(serve(server), tmp_path)
    assert done.code == 0, done.err
    assert [one.path for one in server.asked] == ["/v3/session", "/v3/container-tags/list"]
    rows = {row["source_id"]: row for row in csv.DictReader((tmp_path / "tags.csv").open())}
    assert set(rows) == {"user_ana", "org:1:user.bob", "files"}
    assert {row["scope"] for row in rows.values()} == {"group"}


def test_a_scoped_key_is_told_to_name_its_tag_and_then_works(serve, tmp_path: Path) -> None:
    url = serve(acme(session=SCOPED, lists_tags=False))
    refused = supermemory(url, tmp_path)
    assert refused.code == 2
    assert "The key is restricted" in refused.err
    assert "--tag" in refused.err
    done = supermemory(url, tmp_path, "--tag", "user_ana")
    assert done.code == 0, done.err
    assert "stays unseen" in done.err
    assert done.result["exported"] == MEMORIES + 1 + DOCUMENTS


def test_a_local_server_is_read_without_a_key(serve, tmp_path: Path) -> None:
    url = serve(acme(key=None, session=None))
    output = tmp_path / "records.jsonl"
    done = run("export", "supermemory", "--base-url", url, "-o", output)
    assert done.code == 0, done.err
    assert len(output.read_bytes().splitlines()) == EXPORTED


def test_without_key_and_address_it_says_what_to_give(tmp_path: Path) -> None:
    done = run("supermemory", "--user-map", "identity", "--to", "sandbox", "--workdir", tmp_path)
    assert done.code == 2
    assert "SUPERMEMORY_API_KEY" in done.err
    assert "--base-url" in done.err


def test_an_address_that_is_none_gets_a_sentence(tmp_path: Path) -> None:
    done = listed("localhost:6767", tmp_path)
    assert done.code == 2
    assert "--base-url" in done.err
    assert "http" in done.err
    assert "Traceback" not in done.err


def readme_maps() -> list[str]:
    readme = (Path(__file__).parents[1] / "README.md").read_text("utf-8")
    header = "    source_id,user_id,customer_id,scope,action\n"
    return [header + rows.partition("\n\n")[0] + "\n" for rows in readme.split(header)[1:]]


@pytest.mark.parametrize("number", range(len(readme_maps())))
def test_the_user_map_of_the_readme_says_whose_each_tag_is(
    serve, tmp_path: Path, number: int
) -> None:
    path = tmp_path / "readme.csv"
    path.write_text(textwrap.dedent(readme_maps()[number]))
    tags = ("user_ana", "org:acme:user:bob", "sm_project_default", "team")
    server = StandIn(memories={tag: [memory(n)] for n, tag in enumerate(tags)})
    environment = {"SUPERMEMORY_API_KEY": KEY, "SUPERMEMORY_BASE_URL": serve(server)}
    target = ("--to", "sandbox", "--workdir", tmp_path / "work", "--json")
    done = run("supermemory", "--user-map", path, *target, **environment)
    assert done.code == 0, done.err
    assert done.result["held"] == {"skipped-by-user-map": 1}
    assert done.result["loaded"] == 3


def test_a_wrong_key_gets_a_sentence_and_is_not_shown(serve, tmp_path: Path) -> None:
    done = listed(serve(acme()), tmp_path, "sm_wrong_and-secret")
    assert done.code == 2
    assert "Unauthorized" in done.err
    assert "sm_wrong_and-secret" not in done.out + done.err


def test_an_organization_without_memories_gets_a_sentence(serve, tmp_path: Path) -> None:
    done = listed(serve(StandIn()), tmp_path)
    assert done.code == 0
    assert "in another" in done.err


def test_a_tag_that_is_refused_fails_the_command_after_the_others_loaded(
    serve, tmp_path: Path
) -> None:
    def before(_: StandIn, asked: Asked) -> Said | None:
        refused = asked.method == "POST" and asked.tag == "org:1:user.bob"
        return Said(403, {"error": "Not for you"}) if refused else None

    done = supermemory(serve(acme(before=before)), tmp_path)
    assert done.code == 1
    assert done.result["loaded"] == MEMORIES - 2
    assert ours(done) == {"supermemory-refused"}


def test_killed_while_reading_the_same_command_finishes(serve, tmp_path: Path) -> None:
    server = acme()
    url = serve(server)

    def dies_at_the_second_page(_: StandIn, asked: Asked) -> None:
        if asked.method == "POST" and asked.order["page"] == 2 and asked.order["limit"] == 100:
            process.send_signal(signal.SIGKILL)
            time.sleep(0.2)

    server.before = dies_at_the_second_page
    options = ("--user-map", users(tmp_path), "--to", "sandbox")
    environment = {"SUPERMEMORY_API_KEY": KEY, "SUPERMEMORY_BASE_URL": url}
    process = start("supermemory", *options, "--workdir", tmp_path / "work", **environment)
    assert process.wait(60) == -signal.SIGKILL
    server.before = lambda *_: None
    done = supermemory(url, tmp_path)
    assert done.code == 0, done.err
    assert done.result["exported"] == EXPORTED
    assert done.result["loaded"] == MEMORIES - 1
