"""Pages of the site that are made: one per source from its README, the commands from the code.

mkdocs calls the functions of this file. Everything has one home: a README is the page of its
source, and a link in it that leads to another file leads to that file's page.
"""

from __future__ import annotations

import posixpath
import re
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from mkdocs.structure.files import File, Files

from synap_import import testing
from synap_import.cli.main import OWN_COMMANDS, cli
from synap_import.plugins import discover

if TYPE_CHECKING:
    from mkdocs.config.defaults import MkDocsConfig

ROOT = Path(__file__).parents[2]
NO_SOURCES = ("file", "language")
"""Plugins that do something else; they stand in the navigation by name."""
NAMED = ("records", "errors")
"""Modules whose fields and members say by their names what they are."""
_WITH_FIELDS = ("    options:", "      show_if_no_docstring: true")
_ROLE = re.compile(r":\w+:\s*<code>(?:([^<&]+) &lt;[^<]*|~?(?:\w+\.)*(\w+))</code>")
_LINK = re.compile(r"\[((?:[^\[\]]|\[[^\]]*\])*)\]\(([^)\s#]+)(#[^)\s]*)?\)")


def homes() -> dict[str, str]:
    """Where files of the repository stand on the site, by their place in it."""
    found = {"README.md": "index.md"}
    found |= {name: name for name in ("SECURITY.md", "CHANGELOG.md", "CONTRIBUTING.md")}
    for page in (ROOT / "docs").rglob("*.md"):
        place = page.relative_to(ROOT / "docs").as_posix()
        found[f"docs/{place}"] = place
    # The command shows these offline, so they lie in the package.
    for page in sorted((ROOT / "src/synap_import/preflight/pages").glob("*.md")):
        found[page.relative_to(ROOT).as_posix()] = f"findings/{page.name}"
    for readme in sorted((ROOT / "plugins").glob("*/README.md")):
        name = readme.parent.name
        folder = "plugins" if name in NO_SOURCES else "sources"
        found[readme.relative_to(ROOT).as_posix()] = f"{folder}/{name}.md"
    return found


def on_config(config: MkDocsConfig) -> MkDocsConfig:
    """A page in the navigation for each plugin: those that read a source apart from the others."""
    # One plugin may read several sources.
    read: defaultdict[str, list[str]] = defaultdict(list)
    for name, source in sorted(discover().sources.items()):
        read[source.distribution.removeprefix("synap-import-")].append(name)
    pages = {Path(home).stem: home for home in homes().values() if home.startswith("sources/")}
    for section in config.nav or []:
        if section == {"Sources": "SOURCES"}:
            section["Sources"] = [
                {", ".join(read[one]): pages[one]} for one in pages if one in read
            ]
        if "Plugins" in section:
            section["Plugins"] += [{one: pages[one]} for one in pages if one not in read]
    return config


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """The pages that do not lie in docs/."""
    for place, home in homes().items():
        if not place.startswith("docs/"):
            text = (ROOT / place).read_text("utf-8")
            files.append(File.generated(config, home, content=relinked(text, place, home)))
    pages = {"reference/commands.md": commands_page(), "reference/api.md": api_page()}
    for home, text in pages.items():
        files.append(File.generated(config, home, content=text))
    return files


def on_page_markdown(markdown: str, *, page: Any, **_: Any) -> str:
    """Links of pages in docs/ that lead out of it."""
    home = page.file.src_uri
    places = {home: place for place, home in homes().items() if place.startswith("docs/")}
    return relinked(markdown, places[home], home) if home in places else markdown


def on_page_content(html: str, **_: Any) -> str:
    """Names that docstrings mark as Sphinx knows it, without the mark and the way to them."""
    return _ROLE.sub(lambda match: f"<code>{match[1] or match[2]}</code>", html)


def relinked(text: str, place: str, home: str) -> str:
    """The text, its links leading to pages of the site; what has no page is no link."""
    known = homes()

    def link(match: re.Match[str]) -> str:
        words, target, anchor = match[1], match[2], match[3] or ""
        if re.match(r"[a-z]+:", target):
            return match[0]
        meant = posixpath.normpath(posixpath.join(posixpath.dirname(place), target))
        page = known.get(meant) or known.get(f"{meant}/README.md") or _picture(meant)
        if page is None:
            return f"`{words}`" if words == target else words
        return f"[{words}]({posixpath.relpath(page, posixpath.dirname(home) or '.')}{anchor})"

    return _LINK.sub(link, text)


