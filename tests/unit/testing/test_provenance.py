"""A cassette says all of it, or it is none."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import pytest

from synap_import.testing import Provenance, read_provenance


def test_a_head_is_read_back_as_it_was(head) -> None:
    assert Provenance.of(asdict(head)) == head


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"kind": "invented"}, "kind is 'invented'"),
        ({"how": " "}, "how is not said"),
        ({"version": 2}, "version is not said"),
        ({"date": "yesterday"}, "Invalid isoformat"),
        ({"more": "words"}, "wants exactly"),
    ],
)
def test_a_head_that_says_less_is_refused(head, change, complaint) -> None:
    with pytest.raises(ValueError, match=complaint):
        Provenance.of({**asdict(head), **change})


def test_a_cassette_that_is_not_there_is_told_with_how_to_get_it(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="pytest --record-cassettes=missing"):
        read_provenance(tmp_path / "reading.yaml")
