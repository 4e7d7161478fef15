"""What a source says before it is read is part of the pre-flight."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator
from pathlib import Path

import anyio
import pytest

from support.sources import NoConfig, record
from synap_import import Finding, Page, Partition, Severity, Source, SourceCheck
from synap_import.errors import ConfigurationError, ExitCode, SourceError
from synap_import.identity import identity_user_map
from synap_import.importing import ImportRequest, opened_import, run_opened
from synap_import.jobs import Workdir
from synap_import.ledger import Origin
from synap_import.planning import PlanRules
from synap_import.preflight import privacy
from synap_import.watching import RunEnd


class Half(Source[NoConfig]):
    """A source that warns that it can be read in part only."""

    name = "half"
    Config = NoConfig

    async def check(self) -> SourceCheck:
        incomplete = Finding(Severity.ERROR, "list-incomplete", "A half is hidden.", "Ask for it.")
        return SourceCheck(account="a", title="half a source", findings=(incomplete,))

    async def partitions(self) -> AsyncIterator[Partition]:
        yield Partition("one", "one")

    async def pages(self, partition: Partition, cursor: str | None) -> AsyncGenerator[Page, None]:
        yield Page([record(1)], None)


def imported(
    tmp_path: Path, *accept: str, dry_run: bool = False, redact: bool = False
) -> tuple[RunEnd, list[str]]:
    """How an import into the sandbox ended, and the codes that the job keeps of the check."""
    request = ImportRequest(
        Half,
        NoConfig(),
        PlanRules(identity_user_map(), redact=redact),
        to="sandbox",
        dry_run=dry_run,
        accept=accept,
        workdir=Workdir(tmp_path / "work"),
    )

    async def run() -> tuple[RunEnd, list[str]]:
        async with opened_import(request) as opened:
            end = await run_opened(opened, [])
            return end, [one.code for one in opened.ledger.findings.kept(Origin.CHECK)]

    return anyio.run(run)


def test_an_error_of_a_source_stops_the_load(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=r"A half is hidden\. Nothing was sent"):
        imported(tmp_path)


def test_it_can_be_accepted(tmp_path: Path) -> None:
    end, kept = imported(tmp_path, "list-incomplete")
    assert (end.exit_code, end.books.loaded) == (ExitCode.OK, 1)
    assert kept == ["list-incomplete"]


def test_a_dry_run_shows_it_and_ends_as_the_load_would(tmp_path: Path) -> None:
    end, kept = imported(tmp_path, dry_run=True)
    assert end.exit_code is ExitCode.CONFIGURATION
    assert end.refused is not None
    assert "list-incomplete" in end.refused.remedy
    assert kept == ["list-incomplete"]
    assert end.books.exported == 1


def test_a_code_that_nothing_has_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="Do you mean list-incomplete"):
        imported(tmp_path, "lists-incomplete")


def test_masking_without_its_libraries_ends_before_anything_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(privacy, "find_spec", lambda _: None)
    with pytest.raises(ConfigurationError, match="--redact"):
        imported(tmp_path, "list-incomplete", redact=True)
    assert not (tmp_path / "work").exists()
