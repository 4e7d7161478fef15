"""Of what takes long by nature, a few are in each run of the tests and all in the thorough one.

``make test`` leaves out what is marked ``thorough``, ``make test-thorough`` runs just that.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any

import pytest


def a_few_of(values: Iterable[Any], ordinary: Collection[Any]) -> list[Any]:
    """Parameters of a test, of which only these are in the ordinary run."""
    return [
        one if one in ordinary else pytest.param(one, marks=pytest.mark.thorough) for one in values
    ]
