"""``mem0-export-<project>-<date>.md``, as Mem0's coding plugin writes it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from synap_import import Finding, MemoryRecord, Page, Severity, SourceError, Unreadable
from synap_import.mapping import Unmappable
from synap_import_mem0.memories import record_of_item

from .made import record_without_id
from .paging import number_of
from .texts import DamagedError, open_text, version_of

if TYPE_CHECKING:
    from synap_import_mem0.config import Mem0Config

_PAGE_SIZE = 300
_LONGEST = 64 * 1024 * 1024
_LISTS = ("files", "categories")
_METADATA = ("type", "confidence", "branch", "files")
# A line of dashes in a memory is not the end of it: a block begins with these fields only.
_HEADER = re.compile(
    r"^---[ \t]*\n((?:(?:id|created_at|type|confidence|branch|files|categories)[ \t]*:.*\n)+)"
    r"---[ \t]*(?:\n|\Z)",
    re.MULTILINE,
)
_FIELD = re.compile(r"^(\w+)[ \t]*:[ \t]*(.*?)[ \t]*$", re.MULTILINE)
_NAME = re.compile(r"mem0-export-(.+)-\d{4}-\d{2}-\d{2}")


class MarkdownExport:
    """Blocks of fields between lines of dashes, each with its text behind it."""

    def recognises(self, path: Path) -> bool:
        """By a first block that has an id."""
        if path.suffix.lower() not in {".md", ".markdown", ".txt"}:
            return False
        try:
            first = _HEADER.match(_text(path).lstrip())
        except (SourceError, OSError):
            return False
        return first is not None and "id" in dict(_FIELD.findall(first[1]))

    def open(self, path: Path, config: Mem0Config, now: datetime) -> OpenedMarkdown:
        """Read it: these files are small."""
        return OpenedMarkdown(path, now)


class OpenedMarkdown:
    """An export of one project."""

    def __init__(self, path: Path, now: datetime) -> None:
        self._name, self._now = path.name, now
        self._blocks = list(_blocks(_text(path)))
        named = _NAME.fullmatch(path.stem)
        self._project = named[1] if named else None
        self.expected = len(self._blocks)
        self.title = f"Mem0 plugin export, {self.expected:,} memories"
        self.version = version_of(path)
        whose = f"The project, {self._project}, is taken from its name." if named else ""
        self.findings = (
            Finding(
                Severity.WARNING,
                "markdown-no-user",
                f"{path.name} does not say whose its memories are, and has only a part of their "
                f"metadata. {whose}".strip(),
                "Read Mem0 itself instead, with MEM0_API_KEY.",
            ),
        )

    def pages(self, cursor: str | None) -> Iterator[Page]:
        """The blocks as records."""
        begin = number_of(cursor)
        while True:
            end = begin + _PAGE_SIZE
            records, unreadable = [], []
            for number, block in enumerate(self._blocks[begin:end], start=begin):
                try:
                    records.append(self._record(block))
                except Unmappable as error:
                    where = f"{self._name}[{number}]"
                    unreadable.append(Unreadable(where, str(error), str(block)[:200]))
            last = end >= len(self._blocks)
            yield Page(records, None if last else str(end), unreadable)
            if last:
                return
            begin = end

    def _record(self, block: dict[str, Any]) -> MemoryRecord:
        item = block if self._project is None else {**block, "app_id": self._project}
        make = partial(record_of_item, now=self._now)
        record = make(item) if item["id"] else record_without_id(item, make)
        if self._project is None:
            return record
        assumed = (*record.assumptions, "app-of-file-name")
        return record.model_copy(update={"raw": block, "assumptions": assumed})


def _blocks(text: str) -> Iterator[dict[str, Any]]:
    headers = list(_HEADER.finditer(text))
    ends = [header.start() for header in headers[1:]] + [len(text)]
    for header, end in zip(headers, ends, strict=True):
        fields: dict[str, Any] = dict(_FIELD.findall(header[1]))
        for name in _LISTS:
            fields[name] = [one.strip() for one in fields.get(name, "").split(",") if one.strip()]
        yield {
            "id": fields.get("id", ""),
            "content": text[header.end() : end].strip(),
            "created_at": fields.get("created_at") or None,
            "categories": fields["categories"],
            "metadata": {name: fields[name] for name in _METADATA if fields.get(name)},
        }


def _text(path: Path) -> str:
    parts: list[str] = []
    try:
        with open_text(path) as chunks:
            for chunk in chunks:
                parts.append(chunk)
                if sum(map(len, parts)) > _LONGEST:
                    raise SourceError(f"{path} is too large for an export of Mem0's plugin.")
    except DamagedError as error:
        raise SourceError(f"{path} cannot be read: {error}.") from error
    text = "".join(parts).replace("\r\n", "\n")
    if re.search("[\udc80-\udcff]", text):
        raise SourceError(f"{path} is not UTF-8 text.", remedy="Save it as UTF-8.")
    return text
