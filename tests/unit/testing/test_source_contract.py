"""The checks of the contract: each is passed by an adapter that is right, and fails for one that is
wrong in that one way, with a sentence that says what to do.
"""

from __future__ import annotations

import itertools
import logging
import sys
from collections.abc import Iterator, Mapping
from contextlib import nullcontext
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any, ClassVar

import anyio
import httpx
import pytest
from pydantic import BaseModel, Field, SecretStr, TypeAdapter

from support.acme import KEY, Acme, service
from support.acme import Config as AcmeConfig
from synap_import import (
    Finding,
    HoldReason,
    MemoryRecord,
    Page,
    Partition,
    Scope,
    ScopeCount,
    ScopeKind,
    Setting,
    Severity,
    Source,
    SourceCheck,
    SourceError,
    Unreadable,
)
from synap_import.testing import Provenance, Scrubber, SourceContract, record, replay
from synap_import.testing.contract import (
    answers,
    declared,
    items,
    places,
    repeating,
    silence,
    variations,
)
from synap_import.testing.contract.walks import Subject, walk

SECRET = "canary-key-4711"
NOW = datetime(2025, 6, 1, 12, tzinfo=UTC)


class Config(BaseModel):
    """What the little adapters here are given."""

    api_key: Annotated[SecretStr, Setting(env="LITTLE_KEY")] = Field(
        SecretStr(SECRET), description="The key."
    )


def item(number: int) -> dict[str, Any]:
    return {"key": f"k{number * 7}", "text": f"memory {number}", "user": f"user-{number % 2}"}


class Little(Source[Config]):
    """Three pages of two items each, read as they should be."""

    name = "little"
    Config = Config
    items: ClassVar[list[dict[str, Any]]] = [item(n) for n in range(6)]

    async def check(self) -> SourceCheck:
        return SourceCheck(account="acct", title="a little account")

    async def partitions(self):
        yield Partition("all", "all")

    async def pages(self, partition, cursor):
        for start in range(int(cursor or 0), len(self.items), 2):
            part = self.items[start : start + 2]
            last = start + 2 >= len(self.items)
            yield Page([self.record(one) for one in part], None if last else str(start + 2))

    async def scopes(self):
        return [ScopeCount(ScopeKind.USER, f"user-{n}") for n in range(2)]

    def record(self, one: dict[str, Any]) -> MemoryRecord:
        return MemoryRecord(**self.fields(one))

    def fields(self, one: dict[str, Any]) -> dict[str, Any]:
        return {
            "system": "little",
            "id": one["key"],
            "text": one["text"],
            "scope": Scope(user=one["user"]),
            "created_at": NOW,
            "raw": one,
        }


def subject(adapter: type[Source[Any]]) -> Subject:
    return Subject(adapter, adapter.Config())


def reading(adapter: type[Source[Any]]):
    return anyio.run(walk, subject(adapter))


class TestLittle(SourceContract):
    """An adapter that is right passes all of it."""

    adapter = Little
    config = Config()
    asks_over_http = False


class TestAcmeOverHttp(SourceContract):
    """One that asks a server does, too."""

    adapter = Acme
    config = AcmeConfig(api_key=SecretStr(KEY))

    @pytest.fixture(autouse=True)
    def server(self) -> Iterator[None]:
        with service() as url:
            type(self).config = AcmeConfig(url=url, api_key=SecretStr(KEY))
            yield


# -- pages and cursors -------------------------------------------------------------------


class RepeatsAPage(Little):
    async def pages(self, partition, cursor):
        while True:
            yield Page([self.record(self.items[0])], "again")


class HasNoEnd(Little):
    async def pages(self, partition, cursor):
        for number in range(10_000):
            yield Page([], str(number))


@pytest.mark.parametrize(
    ("adapter", "lesson"), [(RepeatsAPage, "again and again"), (HasNoEnd, "has no end")]
)
def test_an_endless_partition_is_noticed(adapter: type[Little], lesson: str) -> None:
    with pytest.raises(AssertionError, match=lesson):
        reading(adapter)


