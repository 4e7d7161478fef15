"""The contract that every adapter keeps, as tests: one class to subclass.

What fails is read by authors of adapters: the modules hide their own frames from tracebacks, and
pytest leaves their assertions alone (PYTEST_DONT_REWRITE), whose messages say it all.
"""

from __future__ import annotations

from .source_contract import SourceContract as SourceContract
from .walks import Walk as Walk

__all__ = ["SourceContract", "Walk"]
