"""How many batches may be under way, and how fast they may follow each other: learned.

Nobody publishes what an instance of Synap takes, so the loader feels its way. The rule:

- *Slow start.* Two requests at first; each answer allows one more, but no more than one in
  50 ms, so that a quick server can refuse one before it has ten of them. From the first sign
  of strain on each answer allows a fraction more, so that the window grows by one per round.
  It grows only while it is in use.
- *Slow answers.* An answer that takes clearly longer than the best ones shrinks the window
  a little: the server has begun to queue, and more at once only makes the queue longer.
- *Refusals* (429, 503) shrink it more and set a **pace**, in requests per second. From one
  refusal to the next a server lets through just what it allows, so the new pace is a little
  less than that, or than what came through lately where that is more: the server may allow
  more than before. Refused again before that could be measured, the pace falls steeply, to
  what came through since at most. The first refusal comes before anything is known: the
  next request waits a quarter of a second. From there the pace creeps up: quickly until it
  was measured, then the more quickly the longer nothing is refused.
- *Lost answers* (time-outs, other 5xx) shrink the window and say nothing about the pace.
- What was sent before a cut says nothing about the time after it: its refusal, loss or
  slowness changes nothing more. And only a window that was in use is cut.

A refused request waits its Retry-After on its own, elsewhere; the others keep the pace. Pure:
no clock, no input or output; times are seconds of any monotonic clock.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

_START, _STEP_SECONDS = 2.0, 0.05
_FIRST_PAUSE_SECONDS = 0.25
_SLOW = 1.5
_OWN_NOISE_SECONDS = 0.025  # what a busy client adds to an answer's time by itself
_BEST_HOLDS_SECONDS = 30.0  # servers move: a best time is not kept for ever
_CUT_SLOW, _CUT_LOST, _CUT_REFUSED = 0.9, 0.8, 0.8
_BELOW_ALLOWED = 0.95
_NEAR_WHAT_CAME = 0.9
_TOO_SOON = 0.6  # the pace is far off when it is refused again before it could be measured
_MEASURED, _MEASURE_SECONDS = 8, 1.0
_SLOWEST, _FASTEST = 0.2, 10_000.0
_CREEP, _CREEP_DOUBLES_AFTER = 0.0003, 150
_CREEP_UNMEASURED = 0.002
_RECENT = 50


@dataclass(slots=True)
class AdaptiveLimit:
    """The state of what was learned; ``most`` is the ceiling of the window."""

    most: int
    window: float = _START
    pace: float | None = None
    in_flight: int = 0
    _ramping: bool = True
    _grown_at: float = float("-inf")
    _last_cut: float = float("-inf")
    _full_at: float = float("-inf")
    _next_at: float = float("-inf")
    _best: float = float("inf")
    _newest_best: float = float("inf")
    _best_until: float = float("-inf")
    _unrefused: int = 0
    _came_through: int = 0
    _counted_from: float = 0.0
    _allowed: float = float("inf")
    _recent: deque[float] = field(default_factory=lambda: deque(maxlen=_RECENT))

    def __post_init__(self) -> None:
        self.window = min(self.window, self.most)

    def wait(self, now: float) -> float:
        """Seconds until the next request may go; infinity: not before an answer came."""
        if self.in_flight >= int(self.window):
            return float("inf")
        return max(0.0, self._next_at - now)

    def sent(self, now: float) -> None:
        """A request goes out."""
        self.in_flight += 1
        if self.in_flight >= int(self.window):
            self._full_at = now
        if self.pace is not None:
            # A late start may be made up for by one request, so that the pace is kept.
            self._next_at = max(self._next_at, now - 1 / self.pace) + 1 / self.pace

    def unsent(self) -> None:
        """What was let go did not go out after all."""
        self.in_flight -= 1
        if self.pace is not None:
            self._next_at -= 1 / self.pace

    def answered(
        self, sent_at: float, now: float, *, comparable: bool = True, seconds: float | None = None
    ) -> None:
        """An answer came. Not ``comparable``: it was to a small batch, its time tells nothing.

        It took so many ``seconds`` where who asked was told so later than it came.
        """
        self.in_flight -= 1
        self._came_through += sent_at > self._last_cut
        self._unrefused += 1
        self._recent.append(now)
        if self.pace is not None:
            self.pace = min(_FASTEST, self.pace * (1 + self._creep()))
        took = now - sent_at if seconds is None else seconds
        if comparable and self._is_slow(took, now):
            self._cut(_CUT_SLOW, sent_at, now)
        elif sent_at <= self._full_at:
            self.window = min(self.most, self.window + self._growth(now))

    def _growth(self, now: float) -> float:
        if not self._ramping:
            return 1 / self.window
        if now - self._grown_at < _STEP_SECONDS:
            return 0.0
        self._grown_at = now
        return 1.0

    def _creep(self) -> float:
        if self._allowed == float("inf"):
            return _CREEP_UNMEASURED
        haste = 1 + max(0, self._unrefused - 2 * _CREEP_DOUBLES_AFTER) / _CREEP_DOUBLES_AFTER
        return _CREEP * haste**3

    def refused(self, sent_at: float, now: float) -> None:
        """The server said that this is too much: 429 or 503."""
        self.in_flight -= 1
        if self._cut(_CUT_REFUSED, sent_at, now) and self._recent:
            self._learn_pace(now)

    def lost(self, sent_at: float, now: float) -> None:
        """No usable answer came."""
        self.in_flight -= 1
        self._cut(_CUT_LOST, sent_at, now)

    def _is_slow(self, seconds: float, now: float) -> bool:
        if now > self._best_until:
            self._best, self._newest_best = self._newest_best, float("inf")
            self._best_until = now + _BEST_HOLDS_SECONDS
        self._newest_best = min(self._newest_best, seconds)
        self._best = min(self._best, seconds)
        return seconds > self._best * _SLOW + _OWN_NOISE_SECONDS

    def _cut(self, factor: float, sent_at: float, now: float) -> bool:
        if sent_at <= self._last_cut:
            return False
        self._ramping = False
        if sent_at <= self._full_at:
            self.window = max(1.0, self.window * factor)
        self._last_cut = now
        return True

    def _learn_pace(self, now: float) -> None:
        seconds = now - self._counted_from
        is_measured = seconds >= _MEASURE_SECONDS and self._came_through >= _MEASURED
        if self.pace is None:
            pace = _NEAR_WHAT_CAME * self._recent_pace(now)
        elif is_measured:
            pace = self._allowed = max(
                _BELOW_ALLOWED * self._came_through / seconds, self._lately(now)
            )
        elif self._allowed < self.pace:
            pace = self._allowed
        else:
            at_most = (self._came_through + 1) / max(seconds, _FIRST_PAUSE_SECONDS)
            pace = min(_TOO_SOON * self.pace, at_most)
        pause = _FIRST_PAUSE_SECONDS if self.pace is None else 0.0
        if is_measured or self.pace is None:
            self._came_through, self._counted_from = 0, now
        self.pace = max(_SLOWEST, pace)
        self._unrefused = 0
        self._next_at = now + max(pause, 1 / self.pace)

    def _lately(self, now: float) -> float:
        """What came through lately, if all of that is of the time since the last refusal."""
        if self.pace is None or self._recent[0] < self._counted_from:
            return 0.0
        return _NEAR_WHAT_CAME * min(self.pace, self._recent_pace(now))

    def _recent_pace(self, now: float) -> float:
        return len(self._recent) / max(now - self._recent[0], 0.1)
