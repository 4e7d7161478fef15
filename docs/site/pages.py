"""Pages of the site that are made: one per source from its README, the commands from the code.

mkdocs calls the functions of this file. Everything has one home: a README is the page of its
source, and a link in it that leads to another file leads to that file's page.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from mkdocs.structure.files import File, Files

from synap_import.cli.main import OWN_COMMANDS, cli
from synap_import.plugins import discover

if TYPE_CHECKING:
    from mkdocs.config.defaults import MkDocsConfig

ROOT = Path(__file__).parents[2]
NO_SOURCES = ("file", "language")
"""Plugins that do something else; they stand in the navigation by name."""
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
    pages = [{Path(home).stem: home} for home in homes().values() if home.startswith("sources/")]
    reading = {source.distribution for source in discover().sources.values()}
    for section in config.nav or []:
        if section == {"Sources": "SOURCES"}:
            section["Sources"] = [one for one in pages if _distribution(one) in reading]
        if "Plugins" in section:
            section["Plugins"] += [one for one in pages if _distribution(one) not in reading]
    return config


def _distribution(page: dict[str, str]) -> str:
    return f"synap-import-{next(iter(page))}"


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


def commands_page() -> str:
    """Every command with its options, as --help has them."""
    lines = ["# Commands", ""]
    group = cli()
    context = click.Context(group, info_name="synap-import")
    with context:
        for name in [*group.list_commands(context), *OWN_COMMANDS]:
            lines += _command_lines(group, context, name)
    return "\n".join(lines)


def _command_lines(group: click.Group, context: click.Context, name: str) -> Iterator[str]:
    command = group.get_command(context, name)
    if command is None:
        return
    inner = click.Context(command, parent=context, info_name=name)
    with inner:
        yield from (f"## synap-import {name}", "", (command.help or "").replace("\n", " "), "")
        if isinstance(command, click.Group):
            yield from (f"One per source: `synap-import {name} SOURCE`.", "")
            return
        usage = " ".join(command.collect_usage_pieces(inner))
        yield from (f"    synap-import {name} {usage}", "", "| option | does |", "|---|---|")
        for parameter in command.get_params(inner):
            record = parameter.get_help_record(inner)
            if record is not None:
                yield f"| `{_cell(record[0])}` | {_cell(record[1])} |"
        yield ""


def _cell(text: str) -> str:
    return text.replace("|", " or ").replace("\n", " ")


def api_page() -> str:
    """The public names, by the module that they come from."""
    parts = {
        "For code that imports": ["api", "events"],
        "For plugins": ["sources", "records", "hookspecs", "errors", "polite_http"],
        "For tests of plugins": ["testing"],
    }
    lines = ["# Python", ""]
    for title, modules in parts.items():
        lines += [f"## {title}", ""]
        for module in modules:
            lines += [f"::: synap_import.{module}", ""]
    return "\n".join(lines)
