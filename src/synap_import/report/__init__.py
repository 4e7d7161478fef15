"""What became of a job, as one value and in forms for people and programs.

:mod:`~synap_import.report.gathering` reads it out of the ledger; ``html``, ``markdown`` and
``json_form`` write it down. Only the first of these needs the extra ``report``.
"""

from __future__ import annotations

from .facts import Facts
from .gathering import gather

__all__ = ["Facts", "gather"]
