"""The contract that every adapter keeps, as tests: one class to subclass."""

from __future__ import annotations

from .source_contract import SourceContract as SourceContract
from .walks import Walk as Walk

__all__ = ["SourceContract", "Walk"]
