"""Models of servers in virtual time, and what the loader does with its limit against them."""

from __future__ import annotations

import heapq
import math
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import count
from typing import NamedTuple, Protocol

from synap_import.loading.limiter import AdaptiveLimit


class Answer(NamedTuple):
    """What a model server says to one request: after so many seconds, and whether it took it."""

    seconds: float
    taken: bool = True
    retry_after: float = 0.0


class Server(Protocol):
    def request(self, now: float) -> Answer: ...


@dataclass
class Slots:
    """So many requests at once, the others queue; above a number in the house it says 429."""

    slots: int
    service: float
    most: float = math.inf
    _free: list[float] = field(default_factory=list)
    _inside: list[float] = field(default_factory=list)

    def request(self, now: float) -> Answer:
        while self._inside and self._inside[0] <= now:
            heapq.heappop(self._inside)
        if len(self._inside) >= self.most:
            return Answer(0.001, taken=False, retry_after=1)
        self._free = self._free or [0.0] * self.slots
        end = max(now, heapq.heappop(self._free)) + self.service
        heapq.heappush(self._free, end)
        heapq.heappush(self._inside, end)
        return Answer(end - now)


@dataclass
class TokenBucket:
    """A rate in requests per second with some credit, as API gateways have it."""

    rate: float
    burst: float
    service: float = 0.02
    _tokens: float = math.inf
    _last: float = 0.0

    def request(self, now: float) -> Answer:
        self._tokens = min(self.burst, self._tokens + (now - self._last) * self.rate)
        self._last = now
        if self._tokens < 1:
            wait = math.ceil((1 - self._tokens) / self.rate)
            return Answer(self.service, taken=False, retry_after=wait)
        self._tokens -= 1
        return Answer(self.service)


@dataclass
class Unlimited:
    """Takes everything, after a while."""

    service: float

    def request(self, now: float) -> Answer:
        return Answer(self.service)


class Outcome(NamedTuple):
    per_second: float
    refused: int
    taken: int


def load(
    limit: AdaptiveLimit,
    server: Server,
    seconds: float,
    start: float = 0,
    watch: Callable[[float, int, int], None] = lambda *_: None,
) -> Outcome:
    """What the loader does with the limit: every refused batch waits its Retry-After alone.

    ``watch`` is told the time, and how many requests were taken and refused so far.
    """
    noise = random.Random(7)
    number = count()
    answers: list[tuple[float, int, float, Answer]] = []
    waiting: list[float] = []
    now, in_hand, taken, refused = start, 0, 0, 0
    while now < start + seconds:
        while (due := waiting and waiting[0] <= now) or in_hand < limit.most:
            if limit.wait(now) > 0:
                break
            if due:
                heapq.heappop(waiting)
            else:
                in_hand += 1
            limit.sent(now)
            answer = server.request(now)
            late = answer.seconds * (1 + 0.1 * noise.random())
            heapq.heappush(answers, (now + late, next(number), now, answer))
        moments = [answers[0][0]] if answers else []
        if waiting:
            moments.append(max(waiting[0], now + limit.wait(now)))
        if in_hand < limit.most:
            moments.append(now + limit.wait(now))
        now = min(moment for moment in moments if math.isfinite(moment))
        while answers and answers[0][0] <= now:
            at, _, sent_at, answer = heapq.heappop(answers)
            if answer.taken:
                limit.answered(sent_at, at)
                taken, in_hand = taken + 1, in_hand - 1
            else:
                limit.refused(sent_at, at)
                refused += 1
                heapq.heappush(waiting, at + answer.retry_after * (1 + 0.1 * noise.random()))
        watch(now, taken, refused)
    return Outcome(taken / seconds, refused, taken)