class EndsWithACursor(Little):
    async def pages(self, partition, cursor):
        yield Page([self.record(one) for one in self.items], "more")


class EndsTooEarly(Little):
    async def pages(self, partition, cursor):
        for one in self.items:
            yield Page([self.record(one)], None)


class YieldsNothing(Little):
    async def pages(self, partition, cursor):
        return
        yield


class ListsAPartitionTwice(Little):
    async def partitions(self):
        yield Partition("all", "all")
        yield Partition("all", "all once more")


@pytest.mark.parametrize(
    ("adapter", "lesson"),
    [
        (EndsWithACursor, "None says that it was read to its end"),
        (EndsTooEarly, "more pages follow"),
        (YieldsNothing, "yields no page"),
        (ListsAPartitionTwice, "come twice"),
    ],
)
def test_pages_that_do_not_add_up_are_noticed(adapter: type[Little], lesson: str) -> None:
    with pytest.raises(AssertionError, match=lesson):
        places.check_pages(reading(adapter))


class SkipsOnResume(Little):
    async def pages(self, partition, cursor):
        async for page in super().pages(partition, cursor and str(int(cursor) + 1)):
            yield page


class StartsOverOnResume(Little):
    async def pages(self, partition, cursor):
        async for page in super().pages(partition, None):
            yield page


class CountsOnFromWhereItBegan(Little):
    async def pages(self, partition, cursor):
        async for page in super().pages(partition, cursor):
            more = [self.record(one | {"key": f"{one['key']}-again"}) for one in self.items[:1]]
            yield Page([*page.records, *(more if cursor else [])], page.cursor)


@pytest.mark.parametrize(
    ("adapter", "lesson"),
    [
        (SkipsOnResume, "loses"),
        (StartsOverOnResume, "One page may be read again"),
        (CountsOnFromWhereItBegan, "depend on where it began"),
    ],
)
def test_a_cursor_that_does_not_point_behind_its_page_is_noticed(
    adapter: type[Little], lesson: str
) -> None:
    with pytest.raises(AssertionError, match=lesson):
        anyio.run(places.check_resume, subject(adapter), reading(adapter), nullcontext)


class UnreadableInOnePlace(Little):
    async def pages(self, partition, cursor):
        yield Page([], None, [Unreadable("somewhere", "odd"), Unreadable("somewhere", "odder")])


def test_unreadable_items_in_one_place_are_noticed() -> None:
    with pytest.raises(AssertionError, match="share a place"):
        places.check_unreadable(reading(UnreadableInOnePlace))


class ForgetsAUser(Little):
    async def scopes(self):
        return [ScopeCount(ScopeKind.USER, "user-0")]


def test_a_user_that_scopes_does_not_tell_of_is_noticed() -> None:
    with pytest.raises(AssertionError, match="user-1"):
        places.check_scopes(reading(ForgetsAUser))


# -- records -----------------------------------------------------------------------------


class OneIdForAll(Little):
    def fields(self, one):
        return super().fields(one) | {"id": "1"}


class IdsByPlace(Little):
    def fields(self, one):
        return super().fields(one) | {"id": f"little-{self.items.index(one)}"}


class BlankIds(Little):
    def fields(self, one):
        return super().fields(one) | {"id": " "}


@pytest.mark.parametrize(
    ("adapter", "lesson"),
    [
        (OneIdForAll, "Other content comes again"),
        (IdsByPlace, "the place in the reading"),
        (BlankIds, "without an id"),
    ],
)
def test_ids_that_are_not_the_sources_own_are_noticed(adapter: type[Little], lesson: str) -> None:
    with pytest.raises(AssertionError, match=lesson):
        items.check_ids(reading(adapter))


