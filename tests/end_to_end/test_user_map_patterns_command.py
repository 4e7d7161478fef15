"""Ids that people put several ids into, from the command line to Synap."""

from __future__ import annotations

from pathlib import Path

from support.commands import run, sandbox, write_lines

USERS = """\
source_id,user_id,customer_id,scope,action
user_bob,robert,acme,group,
org:{customer}:user:{user}:{rest},{user},{customer},group,
org:{customer}:user:{user},{user},{customer},group,
user_{user},{user},acme,group,
*,,,group,skip
"""
TAGS = [
    "user_ada",
    "user_bob",
    "org:globex:user:eve",
    "org:globex:user:eve:p:7",
    "default",
    "user_ ",
]


def test_container_tags_become_users_and_customers(tmp_path: Path) -> None:
    lines = [{"id": f"m-{n}", "text": "tea", "group_id": tag} for n, tag in enumerate(TAGS)]
    file = write_lines(tmp_path / "memories.jsonl", lines)
    users = tmp_path / "users.csv"
    users.write_text(USERS)
    with sandbox(tmp_path, "--isolation", "b2b") as here:
        done = run(
            *("json", file, "--user-map", users, "--synap-url", here.url),
            *("--workdir", tmp_path / "work", "--json"),
            SYNAP_API_KEY="synap_test",
        )
        sent = {
            document["metadata"]["original_group_id"]: (
                document["user_id"],
                document["customer_id"],
            )
            for document in here.documents()
        }
    assert done.code == 0, done.err
    assert "patterns for many ids. (3 times)" in done.err
    assert done.result["held"] == {"skipped-by-user-map": 1, "undecided-user": 1}
    assert sent == {
        "user_ada": ("ada", "acme"),
        "user_bob": ("robert", "acme"),
        "org:globex:user:eve": ("eve", "globex"),
        "org:globex:user:eve:p:7": ("eve", "globex"),
    }
