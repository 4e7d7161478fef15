"""Documents per second with 1, 2 and 4 workers on Ray, and what becomes of a limit that is theirs.

    make bench-scale

Starts a PostgreSQL (Debian: apt-get install postgresql), a Ray and a model of Synap. The source
gives a page of 100 records after 100 ms, Synap answers a batch after 100 ms; batches are small, so
that two cores are enough for what waits. First Synap takes what comes: the rate is to grow with the
workers. Then it lets through so many requests a minute, fewer than the workers could send: they are
to use up what it allows, and have hardly a request refused. Prints Markdown for docs/scale.md.

``--kinds growth`` or ``limit`` measures one of them; a busy machine measures itself.
"""

from __future__ import annotations

import argparse
import secrets
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, NamedTuple

import anyio
from server import Counters, Model, counters, model_synap
from tables import markdown_table

from support.counting import CountingConfig
from support.postgres_server import OWNER, postgres_server
from support.ray_runs import ray_of, ray_run
from synap_import.loading import LoadLimits

if TYPE_CHECKING:
    from collections.abc import Callable

_DELAY = 0.1
_PAGE = 100
_MOST_WORKERS = 8


class Plan(NamedTuple):
    """What is measured: so many batches of about ``batch_bytes``, ``in_flight`` per worker."""

    seconds: float
    in_flight: int
    batch_bytes: int
    per_minute: float


class Measured(NamedTuple):
    """What the server saw of one run."""

    workers: int
    seen: Counters

    @property
    def documents_per_second(self) -> float:
        """By the server's clock, from the first batch to the last accepted one."""
        return self.seen.documents / self.seen.loading_seconds


def main() -> None:
    """Measure, and print."""
    parser = argparse.ArgumentParser(description=__doc__, allow_abbrev=False)
    parser.add_argument("--seconds", type=float, default=40, help="about so long each run")
    parser.add_argument("--in-flight", type=int, default=2, help="batches under way per worker")
    parser.add_argument("--batch-bytes", type=int, default=20_000)
    parser.add_argument("--per-minute", type=float, default=1800, help="Synap's limit")
    parser.add_argument("--workers", type=int, nargs="+", default=[1, 2, 4])
    parser.add_argument("--kinds", nargs="+", default=["growth", "limit"])
    given = parser.parse_args()
    plan = Plan(given.seconds, given.in_flight, given.batch_bytes, given.per_minute)
    with _machines() as database:
        if "growth" in given.kinds:
            print(_growth(database, plan, given.workers), flush=True)
        if "limit" in given.kinds:
            print(_limit(database, plan, given.workers), flush=True)


@contextmanager
def _machines() -> Iterator[str]:
    with postgres_server() as server, server.database() as name:
        database = server.address(name, OWNER)
        with ray_of(_MOST_WORKERS, database):
            yield database


def _growth(database: str, plan: Plan, workers: Sequence[int]) -> str:
    per_worker = plan.in_flight / _DELAY * plan.batch_bytes / 1100
    runs = [
        _run(database, Model(_DELAY), plan, count, round(per_worker * count * plan.seconds))
        for count in workers
    ]
    alone = runs[0].documents_per_second / runs[0].workers
    return _table(
        "share of linear growth",
        runs,
        lambda run: f"{run.documents_per_second / (alone * run.workers):.2f}",
    )


def _limit(database: str, plan: Plan, workers: Sequence[int]) -> str:
    model = Model(_DELAY, plan.per_minute, burst=10)
    documents = round(plan.per_minute / 60 * plan.batch_bytes / 1100 * plan.seconds)
    runs = [_run(database, model, plan, count, documents) for count in workers]
    return _table(
        f"share of the {plan.per_minute:,.0f} requests a minute that are allowed",
        runs,
        lambda run: f"{run.seen.accepted / run.seen.allowed(model):.3f}",
    )


def _run(database: str, model: Model, plan: Plan, workers: int, documents: int) -> Measured:
    partitions = 4 * workers
    config = CountingConfig(
        partitions=partitions,
        pages=max(1, round(documents / partitions / _PAGE)),
        page_size=_PAGE,
        seconds=_DELAY,
    )
    limits = LoadLimits(in_flight=plan.in_flight, max_bytes=plan.batch_bytes)

    async def load(url: str) -> None:
        job = secrets.token_hex(6)
        async with ray_run(
            database, job, url, config=config, limits=limits, workers=workers
        ) as run:
            books = await run.job.run()
            if books.unaccounted or books.loaded != books.exported:
                raise SystemExit(f"not everything was loaded: {books}")

    with model_synap(model) as url:
        anyio.run(load, url)
        seen = counters(url)
    print(f"{workers} workers: {seen}", file=sys.stderr, flush=True)
    return Measured(workers, seen)


def _table(what: str, runs: Sequence[Measured], share: Callable[[Measured], str]) -> str:
    head = ["workers", "documents", "seconds", "documents/s", what, "refused"]
    return markdown_table(
        head,
        [
            [
                str(run.workers),
                f"{run.seen.documents:,}",
                f"{run.seen.loading_seconds:.0f}",
                f"{run.documents_per_second:,.0f}",
                share(run),
                f"{run.seen.throttled / run.seen.batches:.2%}",
            ]
            for run in runs
        ],
    )


if __name__ == "__main__":
    main()