def test_numbers_are_fine_as_ids_where_the_item_says_them() -> None:
    class Numbered(Little):
        items: ClassVar[list[dict[str, Any]]] = [item(n) | {"key": n} for n in range(6)]

        def fields(self, one):
            return super().fields(one) | {"id": str(one["key"])}

    items.check_ids(reading(Numbered))


NUMBERS = itertools.count()


class OtherIdsEachTime(Little):
    def fields(self, one):
        return super().fields(one) | {"id": f"{one['key']}-{next(NUMBERS)}"}


class OtherOrderEachTime(Little):
    turn: ClassVar[list[int]] = [0]

    async def partitions(self):
        self.turn[0] += 1
        for name in ("a", "b")[:: 1 if self.turn[0] % 2 else -1]:
            yield Partition(name, name)


class CarriesAScore(Little):
    def fields(self, one):
        return super().fields(one) | {"metadata": {"score": next(NUMBERS)}}


@pytest.mark.parametrize(
    ("adapter", "lesson"),
    [
        (OtherIdsEachTime, "other ids"),
        (OtherOrderEachTime, "other partitions"),
        (CarriesAScore, "differ in metadata"),
    ],
)
def test_what_is_not_the_same_twice_is_noticed(adapter: type[Little], lesson: str) -> None:
    kept = reading(adapter), reading(adapter)
    with pytest.raises(AssertionError, match=lesson):
        items.check_same_twice(*kept)


class TimesOfNow(Little):
    def fields(self, one):
        return super().fields(one) | {"updated_at": datetime.now(UTC)}


class TimesOfNobody(Little):
    def fields(self, one):
        return super().fields(one) | {"created_at": datetime(1, 1, 1, tzinfo=UTC)}


@pytest.mark.parametrize(
    ("adapter", "lesson"), [(TimesOfNow, "time of reading"), (TimesOfNobody, "in the year 1")]
)
def test_times_that_the_source_did_not_say_are_noticed(adapter: type[Little], lesson: str) -> None:
    began = datetime.now(UTC)
    whole = reading(adapter)
    with pytest.raises(AssertionError, match=lesson):
        items.check_times(whole, began, datetime.now(UTC))


def test_a_record_takes_no_time_without_a_zone() -> None:
    class Naive(Little):
        def fields(self, one):
            return super().fields(one) | {"created_at": datetime(2025, 6, 1, 12)}  # noqa: DTZ001

    with pytest.raises(SourceError, match="timezone"):
        reading(Naive)


class CannotReadAny(Little):
    async def pages(self, partition, cursor):
        yield Page([], None, [Unreadable("item 1", "created_at: no zone"), Unreadable("2", "")])


class ReadsNothing(Little):
    async def pages(self, partition, cursor):
        yield Page([], None)


@pytest.mark.parametrize(
    ("adapter", "lesson"),
    [
        (CannotReadAny, "All 2 items are unreadable. item 1: created_at: no zone"),
        (ReadsNothing, "of two users or more"),
    ],
)
def test_where_there_is_nothing_to_check_it_is_told_why(adapter: type[Little], lesson: str) -> None:
    with pytest.raises(AssertionError, match=lesson):
        items.check_some(reading(adapter))


class DropsTheItem(Little):
    def fields(self, one):
        return super().fields(one) | {"raw": None}


def test_an_item_that_is_not_kept_is_noticed() -> None:
    with pytest.raises(AssertionError, match="raw=item"):
        items.check_raw(reading(DropsTheItem))


class EmptyAliasShadows(Little):
    items: ClassVar[list[dict[str, Any]]] = [
        item(n) | {"memory": "", "content": "x"} for n in range(2)
    ]

    def fields(self, one):
        return super().fields(one) | {"text": one["memory"]}


def test_an_empty_field_that_shadows_the_full_one_is_noticed() -> None:
    with pytest.raises(AssertionError, match="shadows"):
        items.check_texts(reading(EmptyAliasShadows))