def _picture(place: str) -> str | None:
    return place.removeprefix("docs/") if place.endswith(".svg") else None


Rows = dict[str, str]
"""The options of a command: of each name the two cells of its table, as --help has them."""


def commands_page() -> str:
    """Every command with its options; what all sources have in common stands there once."""
    group = cli()
    lines = ["# Commands", "", "## synap-import SOURCE", ""]
    with click.Context(group, info_name="synap-import") as context:
        shared, own = _of_sources(group, context)
        lines += ["Import a source. These are the options of every import:", "", *_table(shared)]
        for name, rows in own.items():
            lines += [f"## synap-import {name}", "", _about(group, context, name)]
            lines += ["Beside [those of every import](#synap-import-source):", "", *_table(rows)]
        for name in OWN_COMMANDS:
            lines += [f"## synap-import {name}", "", _about(group, context, name)]
            lines += _of_command(group, context, name)
    return "\n".join(lines)


def _of_command(group: click.Group, context: click.Context, name: str) -> Iterator[str]:
    command = _command(group, context, name)
    if not isinstance(command, click.Group):
        yield from _table(_rows(command, context, name))
        return
    with click.Context(command, parent=context, info_name=name) as inner:
        shared, _ = _of_sources(command, inner)
    yield from ("Beside the options of the source:", "", *_table(shared))


def _of_sources(group: click.Group, context: click.Context) -> tuple[Rows, dict[str, Rows]]:
    """What the commands of all sources have, and what each has beside it."""
    found = {
        name: _rows(_command(group, context, name), context, name)
        for name in group.list_commands(context)
        if name not in OWN_COMMANDS
    }
    common = set.intersection(*(set(rows.items()) for rows in found.values()))
    first = next(iter(found.values()))
    shared = {name: row for name, row in first.items() if (name, row) in common}
    own = {
        source: {name: row for name, row in rows.items() if name not in shared}
        for source, rows in found.items()
    }
    return shared, own


def _command(group: click.Group, context: click.Context, name: str) -> click.Command:
    command = group.get_command(context, name)
    if command is None:
        raise LookupError(name)
    return command


def _about(group: click.Group, context: click.Context, name: str) -> str:
    """What it is for, and how it is written."""
    command = _command(group, context, name)
    source = ["SOURCE"] if isinstance(command, click.Group) else []
    with click.Context(command, parent=context, info_name=name) as inner:
        pieces = source or command.collect_usage_pieces(inner)
    usage = " ".join(["synap-import", name, *pieces])
    return f"{_cell(command.help or '')}\n\n    {usage}\n"


def _rows(command: click.Command, context: click.Context, name: str) -> Rows:
    with click.Context(command, parent=context, info_name=name) as inner:
        records = [one.get_help_record(inner) for one in command.get_params(inner)]
    return {one[0]: f"| `{_cell(one[0])}` | {_cell(one[1])} |" for one in records if one and one[1]}


def _table(rows: Rows) -> list[str]:
    return ["| option | does |", "|---|---|", *rows.values(), ""]


def _cell(text: str) -> str:
    return text.replace("|", " or ").replace("\n", " ")


def api_page() -> str:
    """The public names, by the module that they come from."""
    parts = {
        "For code that imports": ["api", "events"],
        "For plugins": ["sources", "records", "hookspecs", "errors", "polite_http"],
    }
    lines = ["# Python", ""]
    for title, modules in parts.items():
        lines += [f"## {title}", ""]
        for module in modules:
            lines += [f"::: synap_import.{module}", *(_WITH_FIELDS if module in NAMED else ()), ""]
    lines += ["## For tests of plugins", "", "From `synap_import.testing`:", ""]
    for name in sorted(testing.__all__, key=str.lower):
        # Where it is defined: its docstring is there.
        lines += [f"::: {getattr(testing, name).__module__}.{name}", ""]
    return "\n".join(lines)
