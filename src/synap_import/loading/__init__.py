"""Takes planned documents from the ledger to Synap, and the answers back."""

from .loader import Loader, LoadLimits
from .verdicts import Verdict, judge

__all__ = ["LoadLimits", "Loader", "Verdict", "judge"]