class DropsTheUser(Little):
    def fields(self, one):
        return super().fields(one) | {"scope": Scope()}


def test_a_user_that_got_lost_is_noticed() -> None:
    with pytest.raises(AssertionError, match="could be shown to everyone"):
        items.check_owners(reading(DropsTheUser))


def test_a_record_that_is_held_may_belong_to_nobody() -> None:
    class Holds(Little):
        def fields(self, one):
            return super().fields(one) | {"scope": Scope(), "hold": "shared-with-all"}

    items.check_owners(reading(Holds))


def test_a_reason_to_hold_that_nobody_explains_is_noticed() -> None:
    class Holds(Little):
        def fields(self, one):
            return super().fields(one) | {"hold": "shared-with-all"}

    with pytest.raises(AssertionError, match="shared-with-all"):
        items.check_holds(reading(Holds), Holds)


def test_a_reason_that_only_one_of_several_forms_explains_is_noticed() -> None:
    class Form(Little):
        holds: ClassVar[Mapping[str, HoldReason]] = {"shared-with-all": HoldReason("Shared ones")}

        def fields(self, one):
            return super().fields(one) | {"hold": "shared-with-all"}

    class Several(Little):
        @classmethod
        def of(cls, config, context):
            return Form(config, context)

    with pytest.raises(AssertionError, match="Several, which the plugin declares"):
        items.check_holds(reading(Several), Several)
    items.check_holds(reading(Form), Form)


def test_a_reason_of_the_host_need_not_be_explained() -> None:
    class Holds(Little):
        def fields(self, one):
            return super().fields(one) | {"hold": "skipped-by-mapping"}

    items.check_holds(reading(Holds), Holds)


# -- what it says of itself --------------------------------------------------------------


def test_a_name_that_cannot_be_typed_is_noticed() -> None:
    class Odd(Little):
        name = "Acme Cloud"

    with pytest.raises(AssertionError, match="typed on the command line"):
        declared.check_name(Odd)


def test_an_option_without_a_word_is_noticed() -> None:
    class Silent(BaseModel):
        depth: int = 3

    with pytest.raises(AssertionError, match="description"):
        declared.check_described(Silent)


def test_a_key_that_is_no_secret_is_noticed() -> None:
    class Open(BaseModel):
        api_key: str = Field("", description="The key.")

    with pytest.raises(AssertionError, match="SecretStr"):
        declared.check_secrets_declared(Open)


def test_a_key_that_only_the_command_line_takes_is_noticed() -> None:
    class Typed(BaseModel):
        api_key: SecretStr = Field(SecretStr(""), description="The key.")

    with pytest.raises(AssertionError, match="history"):
        declared.check_secrets_declared(Typed)


# -- secrets -----------------------------------------------------------------------------


class KeyAsAccount(Little):
    async def check(self) -> SourceCheck:
        return SourceCheck(account=self.config.api_key.get_secret_value(), title="mine")


class KeyInAFinding(Little):
    async def reconcile(self):
        key = self.config.api_key.get_secret_value()
        return [Finding(Severity.INFO, "odd", f"Asked with {key}.")]


class KeyInTheRecord(Little):
    def fields(self, one):
        key = self.config.api_key.get_secret_value()
        return super().fields(one) | {"metadata": {"asked_with": key}}


@pytest.mark.parametrize(
    ("adapter", "lesson"),
    [
        (KeyAsAccount, "the account"),
        (KeyInAFinding, "a finding"),
        (KeyInTheRecord, "a record"),
    ],
)
def test_a_secret_that_is_told_is_noticed(adapter: type[Little], lesson: str) -> None:
    with pytest.raises(AssertionError, match=lesson):
        silence.check_told(reading(adapter), [SECRET])


def test_a_secret_too_short_to_be_looked_for_is_noticed() -> None:
    with pytest.raises(AssertionError, match="8 or more"):
        silence.check_searchable(["any"])


