"""The learned limit against the models of four kinds of server, in virtual time."""

from __future__ import annotations

import pytest

from support.model_servers import Slots, TokenBucket, Unlimited, load
from synap_import.loading.limiter import AdaptiveLimit


@pytest.mark.parametrize("most", [10, 64])
def test_a_server_with_a_long_queue_is_kept_busy_without_filling_the_queue(most: int) -> None:
    limit = AdaptiveLimit(most)
    outcome = load(limit, Slots(8, 0.05), 30)
    assert outcome.per_second >= 0.95 * 160
    assert limit.window < 20


def test_a_server_that_refuses_above_a_number_in_flight_is_not_driven_there() -> None:
    outcome = load(AdaptiveLimit(10), Slots(8, 0.05, most=12), 30)
    assert outcome.per_second >= 0.95 * 160
    assert outcome.refused == 0


def test_a_server_that_refuses_below_our_ceiling_is_found_out() -> None:
    outcome = load(AdaptiveLimit(10), Slots(4, 0.05, most=6), 60)
    assert outcome.per_second >= 0.9 * 80
    assert outcome.refused < 0.01 * outcome.taken


@pytest.mark.parametrize(("rate", "burst"), [(60, 60), (60, 10), (10, 10), (10, 50), (1, 10)])
def test_a_rate_limit_is_used_up_with_hardly_a_refusal(rate: float, burst: float) -> None:
    outcome = load(AdaptiveLimit(10), TokenBucket(rate, burst), 4000 / rate)
    assert outcome.per_second >= 0.95 * rate
    assert outcome.refused < 0.01 * outcome.taken


@pytest.mark.parametrize("service", [0.002, 0.1, 0.5])
def test_an_unlimited_server_gets_all_that_may_be_in_flight(service: float) -> None:
    outcome = load(AdaptiveLimit(10), Unlimited(service), 60)
    assert outcome.per_second >= 0.9 * 10 / service


def test_a_rate_that_is_raised_is_noticed() -> None:
    server = TokenBucket(5, 10)
    limit = AdaptiveLimit(10)
    load(limit, server, 120)
    limit.in_flight = 0
    server.rate = 50
    load(limit, server, 200, start=121)
    limit.in_flight = 0
    assert load(limit, server, 100, start=322).per_second >= 0.8 * 50


def test_it_starts_with_two_and_grows_by_one_in_50_ms() -> None:
    limit = AdaptiveLimit(10)
    windows = []
    for moment in (0, 0.02, 0.04, 0.06, 0.08, 0.1):
        batch = int(limit.window)
        for _ in range(batch):
            limit.sent(moment)
        for _ in range(batch):
            limit.answered(moment, moment + 0.001)
        windows.append(limit.window)
    assert windows == [3, 3, 3, 4, 4, 4]


def test_after_the_first_refusal_the_next_request_waits_a_moment() -> None:
    limit = AdaptiveLimit(10)
    for number in range(3):
        limit.sent(number / 100)
        limit.answered(number / 100, number / 100 + 0.005)
    limit.sent(0.03)
    limit.refused(0.03, 0.04)
    assert limit.wait(0.05) == pytest.approx(0.24)


def test_what_was_sent_before_a_cut_changes_nothing_more() -> None:
    limit = AdaptiveLimit(10, window=10)
    for _ in range(10):
        limit.sent(0.0)
    limit.refused(0.0, 0.2)
    after_one = (limit.window, limit.pace)
    for moment in (0.21, 0.22, 0.23):
        limit.refused(0.0, moment)
    limit.lost(0.0, 0.24)
    assert (limit.window, limit.pace) == after_one
    assert limit.in_flight == 5


def test_a_window_that_is_not_in_use_does_not_grow() -> None:
    limit = AdaptiveLimit(10, window=8)
    for moment in range(20):
        limit.sent(moment)
        limit.answered(moment, moment + 0.1)
    assert limit.window == 8


def test_a_lost_answer_shrinks_the_window_and_sets_no_pace() -> None:
    limit = AdaptiveLimit(10, window=10)
    for _ in range(10):
        limit.sent(0.0)
    limit.lost(0.0, 1.0)
    assert (limit.window, limit.pace) == (8, None)


def test_an_answer_to_a_small_batch_is_no_measure_of_slowness() -> None:
    limit = AdaptiveLimit(10, window=4)
    limit.sent(0.0)
    limit.answered(0.0, 0.001, comparable=False)
    for moment in (1.0, 2.0):
        limit.sent(moment)
        limit.answered(moment, moment + 0.3)
    assert limit.window >= 4


def test_the_window_never_closes() -> None:
    limit = AdaptiveLimit(10)
    for moment in range(200):
        limit.sent(moment)
        limit.refused(moment, moment + 0.5)
    assert limit.window >= 1
    assert limit.wait(1000.0) == 0
