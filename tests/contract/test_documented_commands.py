"""Every command that a page shows is one that the tool takes: its name, its source, its options."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import click
import pytest

from synap_import.cli.main import cli

ROOT = Path(__file__).parents[2]
PAGES = [
    ROOT / "README.md",
    *sorted((ROOT / "docs").rglob("*.md")),
    *sorted((ROOT / "plugins").glob("*/README.md")),
    *sorted((ROOT / "examples").rglob("*.md")),
]
_FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_INDENTED = re.compile(r"(?:^ {4}.*\n)+", re.MULTILINE)
# The plugin of the tutorial is not installed here; what pages show of it any source has.
_STANDS_FOR = {"acme": "mem0"}
_SHELL = ("", "sh", "bash", "shell", "console")


class Shown(NamedTuple):
    """A command on a page."""

    page: str
    words: tuple[str, ...]


def blocks(text: str) -> Iterator[str]:
    """What is shown as typed into a shell."""
    for language, content in _FENCE.findall(text):
        if language in _SHELL:
            yield content
    for content in _INDENTED.findall(_FENCE.sub("", text)):
        yield "\n".join(line[4:] for line in content.splitlines())


def commands() -> Iterator[Shown]:
    for page in PAGES:
        for block in blocks(page.read_text()):
            for line in block.replace("\\\n", " ").splitlines():
                if (words := _words(line)) and words[0] == "synap-import":
                    yield Shown(str(page.relative_to(ROOT)), tuple(words[1:]))


def _words(line: str) -> list[str]:
    line = line.strip().removeprefix("$ ")
    while match := re.match(r"[A-Z0-9_]+=\S+\s+", line):
        line = line[match.end() :]
    try:
        words = shlex.split(re.split(r" \|\|? ", line)[0], comments=True)
    except ValueError:
        return []
    # A page may leave something out: [JOB] can be there or not, … stands for the rest.
    return [word.strip("[]") for word in words if not set(word) & set("…|<>")]


def parse(words: tuple[str, ...]) -> None:
    """Raises click.UsageError for what is not known."""
    command: click.Command = cli()
    context: click.Context | None = None
    left = [_STANDS_FOR.get(word, word) for word in words]
    while True:
        context = command.context_class(command, parent=context, info_name=command.name)
        # Not all of click's parsing: what is shown need not be there, such as files.
        _, left, _ = command.make_parser(context).parse_args(left)
        if not isinstance(command, click.Group) or not left:
            return
        with context:
            _, found, left = command.resolve_command(context, left)
        assert found is not None
        command = found


SHOWN = list(dict.fromkeys(commands()))


def test_commands_are_found() -> None:
    assert len(SHOWN) > 40


@pytest.mark.parametrize("shown", SHOWN, ids=lambda one: f"{one.page}: {' '.join(one.words)}")
def test_a_command_on_a_page_is_one_that_the_tool_takes(shown: Shown) -> None:
    try:
        parse(shown.words)
    except click.UsageError as error:
        pytest.fail(f"{shown.page}: synap-import {' '.join(shown.words)}: {error.message}")


@pytest.mark.parametrize(
    "words", [("mem0", "--no-such-option"), ("no-such-source",), ("users", "json", "--outptu", "a")]
)
def test_one_that_it_does_not_take_would_be_noticed(words: tuple[str, ...]) -> None:
    with pytest.raises(click.UsageError):
        parse(words)
