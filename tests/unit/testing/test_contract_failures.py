"""What an author of an adapter sees of a failing contract: his own lines, and what to do."""

from __future__ import annotations

import re
from typing import Any

import pytest

from synap_import import MemoryRecord, Page
from unit.testing.test_source_contract import Little


class UntoldError(Exception):
    """What no adapter should let through."""


class Breaks(Little):
    """In a function of its own."""

    async def check(self) -> Any:
        return self.deep_in_the_adapter()

    def deep_in_the_adapter(self) -> Any:
        raise UntoldError("somewhere")


class TakesAWrongShape(Little):
    """The host explains it, in words that do not tell where it was."""

    def record(self, one: dict[str, Any]) -> MemoryRecord:
        return MemoryRecord.model_validate(one)


class HasOnePage(Little):
    """So it cannot be seen whether a run could go on."""

    async def pages(self, partition: Any, cursor: Any) -> Any:
        yield Page([self.record(one) for one in self.items], None)


class LosesUsers(Little):
    """One check fails."""

    def fields(self, one: dict[str, Any]) -> dict[str, Any]:
        return super().fields(one) | {"scope": {}}


@pytest.fixture
def contract(pytester: pytest.Pytester):
    """Runs the contract for one of these adapters."""

    def run(adapter: str, *options: str) -> pytest.RunResult:
        pytester.makepyfile(
            f"""
            from unit.testing.test_contract_failures import {adapter}
            from unit.testing.test_source_contract import Config
            from synap_import.testing import SourceContract

            class TestIt(SourceContract):
                adapter = {adapter}
                config = Config()
                asks_over_http = False
            """
        )
        return pytester.runpytest_inprocess("-p", "no:cacheprovider", *options)

    return run


def failures(ran: pytest.RunResult) -> str:
    """What is between the list of dots and the summary."""
    return ran.stdout.str().partition("= FAILURES =")[2].partition("= short test summary")[0]


def test_a_failed_check_shows_its_sentence_and_no_line_of_the_kit_but_the_tests_own(
    contract,
) -> None:
    ran = contract("LosesUsers", "-k", "test_owners_are_kept")
    said = failures(ran)
    assert "E       AssertionError: 'k0' belongs to nobody, but its item says user" in said
    assert re.findall(r"^\S*?(\w+\.py):\d+", said, re.MULTILINE) == ["source_contract.py"]
    # The sentence says it all: nothing of how it was found out.
    assert len([line for line in said.splitlines() if line.startswith("E ")]) == 1
    assert len(said.splitlines()) < 15


def test_an_error_shows_the_adapters_own_lines_and_none_of_what_runs_it(contract) -> None:
    said = failures(contract("Breaks", "-k", "test_something_is_read"))
    assert "return self.deep_in_the_adapter()" in said
    assert "E       unit.testing.test_contract_failures.UntoldError: somewhere" in said
    assert [name for name in ("anyio", "asyncio", "walks.py", "context.py") if name in said] == []


def test_what_the_host_puts_into_a_sentence_is_shown_with_where_it_was(contract) -> None:
    said = failures(contract("TakesAWrongShape", "-k", "test_something_is_read"))
    assert "SourceError: The source answered in a shape that is not known" in said
    assert "> return MemoryRecord.model_validate(one)" in re.sub(r" +", " ", said)
    assert "walks.py" not in said


def test_what_cannot_be_read_fails_once_and_the_other_tests_say_where(contract) -> None:
    ran = contract("Breaks", "-rsf")
    counts = ran.parseoutcomes()
    assert (counts["failed"], counts["passed"]) == (1, 3)
    assert counts["skipped"] > 20
    ran.stdout.fnmatch_lines(["FAILED *::test_something_is_read*"])
    assert "nothing can be read, see test_something_is_read" in ran.stdout.str()


def test_a_test_that_is_run_alone_fails_itself(contract) -> None:
    contract("Breaks", "-k", "test_texts_are_kept").assert_outcomes(errors=1)


def test_what_a_reading_is_too_small_to_show_is_no_pass(contract) -> None:
    ran = contract("HasOnePage", "-rs", "-k", "goes_on_from_every_cursor")
    ran.assert_outcomes(skipped=1)
    assert "no partition has a second page" in ran.stdout.str()
