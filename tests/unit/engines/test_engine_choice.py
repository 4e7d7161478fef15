"""What workers could not do is said before anything is opened."""

from __future__ import annotations

import pytest

from synap_import.engines import EngineChoice, EngineName, choosing
from synap_import.errors import ConfigurationError

ON_RAY = EngineChoice(EngineName.RAY)


def test_the_ordinary_process_can_do_everything() -> None:
    EngineChoice().refuse_impossible(has_shared_ledger=False, to="file:out.jsonl")


def test_without_the_extra_the_line_that_installs_it_is_said(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(choosing, "find_spec", lambda _: None)
    with pytest.raises(ConfigurationError) as refused:
        ON_RAY.refuse_impossible(has_shared_ledger=True, to="synap")
    assert "pip install 'synap-import[ray]'" in refused.value.remedy


def test_workers_cannot_share_a_file_of_this_machine() -> None:
    with pytest.raises(ConfigurationError) as refused:
        ON_RAY.refuse_impossible(has_shared_ledger=False, to="synap")
    assert "--ledger postgresql://" in refused.value.remedy


def test_what_one_process_writes_is_not_for_workers() -> None:
    with pytest.raises(ConfigurationError, match="written by one process"):
        ON_RAY.refuse_impossible(has_shared_ledger=True, to="file:out.jsonl")


def test_a_sandbox_of_this_machine_is_not_for_a_cluster() -> None:
    there = EngineChoice(EngineName.RAY, "ray-head:6379")
    with pytest.raises(ConfigurationError, match="cannot reach it"):
        there.refuse_impossible(has_shared_ledger=True, to="sandbox")
    ON_RAY.refuse_impossible(has_shared_ledger=True, to="sandbox")