class Prints(Little):
    async def check(self) -> SourceCheck:
        sys.stdout.write("hello\n")
        return await super().check()


class LogsItsKey(Little):
    async def check(self) -> SourceCheck:
        logging.getLogger("little").debug("asking with %s", self.config.api_key.get_secret_value())
        return await super().check()


@pytest.mark.parametrize(
    ("adapter", "test", "lesson"),
    [
        ("Prints", "test_it_prints_nothing", "prints 'hello"),
        ("LogsItsKey", "test_it_tells_no_secret", "stands in the log"),
    ],
)
def test_what_an_adapter_says_aloud_is_noticed(
    pytester: pytest.Pytester, adapter: str, test: str, lesson: str
) -> None:
    pytester.makepyfile(
        f"""
        from unit.testing.test_source_contract import {adapter}, Config
        from synap_import.testing import SourceContract

        class TestIt(SourceContract):
            adapter = {adapter}
            config = Config()
            asks_over_http = False
        """
    )
    ran = pytester.runpytest_inprocess("-p", "no:cacheprovider", "-k", test)
    ran.assert_outcomes(failed=1)
    assert lesson in ran.stdout.str()


# -- bad answers -------------------------------------------------------------------------


class Asks(Little):
    """Asks a server for its one page, as one should."""

    async def check(self) -> SourceCheck:
        self.http = self.context.http_client(base_url="https://little.example.com")
        return await super().check()

    async def pages(self, partition, cursor):
        answer = (await self.http.get("/items")).raise_for_status()
        yield Page([self.record(one) for one in self.items_of(answer)], None)

    def items_of(self, answer: httpx.Response) -> list[dict[str, Any]]:
        try:
            return list(answer.json()["items"])
        except (ValueError, KeyError) as error:
            raise SourceError("The server answers something that is no list of items.") from error


@pytest.mark.parametrize("bad", answers.BAD_ANSWERS, ids=lambda bad: bad.title)
def test_an_adapter_that_refuses_bad_answers_passes(bad: answers.BadAnswer) -> None:
    anyio.run(answers.check_answer, subject(Asks), bad, [SECRET])


class TrustsEveryAnswer(Asks):
    def items_of(self, answer: httpx.Response) -> list[dict[str, Any]]:
        return [one["items"] for one in answer.text]


class TrustsTheShape(Asks):
    def items_of(self, answer: httpx.Response) -> list[dict[str, Any]]:
        return answer.json()["items"]


class TakesErrorsForTheEnd(Asks):
    async def pages(self, partition, cursor):
        await self.http.get("/items")
        yield Page([], None)


class TellsItsKey(Asks):
    def items_of(self, answer: httpx.Response) -> list[dict[str, Any]]:
        raise SourceError(f"Refused: {self.config.api_key.get_secret_value()}")


class LooksIntoRefusals(Asks):
    async def pages(self, partition, cursor):
        answer = await self.http.get("/items")
        yield Page(
            [self.record(one) for one in TypeAdapter(list[dict]).validate_json(answer.text)], None
        )


class TriesByItself(Asks):
    async def pages(self, partition, cursor):
        for _ in range(3):
            try:
                (await self.http.get("/items")).raise_for_status()
            except httpx.HTTPStatusError:
                continue
        raise SourceError("Nothing but errors.")
        yield


_PAGE = answers.BadAnswer(
    "of a web page", 200, "<html>Log in</html>", {"Content-Type": "text/html"}
)
_BUSY = answers.BadAnswer("503", 503, "busy", {"Retry-After": "1"})
_FORBIDDEN = answers.BadAnswer("403", 403)
_SURPRISE = answers.BadAnswer("of another shape", 200, '{"surprise": true}')


