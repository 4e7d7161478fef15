"""Limits of a plan: waited out as long as they say, and told before reading begins."""

from __future__ import annotations

import time

import pytest

from synap_import import SourceUnavailableError
from zep_support.cloud_answers import Answering
from zep_support.cloud_exchange import RateLimit, said
from zep_support.cloud_project import Project, Size, generated
from zep_support.cloud_reading import check, read


class Clock:
    """Time that passes when somebody waits."""

    def __init__(self) -> None:
        self.began = time.time()
        self.waits: list[float] = []

    def __call__(self) -> float:
        return self.began + sum(self.waits)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def project() -> Project:
    return generated(Size(users=4, threads=6, messages=60, facts=120, graphs=1))


@pytest.mark.parametrize("api", ["v4", "v3"])
@pytest.mark.parametrize("retry_after", [True, False])
def test_five_requests_a_minute_bring_everything_and_no_429_twice_in_a_row(
    project: Project, clock: Clock, api: str, retry_after: bool
) -> None:
    limit = RateLimit(5, clock, retry_after=retry_after)
    server = Answering(project, limit=limit)
    journal, _ = read(server, api=api, waits=clock.waits)
    assert set(journal.records) == set(project.record_ids())
    assert len(limit.answered_429) > 50
    assert any(limit.answered_429)
    pairs = zip(limit.answered_429, limit.answered_429[1:], strict=False)
    assert not any(first and second for first, second in pairs)


def test_a_wait_longer_than_the_sdk_would_have_the_patience_for_is_waited(
    project: Project, clock: Clock
) -> None:
    limit = RateLimit(40, clock, window=200)
    journal, _ = read(Answering(project, limit=limit), waits=clock.waits)
    assert set(journal.records) == set(project.record_ids())
    assert any(seconds > 60 for seconds in clock.waits)
    assert [again for again in limit.answered_429 if again] == [True] * len(clock.waits)


def test_the_sdk_tries_nothing_again_by_itself(project: Project) -> None:
    """The host does, six times; twice that would be eighteen."""
    server = Answering(project)
    server.before = lambda asked: said({}, 503) if asked.place == ("project",) else None
    with pytest.raises(SourceUnavailableError):
        read(server)
    assert len(server.asked_of("project")) == 6


def test_a_list_asked_for_with_post_is_asked_for_again_after_a_failure(project: Project) -> None:
    failed: set[str] = set()

    def fails_once(asked: object) -> object:
        path = getattr(asked, "path", "")
        if path in failed:
            return None
        failed.add(path)
        return said({"error": {"code": "internal", "message": "oops"}}, 500)

    server = Answering(project)
    server.before = fails_once  # type: ignore[assignment]
    journal, _ = read(server)
    assert set(journal.records) == set(project.record_ids())


def test_a_page_that_follows_another_has_an_idempotency_key_of_its_own() -> None:
    project = generated(Size(users=1, threads=1, messages=1, facts=400, graphs=0))
    server = Answering(project)
    journal, _ = read(server)
    keys = [one.headers["idempotency-key"] for one in server.asked if one.method == "POST"]
    assert len(keys) == len(set(keys))
    assert set(journal.records) == set(project.record_ids())


def test_how_long_it_will_take_is_told_up_front(project: Project, clock: Clock) -> None:
    server = Answering(project, limit=RateLimit(5, clock))
    _, run = read(server, waits=clock.waits)
    (told,) = [one for one in run.check.findings if one.code == "zep-duration"]
    assert told.severity == "info"
    at_least = 4 * 8 + 6 + 7
    assert "the plan allows 5 a minute" in told.message
    assert f"about {(at_least + 3 + 4) // 5} minutes" in told.message


def test_a_large_project_is_told_even_where_the_limit_is_not() -> None:
    project = generated(Size(users=400, threads=1, messages=1, facts=0, graphs=0))
    (told,) = check(Answering(project)).findings
    assert "at least 3,206 requests" in told.message


@pytest.mark.parametrize(
    ("users", "span"), [(5, "9 minutes"), (100, "2.7 hours"), (2_000, "2.2 days")]
)
def test_the_time_is_told_in_the_unit_that_a_person_would_use(
    clock: Clock, users: int, span: str
) -> None:
    project = generated(Size(users=users, threads=1, messages=1, facts=0, graphs=0))
    (told,) = check(Answering(project, limit=RateLimit(5, clock))).findings
    assert f"about {span}." in told.message


def test_a_small_project_without_a_limit_needs_no_word(project: Project) -> None:
    assert check(Answering(project)).findings == ()


def test_pages_are_as_large_as_zep_gives_them_and_no_larger() -> None:
    project = generated(Size(users=3, threads=2, messages=300, facts=150, graphs=1))
    generous, strict = Answering(project), Answering(project, most=60, refuses_more=True)
    assert set(read(generous)[0].records) == set(project.record_ids())
    assert set(read(strict)[0].records) == set(project.record_ids())
    assert {one.query["page_size"] for one in generous.asked_of("messages")} == {"200"}
    assert [one.query["page_size"] for one in strict.asked_of("messages")][:3] == [
        "200",
        "50",
        "50",
    ]
