"""``synap-import file-show``: what is in such a file, and whether it is whole."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import click

from .lines import documents_of, key_of

_MOST_USERS = 10
_MOST_LINES = 5


@click.command(help="Count and check the documents of a file that --to file wrote.")
@click.argument("path", type=click.Path(path_type=Path, exists=True, dir_okay=False))
def file_show(path: Path) -> int:
    """Exit code 1 when a line is no document, or a document is there twice."""
    users: Counter[str] = Counter()
    types: Counter[str] = Counter()
    keys: set[bytes] = set()
    broken: list[int] = []
    twice: list[int] = []
    for number, document in documents_of(path):
        if document is None:
            broken.append(number)
            continue
        key = key_of(document["document_id"])
        (twice if key in keys else []).append(number)
        keys.add(key)
        users[str(document.get("user_id") or "(nobody)")] += 1
        types[str(document.get("document_type"))] += 1
    click.echo(f"{users.total():,} documents of {len(users):,} users")
    for name, count in types.most_common():
        click.echo(f"  {count:>9,}  {ascii(name)[1:-1]}")
    for name, count in users.most_common(_MOST_USERS):
        click.echo(f"  {count:>9,}  user {ascii(name)[1:-1]}")
    if len(users) > _MOST_USERS:
        click.echo(f"  and {len(users) - _MOST_USERS:,} more users")
    for what, lines in (("no documents", broken), ("there before", twice)):
        if lines:
            shown = ", ".join(map(str, lines[:_MOST_LINES]))
            more = f" and {len(lines) - _MOST_LINES:,} more" if len(lines) > _MOST_LINES else ""
            click.echo(f"Lines that are {what}: {shown}{more}", err=True)
    return 1 if broken or twice else 0
