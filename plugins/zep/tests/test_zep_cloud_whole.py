"""A whole project: everything of it comes out, once, with its owner, however often it is killed."""

from __future__ import annotations

import random
import weakref

import pytest

from synap_import import Page, Partition
from synap_import_zep.cloud.v4 import MOST
from zep_support.cloud_answers import Answering
from zep_support.cloud_project import Project, Size, generated
from zep_support.cloud_reading import Journal, read, read_until_killed

SMALL = Size(users=5, threads=12, messages=500, facts=250, graphs=2)


def owners(project: Project) -> dict[str, str]:
    """Whose each record is, by its id."""
    users = {one["uuid"]: one["user_id"] for one in project.users}
    own = {}
    for thread in project.threads:
        for message in project.messages[thread["uuid"]]:
            own[f"message:{message['uuid']}"] = users[thread["user_uuid"]]
    return own


@pytest.mark.thorough
def test_two_hundred_users_and_all_that_is_theirs_come_out() -> None:
    project = generated(Size(users=200, threads=1_000, messages=20_000, facts=5_000, graphs=30))
    server, journal = Answering(project), Journal(keeps_records=False)
    chance, kills = random.Random(7), 0
    while not read_until_killed(server, journal, chance.randrange(900, 1_500)):
        kills += 1
    assert kills >= 2
    assert set(journal.records) == set(project.record_ids())
    assert not journal.unreadable


@pytest.mark.parametrize("api", ["v4", "v3"])
def test_killed_at_every_page_it_is_the_same(api: str) -> None:
    project = generated(Size(users=2, threads=3, messages=420, facts=210, graphs=1))
    killed, kills = Journal(), 0
    while not read_until_killed(Answering(project), killed, 1, api=api):
        kills += 1
    whole, _ = read(Answering(project), api=api)
    assert kills > 20
    assert killed.records == whole.records
    assert not killed.conflicting
    assert set(whole.records) == set(project.record_ids())


@pytest.mark.parametrize("seed", range(2))
def test_killed_anywhere_while_the_project_grows_nothing_old_is_missed(seed: int) -> None:
    project, chance = generated(SMALL, seed), random.Random(seed)
    there_at_first = set(project.record_ids())
    server, journal = Answering(project), Journal()
    server.before = lambda _: _grows(project, chance)
    while not read_until_killed(server, journal, chance.randrange(5, 60)):
        pass
    assert there_at_first <= set(journal.records) <= set(project.record_ids())
    assert not journal.conflicting


def _grows(project: Project, chance: random.Random) -> None:
    if chance.random() < 0.1:
        project.say(chance.choice(project.threads), "meanwhile")
        project.fact(chance.choice(project.users), "meanwhile")


def test_a_run_after_everything_was_read_asks_for_the_lists_only() -> None:
    project = generated(SMALL)
    journal, _ = read(Answering(project))
    server = Answering(project)
    read(server, journal)
    asked = {one.place[0] for one in server.asked}
    assert asked == {"project", "users", "threads", "graphs"}
    assert len(server.asked) < 15


def test_a_run_later_brings_what_was_said_since_then() -> None:
    project = generated(SMALL)
    journal, _ = read(Answering(project))
    made = project.say(project.threads[0], "one more thing")
    server = Answering(project)
    read(server, journal)
    assert f"message:{made['uuid']}" in journal.records
    assert set(journal.records) == set(project.record_ids())
    assert len({one.place[1] for one in server.asked if "messages" in one.place}) == 1


def test_every_message_is_its_users() -> None:
    project = generated(SMALL)
    journal, _ = read(Answering(project))
    expected = owners(project)
    assert {
        own: record.scope.user for own, record in journal.records.items() if own in expected
    } == expected


def test_memory_does_not_grow_with_what_was_said() -> None:
    project = generated(Size(users=2, threads=2, messages=1_500, facts=1_500, graphs=1))
    journal = Counting()
    read(Answering(project), journal)
    assert len(journal.cursors) > 3
    assert journal.most_alive <= 2 * MOST, "more than the page in hand and the one before it"


class Counting(Journal):
    """Keeps no records, like the host, and counts those that somebody else keeps."""

    def __init__(self) -> None:
        super().__init__(keeps_records=False)
        self.alive = 0
        self.most_alive = 0

    def stage(self, partition: Partition, page: Page) -> None:
        super().stage(partition, page)
        for record in page.records:
            weakref.finalize(record, self._is_gone)
        self.alive += len(page.records)
        self.most_alive = max(self.most_alive, self.alive)

    def _is_gone(self) -> None:
        self.alive -= 1
