"""A contract records its cassette from the real service, where pytest is told to."""

from __future__ import annotations

from pathlib import Path

import pytest

from support.acme import EMAIL, KEY
from synap_import.testing import read_provenance

KEY_OF_THE_TESTS = "a-key-for-the-tests"


@pytest.fixture
def contract(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch):
    """Runs the contract of Acme; the environment is the author's."""
    monkeypatch.delenv("ACME_API_KEY", raising=False)
    pytester.makepyfile(
        test_contract=f"""
        from pathlib import Path
        from support.acme import Acme, Config
        from synap_import.testing import SourceContract

        class TestAcme(SourceContract):
            adapter = Acme
            config = Config(api_key={KEY_OF_THE_TESTS!r})
            cassette = Path(__file__).parent / "cassettes" / "reading.yaml"
        """
    )

    def run(*options: str, **environment: str) -> pytest.RunResult:
        for name, value in environment.items():
            monkeypatch.setenv(name, value)
        return pytester.runpytest_inprocess("-p", "no:cacheprovider", *options)

    return run


@pytest.fixture
def taped(pytester: pytest.Pytester) -> Path:
    return pytester.path / "cassettes" / "reading.yaml"


def test_without_a_word_it_fails_with_how_to_record_one(contract, taped: Path) -> None:
    ran = contract("-k", "test_something_is_read")
    ran.assert_outcomes(failed=1)
    assert "reading.yaml is not there. Record one of a test account" in ran.stdout.str()
    assert "set ACME_API_KEY in the environment" in ran.stdout.str()
    assert "pytest --record-cassettes=missing" in ran.stdout.str()
    assert not taped.parent.exists()


def test_a_missing_one_is_recorded_scrubbed_and_passes_without_the_service(
    contract, taped: Path, service: str
) -> None:
    ran = contract("--record-cassettes=missing", ACME_URL=service, ACME_API_KEY=KEY)
    assert ran.parseoutcomes().keys() == {"passed"}
    text = taped.read_text("utf-8")
    assert [secret for secret in (KEY, EMAIL, KEY_OF_THE_TESTS) if secret in text] == []
    assert read_provenance(taped).kind == "recorded"
    assert [path.name for path in taped.parent.iterdir()] == ["reading.yaml"]


def test_the_key_of_the_tests_is_never_sent(contract, taped: Path, service: str) -> None:
    ran = contract("--record-cassettes=missing", "-k", "test_something_is_read", ACME_URL=service)
    ran.assert_outcomes(failed=1)
    assert "To record the real service set ACME_API_KEY." in ran.stdout.str()
    assert not taped.parent.exists()


def test_one_that_is_there_is_recorded_anew_when_all_are_and_only_then(
    contract, taped: Path, service: str
) -> None:
    taped.parent.mkdir()
    taped.write_text("an old one")
    contract("--record-cassettes=missing", ACME_URL=service, ACME_API_KEY=KEY)
    assert taped.read_text("utf-8") == "an old one"
    contract("--record-cassettes=all")
    assert "memory-3" in taped.read_text("utf-8")


def test_what_was_there_stays_where_the_recording_fails(
    contract, taped: Path, service: str
) -> None:
    taped.parent.mkdir()
    taped.write_text("an old one")
    ran = contract("--record-cassettes=all", ACME_URL=service, ACME_API_KEY="m0-" + "wr0ng" * 4)
    assert "refuses the key" in ran.stdout.str()
    assert "wr0ng" not in ran.stdout.str()
    assert [path.read_text() for path in taped.parent.iterdir()] == ["an old one"]


def test_several_processes_do_not_record_the_same_one(contract, taped: Path, service: str) -> None:
    options = ("--record-cassettes=missing", "-n", "1", "-k", "test_something_is_read")
    ran = contract(*options, ACME_URL=service, ACME_API_KEY=KEY)
    assert "record in one process, without -n" in ran.stdout.str()
    assert not taped.exists()
