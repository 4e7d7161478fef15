"""What the learned limit does over time, against models of four kinds of server.

    make limiter-trace

In virtual time, so that it takes a second and is the same each time: the tests of
``tests/unit/loading/test_limiter.py`` run against the same models.
"""

from __future__ import annotations

from support.model_servers import Server, Slots, TokenBucket, Unlimited, load
from synap_import.loading.limiter import AdaptiveLimit

_MOST = 10


def trace(name: str, server: Server, capacity: float, moments: tuple[float, ...]) -> None:
    """A table of window, pace and throughput at some moments."""
    print(f"**{name}**: takes {capacity:g} requests/s\n")
    print("| until | window | pace/s | taken/s | of capacity | refused |")
    print("|---|---|---|---|---|---|")
    limit = AdaptiveLimit(_MOST)
    left = list(moments)
    told = (0.0, 0, 0)

    def watch(now: float, taken: int, refused: int) -> None:
        nonlocal told
        if left and now >= left[0]:
            rate = (taken - told[1]) / (now - told[0])
            pace = f"{limit.pace:.1f}" if limit.pace else "-"
            print(
                f"| {left.pop(0):g} s | {limit.window:.1f} | {pace} | {rate:.1f} "
                f"| {rate / capacity:.0%} | {refused - told[2]} |"
            )
            told = (now, taken, refused)

    outcome = load(limit, server, moments[-1] + 1, watch=watch)
    share = outcome.refused / (outcome.refused + outcome.taken)
    print(f"\nIn all {outcome.per_second / capacity:.1%} of capacity, {share:.2%} refused.\n")


def main() -> None:
    """Print all traces."""
    trace("8 slots of 50 ms and a long queue", Slots(8, 0.05), 160, (0.2, 1, 5, 30))
    trace("4 slots of 50 ms, 429 above 6 inside", Slots(4, 0.05, most=6), 80, (1, 5, 15, 60))
    trace("600 a minute, 10 at once", TokenBucket(10, 10), 10, (1, 3, 10, 30, 60, 150, 300))
    trace("600 a minute, 50 at once", TokenBucket(10, 50), 10, (1, 3, 10, 30, 60, 150, 300))
    trace("100 ms, unlimited", Unlimited(0.1), 100, (0.5, 1, 5, 30))


if __name__ == "__main__":
    main()