@pytest.mark.parametrize(
    ("adapter", "bad", "lesson"),
    [
        (TrustsEveryAnswer, _PAGE, "would see a traceback"),
        (TrustsTheShape, _SURPRISE, "of another shape ends as KeyError"),
        (TakesErrorsForTheEnd, _FORBIDDEN, "taken for an account with 0 records"),
        (LooksIntoRefusals, _FORBIDDEN, "raise_for_status.. on every answer, first"),
        (TellsItsKey, _PAGE, "A secret stands in the error"),
        (TriesByItself, _BUSY, "multiplies the attempts"),
    ],
)
def test_an_adapter_that_takes_bad_answers_badly_is_noticed(
    adapter: type[Little], bad: answers.BadAnswer, lesson: str
) -> None:
    with pytest.raises(AssertionError, match=lesson):
        anyio.run(answers.check_answer, subject(adapter), bad, [SECRET])


# -- a service that grows ---------------------------------------------------------------


class Item(BaseModel):
    """What Acme's items are known to have."""

    id: str
    text: str


class StrictItem(Item, extra="forbid"):
    """It is surprised by anything more."""

    owner: str
    learned_at: str


class KeepsWhatItKnows(Acme):
    async def pages(self, partition, cursor):
        async for page in super().pages(partition, cursor):
            known = [Item.model_validate(one.raw).model_dump() for one in page.records]
            records = [
                one.model_copy(update={"raw": raw})
                for one, raw in zip(page.records, known, strict=True)
            ]
            yield Page(records, page.cursor)


class WantsNothingNew(Acme):
    async def pages(self, partition, cursor):
        async for page in super().pages(partition, cursor):
            TypeAdapter(list[StrictItem]).validate_python([one.raw for one in page.records])
            yield page


class CannotReadWhatIsNew(Acme):
    async def pages(self, partition, cursor):
        async for page in super().pages(partition, cursor):
            new = [one for one in page.records if variations.FIELD in one.raw]
            odd = [Unreadable(one.id, "more than expected") for one in new]
            yield Page([one for one in page.records if one not in new], page.cursor, odd)


def grown(adapter: type[Acme], taped: Path, folder: Path) -> None:
    of = Subject(adapter, AcmeConfig(api_key=SecretStr(KEY)))
    with replay(taped):
        today = anyio.run(walk, of)
    variations.check_new_field(of, today, taped, folder)


@pytest.mark.parametrize(
    ("adapter", "lesson"),
    [
        (KeepsWhatItKnows, "is in no record. Give the item as it came"),
        (WantsNothingNew, "have one field more ends the run"),
        (CannotReadWhatIsNew, "becomes no record, but unreadable: memory-1: more than expected"),
    ],
)
def test_an_adapter_that_is_not_ready_for_new_fields_is_noticed(
    adapter: type[Acme], lesson: str, taped: Path, newer: Path
) -> None:
    with pytest.raises(AssertionError, match=lesson):
        grown(adapter, taped, newer)


def test_an_adapter_that_keeps_the_item_keeps_what_is_new(taped: Path, newer: Path) -> None:
    grown(Acme, taped, newer)


# -- a service that has lost its times -----------------------------------------------------


class MakesTimesUp(Acme):
    async def pages(self, partition, cursor):
        async for page in super().pages(partition, cursor):
            yield Page([one.model_copy(update=self.times(one.raw)) for one in page.records], None)

    def times(self, raw):
        said = raw["learned_at"]
        return {"created_at": datetime.fromisoformat(said) if said else datetime.now(UTC)}


class CannotDoWithoutTimes(MakesTimesUp):
    def times(self, raw):
        return {"created_at": datetime.fromisoformat(raw["learned_at"])}


class LeavesTimesOut(MakesTimesUp):
    def times(self, raw):
        return {"created_at": raw["learned_at"] and datetime.fromisoformat(raw["learned_at"])}


def timeless(adapter: type[Acme], taped: Path, folder: Path) -> None:
    of = Subject(adapter, AcmeConfig(api_key=SecretStr(KEY)))
    variations.check_missing_times(of, taped, folder)


