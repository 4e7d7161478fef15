"""A cassette says all of it, or it is none."""

from __future__ import annotations

from dataclasses import asdict

import pytest

from synap_import.testing import Provenance


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
