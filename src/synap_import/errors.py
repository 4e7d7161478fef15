"""Every error that reaches a person: a sentence for them, a code for machines.

    SynapImportError
    ├── ConfigurationError     exit 2   something must be changed before a run can begin
    │   ├── UserMapError                the user map cannot be used as it is
    │   ├── MappingError                the mapping file cannot be used as it is
    │   ├── PreflightError              what was read may not be sent without a word of its owner
    │   └── JobLockedError              another process works on the same job
    ├── SourceError            exit 2   the source cannot be read as asked
    └── StoppedError           exit 3   the run ended early; the same command resumes it
        ├── LedgerError                 the job's database cannot go on
        ├── SourceUnavailableError      the source does not answer
        ├── DestinationStoppedError     Synap refuses to take more for now
        ├── EngineError                 what was to do the work elsewhere does not go on
        ├── PluginError                 a plugin that takes part in the run failed
        └── InterruptedRunError  (130)  somebody interrupted it twice

A message says what happened and where; ``remedy`` says what to do next.
"""

from __future__ import annotations

from enum import IntEnum
from typing import ClassVar


class ExitCode(IntEnum):
    """What a finished command tells its shell."""

    OK = 0
    SOMETHING_REJECTED = 1
    CONFIGURATION = 2
    STOPPED_RESUMABLE = 3
    IN_DOUBT = 4
    FAULT = 70
    INTERRUPTED = 130


class SynapImportError(Exception):
    """Base of all errors that this project raises on purpose."""

    code: ClassVar[str] = "error"
    exit_code: ClassVar[ExitCode] = ExitCode.CONFIGURATION

    def __init__(self, message: str, *, remedy: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.remedy = remedy

    def __str__(self) -> str:
        return f"{self.message} {self.remedy}".strip()


class ConfigurationError(SynapImportError):
    """Options, keys or files must be changed before the run can begin."""

    code = "configuration"


class UserMapError(ConfigurationError):
    """The user map cannot be used as it is."""

    code = "user-map"


class MappingError(ConfigurationError):
    """The mapping file cannot be used as it is."""

    code = "mapping"


class PreflightError(ConfigurationError):
    """The pre-flight found an error that nobody accepted; nothing was sent."""

    code = "preflight"


class JobLockedError(ConfigurationError):
    """Another process works on the same job."""

    code = "job-locked"


class SourceError(SynapImportError):
    """The source cannot be read as asked: wrong key, wrong path, unknown shape."""

    code = "source"


class StoppedError(SynapImportError):
    """The run ended before its work did; the same command resumes it."""

    code = "stopped"
    exit_code = ExitCode.STOPPED_RESUMABLE


class LedgerError(StoppedError):
    """The job's database cannot go on: full disk, read-only folder, damage."""

    code = "ledger"


class SourceUnavailableError(StoppedError):
    """The source does not answer, or not within the limits of patience."""

    code = "source-unavailable"


class DestinationStoppedError(StoppedError):
    """Synap takes no more for now: credits, rate, readiness, or no answer."""

    code = "destination-stopped"


class EngineError(StoppedError):
    """What was to do the work elsewhere cannot be started, or ends again and again."""

    code = "engine"


class PluginError(StoppedError):
    """A plugin that takes part in the run failed: without it, other things would be sent."""

    code = "plugin"


class InterruptedRunError(StoppedError):
    """Somebody did not want to wait for what was in flight."""

    code = "interrupted"
    exit_code = ExitCode.INTERRUPTED


def most_telling(group: ExceptionGroup[Exception]) -> Exception:
    """The error to show of those that ended some tasks: ours before anything unforeseen."""
    ours = group.subgroup(SynapImportError)
    error: Exception = ours or group
    while isinstance(error, ExceptionGroup):
        error = error.exceptions[0]
    return error