@pytest.mark.parametrize(
    ("adapter", "lesson"),
    [
        (MakesTimesUp, "is the time of reading"),
        (CannotDoWithoutTimes, "whose times are null ends as TypeError"),
    ],
)
def test_an_adapter_that_cannot_leave_a_time_out_is_noticed(
    adapter: type[Acme], lesson: str, taped: Path, newer: Path
) -> None:
    with pytest.raises(AssertionError, match=lesson):
        timeless(adapter, taped, newer)


def test_an_adapter_that_leaves_out_a_time_that_is_not_there_passes(
    taped: Path, newer: Path
) -> None:
    timeless(LeavesTimesOut, taped, newer)


# -- a server that is stuck --------------------------------------------------------------


class TakesEachPageForANewOne(Acme):
    def refuse_repetition(self, page):
        pass


@pytest.fixture
def newer(tmp_path: Path) -> Path:
    """Where the cassette of tomorrow is written."""
    folder = tmp_path / "tomorrow"
    folder.mkdir()
    return folder


@pytest.fixture
def taped(tmp_path: Path, head: Provenance) -> Path:
    """Three pages of Acme, as a cassette."""
    path = tmp_path / "reading.yaml"
    with service() as url, record(path, head, Scrubber()):
        anyio.run(walk, Subject(Acme, AcmeConfig(url=url, api_key=SecretStr(KEY))))
    return path


def stuck(adapter: type[Acme], taped: Path) -> None:
    anyio.run(
        repeating.check_repeating, Subject(adapter, AcmeConfig(api_key=SecretStr(KEY))), taped
    )


def test_an_adapter_that_asks_a_stuck_server_for_ever_is_noticed(taped: Path) -> None:
    with pytest.raises(AssertionError, match="A run would never end"):
        stuck(TakesEachPageForANewOne, taped)


def test_an_adapter_that_notices_a_stuck_server_passes(taped: Path) -> None:
    stuck(Acme, taped)


class TakesTheCursorFromTheLastItem(Acme):
    async def pages(self, partition, cursor):
        async for page in super().pages(partition, cursor):
            yield Page(page.records, page.cursor and page.records[-1].id)


def test_an_adapter_that_wants_something_on_every_page_is_noticed(taped: Path) -> None:
    of = Subject(TakesTheCursorFromTheLastItem, AcmeConfig(api_key=SecretStr(KEY)))
    with pytest.raises(AssertionError, match="whose list is empty ends as IndexError"):
        anyio.run(repeating.check_empty, of, taped)


def test_an_adapter_that_takes_a_page_with_nothing_on_it_passes(taped: Path) -> None:
    of = Subject(Acme, AcmeConfig(api_key=SecretStr(KEY)))
    anyio.run(repeating.check_empty, of, taped)


def test_a_cassette_with_a_secret_is_noticed(pytester: pytest.Pytester, tmp_path: Path) -> None:
    cassette = tmp_path / "reading.yaml"
    cassette.write_text(
        "provenance: {kind: constructed, source: little, version: '1', how: by hand,"
        " validated: by nobody,"
        " date: '2025-06-01'}\nversion: 1\ninteractions:\n"
        "- request: {method: GET, uri: 'https://x.example.com', body: null, headers: {}}\n"
        "  response: {status: {code: 200, message: OK}, headers: {}, body: {string: "
        f"'Bearer {KEY}'}}}}\n"
    )
    pytester.makepyfile(
        f"""
        from pathlib import Path
        from unit.testing.test_source_contract import Little, Config
        from synap_import.testing import SourceContract

        class TestIt(SourceContract):
            adapter = Little
            config = Config()
            cassette = Path({str(cassette)!r})
            asks_over_http = False
        """
    )
    ran = pytester.runpytest_inprocess("-p", "no:cacheprovider", "-k", "test_the_cassette")
    ran.assert_outcomes(failed=2)
    assert "must not be shared" in ran.stdout.str()
    assert "was not played to its end" in ran.stdout.str()
