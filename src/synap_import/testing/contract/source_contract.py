"""The class that an author of an adapter subclasses.

PYTEST_DONT_REWRITE
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import pytest

from synap_import.testing.cassettes import replay
from synap_import.testing.configured import secrets_of
from synap_import.testing.leak_search import leaks
from synap_import.testing.provenance import load_cassette, read_provenance

from . import answers, declared, items, places, repeating, silence, taping, variations
from .running import run
from .walks import Subject, Walk, walk

if TYPE_CHECKING:
    from pydantic import BaseModel

    from synap_import.sources import Source

# What they log of a connection or a cassette is not the adapter's doing.
_LOGGING = ("asyncio", "httpcore", "httpx", "vcr")
_UNREADABLE = pytest.StashKey[str]()


class SourceContract:
    """What every adapter promises its host, one test each.

    Subclass it, name the adapter, a configuration, and a cassette that holds one whole reading:

        class TestAcme(SourceContract):
            adapter = Acme
            config = Config(api_key="acme-key-for-tests")
            cassette = Path(__file__).parent / "reading.yaml"

    One that is not there is recorded from the real service with ``--record-cassettes=missing``.
    An adapter of files needs none. ``answered`` can be overridden by whoever starts a server
    of their own. ``asks_over_http`` False leaves out the tests of bad answers, for an adapter that
    speaks something else.
    """

    adapter: ClassVar[type[Source[Any]]]
    config: ClassVar[BaseModel]
    cassette: ClassVar[Path | None] = None
    asks_over_http: ClassVar[bool] = True

    def answered(self, *, repeats: bool = False) -> AbstractContextManager[object]:
        """A place where the source answers, for one reading.

        With ``repeats`` what was answered once is answered as often as it is asked.
        """
        if self.cassette is None:
            return nullcontext()
        return replay(self.cassette, all_played=False, repeats=repeats)

    @property
    def _subject(self) -> Subject:
        return Subject(self.adapter, self.config)

    @pytest.fixture
    def read_all(self, request: pytest.FixtureRequest) -> Callable[[], Walk]:
        """Reads all of it, each time that it is called.

        What cannot be read at all fails one test; the others of the class say which, and are left
        out.
        """
        told = request.node.parent.stash

        def read() -> Walk:
            __tracebackhide__ = True
            if _UNREADABLE in told:
                pytest.skip(f"nothing can be read, see {told[_UNREADABLE]}")
            try:
                taping.provide(self.cassette, self._subject, request.config)
                return run(walk, self._subject, within=self.answered())
            except Exception:
                told[_UNREADABLE] = request.node.name
                raise

        return read

    @pytest.fixture
    def reading(self, read_all: Callable[[], Walk]) -> Walk:
        """One whole reading."""
        return read_all()

    def test_its_name_can_be_typed(self) -> None:
        declared.check_name(self.adapter)

    def test_every_option_says_what_it_is_for(self) -> None:
        declared.check_described(self.adapter.Config)

    def test_keys_are_secrets_and_come_from_the_environment(self) -> None:
        declared.check_secrets_declared(self.adapter.Config)

    def test_something_is_read(self, read_all: Callable[[], Walk]) -> None:
        items.check_some(read_all())

    def test_pages_end_and_partitions_are_told_apart(self, reading: Walk) -> None:
        places.check_pages(reading)

    def test_unreadable_items_are_told_apart(self, reading: Walk) -> None:
        places.check_unreadable(reading)

    def test_a_run_goes_on_from_every_cursor(self, reading: Walk) -> None:
        if not any(page.cursor for page in reading.pages):
            pytest.skip("no partition has a second page: nothing to go on from")
        answered = partial(self.answered, repeats=True)
        run(places.check_resume, self._subject, reading, answered)

    def test_ids_are_the_sources_own(self, reading: Walk) -> None:
        items.check_ids(reading)

    def test_two_readings_are_the_same(self, read_all: Callable[[], Walk]) -> None:
        items.check_same_twice(read_all(), read_all())

    def test_times_are_the_sources_own(self, read_all: Callable[[], Walk]) -> None:
        began = datetime.now(UTC)
        items.check_times(read_all(), began, datetime.now(UTC))

    @pytest.mark.usefixtures("reading")
    def test_a_time_that_the_source_does_not_have_is_none(self, tmp_path: Path) -> None:
        if self.cassette is None:
            pytest.skip("this adapter has no cassette")
        variations.check_missing_times(self._subject, self.cassette, tmp_path)

    def test_owners_are_kept(self, reading: Walk) -> None:
        items.check_owners(reading)

    def test_reasons_to_hold_are_explained(self, reading: Walk) -> None:
        items.check_holds(reading, self.adapter)

    def test_texts_are_kept(self, reading: Walk) -> None:
        items.check_texts(reading)

    def test_the_item_itself_is_kept(self, reading: Walk) -> None:
        items.check_raw(reading)

    def test_a_field_that_the_source_adds_is_kept(self, reading: Walk, tmp_path: Path) -> None:
        if self.cassette is None:
            pytest.skip("this adapter has no cassette")
        variations.check_new_field(self._subject, reading, self.cassette, tmp_path)

    def test_everyone_who_owns_a_record_is_told_of(self, reading: Walk) -> None:
        places.check_scopes(reading)

    def test_it_tells_no_secret(
        self,
        read_all: Callable[[], Walk],
        caplog: pytest.LogCaptureFixture,
        capfd: pytest.CaptureFixture[str],
    ) -> None:
        secrets = secrets_of(self.config)
        silence.check_searchable(secrets)
        for library in _LOGGING:
            caplog.set_level("CRITICAL", logger=library)
        # At last, because the level is that of the capture too.
        caplog.set_level("DEBUG")
        silence.check_told(read_all(), secrets)
        logged = "\n".join(one.getMessage() for one in caplog.records)
        silence.check_text(logged, secrets, "the log")
        silence.check_text("".join(capfd.readouterr()), secrets, "what is printed")

    def test_it_prints_nothing(
        self, read_all: Callable[[], Walk], capfd: pytest.CaptureFixture[str]
    ) -> None:
        read_all()
        printed = "".join(capfd.readouterr())
        assert not printed, (
            f"The adapter prints {printed[:80]!r}, which would stand in the middle of the host's "
            "output. Return a finding, or log it."
        )

    @pytest.mark.parametrize("bad", answers.BAD_ANSWERS, ids=lambda bad: bad.title)
    def test_a_bad_answer_becomes_a_sentence(self, bad: answers.BadAnswer) -> None:
        if not self.asks_over_http:
            pytest.skip("this adapter does not ask over HTTP")
        run(answers.check_answer, self._subject, bad, secrets_of(self.config))

    @pytest.mark.usefixtures("reading")
    def test_a_server_that_repeats_a_page_does_not_keep_it_busy(self) -> None:
        if self.cassette is None or not self.asks_over_http:
            pytest.skip("this adapter has no cassette of answers over HTTP")
        run(repeating.check_repeating, self._subject, self.cassette)

    @pytest.mark.usefixtures("reading")
    def test_an_account_without_anything_ends_in_no_traceback(self) -> None:
        if self.cassette is None or not self.asks_over_http:
            pytest.skip("this adapter has no cassette of answers over HTTP")
        run(repeating.check_empty, self._subject, self.cassette)

    def test_the_cassette_says_where_it_comes_from_and_holds_no_secret(
        self, request: pytest.FixtureRequest
    ) -> None:
        if self.cassette is None:
            pytest.skip("this adapter has no cassette")
        taping.provide(self.cassette, self._subject, request.config)
        read_provenance(self.cassette)
        content = load_cassette(self.cassette.read_text("utf-8"))
        found = leaks(content)
        assert not found, f"{self.cassette.name} must not be shared: {'; '.join(found)}"
        silence.check_text(str(content), secrets_of(self.config), self.cassette.name)

    @pytest.mark.usefixtures("reading")
    def test_the_cassette_is_played_to_its_end(self) -> None:
        if self.cassette is None:
            pytest.skip("this adapter has no cassette")
        run(walk, self._subject, within=replay(self.cassette))
