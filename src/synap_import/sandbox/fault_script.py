"""What goes wrong and when: a script, the same at every run with the same seed. Pure."""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from synap_import.errors import ConfigurationError

from .fault_acts import BATCH, DELETIONS, GROUPS, JOBS, SEARCHES, STATUS, TRANSCRIPTS

if TYPE_CHECKING:
    from pathlib import Path

OK = "ok"
"""In a list of faults: this request is answered as it should be."""

PASSING = (*GROUPS["unknown"], *GROUPS["odd"], *GROUPS["throttle"])
"""The faults that a run gets over by itself, with nothing rejected."""

_LISTS = ("kinds", "batches", "transcripts", "deletions", "searches")
_REMEDY = "docs/sandbox.md lists the settings and the faults."


class FaultScript(BaseModel):
    """One script.

    ``batches``, ``transcripts``, ``deletions`` and ``searches`` say what the first requests of that
    sort meet, in order of arrival. Each later one meets a fault of ``kinds`` with probability
    ``rate``, chosen by ``seed`` and the number of the request; no document meets more than
    ``in_a_row`` of those in a row, so that runs end.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    seed: int = 0
    rate: float = Field(default=0.0, ge=0, le=1)
    kinds: tuple[str, ...] = PASSING
    in_a_row: int = Field(default=2, ge=0)
    batches: tuple[str, ...] = ()
    transcripts: tuple[str, ...] = ()
    deletions: tuple[str, ...] = ()
    searches: tuple[str, ...] = ()
    building_requests: int = Field(default=0, ge=0)
    building_seconds: float = Field(default=0.0, ge=0)
    max_body_bytes: int | None = Field(default=None, gt=0)
    retry_after_seconds: float = Field(default=1.0, ge=0)
    stall_seconds: float = Field(default=150.0, ge=0)
    whoami: Literal["ok", "no-isolation", "b2b", "b2c", "401", "500", "hang"] = "ok"
    telemetry: Literal["ok", "hang"] = "ok"
    profiles: Literal["none", "all"] = "none"

    @field_validator("kinds")
    @classmethod
    def _known_kinds(cls, kinds: tuple[str, ...]) -> tuple[str, ...]:
        named = [name for kind in kinds for name in GROUPS.get(kind, (kind,))]
        _check_names(named, {*BATCH, *TRANSCRIPTS, *STATUS, *DELETIONS, *SEARCHES, *JOBS})
        return tuple(named)

    @field_validator("batches")
    @classmethod
    def _known_batches(cls, batches: tuple[str, ...]) -> tuple[str, ...]:
        _check_names(batches, {*BATCH, OK})
        return batches

    @field_validator("transcripts")
    @classmethod
    def _known_transcripts(cls, transcripts: tuple[str, ...]) -> tuple[str, ...]:
        _check_names(transcripts, {*TRANSCRIPTS, OK})
        return transcripts

    @field_validator("deletions")
    @classmethod
    def _known_deletions(cls, deletions: tuple[str, ...]) -> tuple[str, ...]:
        _check_names(deletions, {*DELETIONS, OK})
        return deletions

    @field_validator("searches")
    @classmethod
    def _known_searches(cls, searches: tuple[str, ...]) -> tuple[str, ...]:
        _check_names(searches, {*SEARCHES, OK})
        return searches

    def written_for(self, number: int) -> str | None:
        """The fault that ``batches`` has for this request (from 1); None behind its end."""
        return self.batches[number - 1] if number <= len(self.batches) else None

    def batch_fault(self, number: int) -> str:
        """The fault that the seed has for this batch request, or ``ok``."""
        return self._draw(f"batch:{number}", tuple(BATCH))

    def transcript_fault(self, number: int) -> str:
        """The fault of this transcript (from 1), or ``ok``."""
        if number <= len(self.transcripts):
            return self.transcripts[number - 1]
        return self._draw(f"transcript:{number}", tuple(TRANSCRIPTS))

    def status_fault(self, number: int) -> str:
        """The fault that the seed has for this question about a job, or ``ok``."""
        return self._draw(f"status:{number}", tuple(STATUS))

    def deletion_fault(self, number: int) -> str:
        """The fault of this deletion of a memory (from 1), or ``ok``."""
        if number <= len(self.deletions):
            return self.deletions[number - 1]
        return self._draw(f"delete:{number}", tuple(DELETIONS))

    def search_fault(self, number: int) -> str:
        """The fault of this search (from 1), or ``ok``."""
        if number <= len(self.searches):
            return self.searches[number - 1]
        return self._draw(f"search:{number}", tuple(SEARCHES))

    def job_fault(self, document_id: str) -> str:
        """How the job of this document ends, or ``ok``."""
        return self._draw(f"job:{document_id}", JOBS)

    def fails(self, document_id: str) -> bool:
        """Whether no memory comes of this document."""
        return self.job_fault(document_id) == "job-failed"

    def random(self, what: str) -> Random:
        """Chance that is the same at every run, for one decision."""
        return Random(f"{self.seed}:{what}")  # noqa: S311 - not for secrets

    def _draw(self, what: str, of: tuple[str, ...]) -> str:
        kinds = [kind for kind in self.kinds if kind in of]
        random = self.random(what)
        return random.choice(kinds) if kinds and random.random() < self.rate else OK


def script_of(text: str) -> FaultScript:
    """The script in an option, such as ``seed=7,rate=0.3,kinds=500-after+429-date``.

    Raises ConfigurationError for what is not one.
    """
    fields: dict[str, Any] = {}
    for setting in filter(None, text.split(",")):
        name, equals, value = setting.partition("=")
        if not equals:
            raise ConfigurationError(f"{setting!r} is not NAME=VALUE.", remedy=_REMEDY)
        name = name.strip()
        fields[name] = value.split("+") if name in _LISTS else value.strip()
    return _checked(lambda: FaultScript.model_validate(fields), "--faults")


def script_in(path: Path) -> FaultScript:
    """The script in a JSON file. Raises ConfigurationError for what is not one."""
    try:
        text = path.read_bytes()
    except OSError as error:
        raise ConfigurationError(f"{path} cannot be read: {error.strerror}.") from error
    return _checked(lambda: FaultScript.model_validate_json(text), str(path))


def _checked(read: Any, where: str) -> FaultScript:
    try:
        script: FaultScript = read()
    except ValidationError as error:
        problem = error.errors(include_url=False)[0]
        place = ".".join(map(str, problem["loc"])) or "the script"
        raise ConfigurationError(f"{where}: {place}: {problem['msg']}.", remedy=_REMEDY) from error
    return script


def _check_names(names: Any, known: set[str]) -> None:
    unknown = [name for name in names if name not in known]
    if unknown:
        raise ValueError(f"there is no fault {unknown[0]!r}")
