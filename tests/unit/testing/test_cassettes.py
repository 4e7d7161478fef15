"""What is recorded can be played again, and nothing else can."""

from __future__ import annotations

from pathlib import Path

import anyio
import httpx
import pytest
import yaml
from vcr.errors import CannotOverwriteExistingCassetteException

from support.acme import EMAIL, KEY, SECRETS, Acme, Config
from synap_import import SourceError
from synap_import.testing import (
    Bounds,
    Scrubber,
    read_provenance,
    read_source,
    record,
    replay,
)
from synap_import.testing.cassettes import cassette_text


@pytest.fixture
def cassette(tmp_path, service, head) -> Path:
    """The whole account, recorded."""
    path = tmp_path / "account.yaml"
    with record(path, head, Scrubber([KEY])):
        anyio.run(read_source, Acme, Config(url=service, api_key=KEY))
    return path


def read_again(bounds: Bounds | None = None, key: str = "another"):
    return anyio.run(read_source, Acme, Config(api_key=key), bounds)


def test_a_recording_played_again_gives_the_same_records(cassette) -> None:
    with replay(cassette):
        reading = read_again()
    assert [record.id for record in reading.records] == ["memory-1", "memory-2", "memory-3"]


def test_a_recording_says_where_it_comes_from(cassette, head) -> None:
    assert cassette.read_text().startswith("provenance:\n  kind: constructed\n")
    assert read_provenance(cassette) == head


def test_no_secret_of_the_account_is_in_the_recording(cassette) -> None:
    text = cassette.read_text()
    assert [name for name, secret in SECRETS.items() if secret in text] == []


def test_headers_are_kept_by_name(cassette) -> None:
    exchanges = yaml.safe_load(cassette.read_text())["interactions"]
    assert {name for one in exchanges for name in one["request"]["headers"]} == {"accept"}
    assert {name for one in exchanges for name in one["response"]["headers"]} == {"content-type"}


def test_a_refusal_that_quotes_the_key_is_recorded_without_it(tmp_path, service, head) -> None:
    path, wrong = tmp_path / "refused.yaml", "m0-" + "wr0ng0123456789abcdef"
    with record(path, head, Scrubber([wrong])), pytest.raises(SourceError):
        anyio.run(read_source, Acme, Config(url=service, api_key=wrong))
    assert wrong not in path.read_text()
    with replay(path), pytest.raises(SourceError, match="refuses the key"):
        read_again()


def test_an_exchange_that_nobody_asked_for_fails_the_replay(cassette) -> None:
    told = r"played to its end: GET .*page=2, GET .*page=3"
    with pytest.raises(AssertionError, match=told), replay(cassette):
        read_again(Bounds(pages=1))


def test_what_is_left_over_may_be_allowed(cassette) -> None:
    with replay(cassette, all_played=False):
        assert len(read_again(Bounds(pages=1)).records) == 1


def test_a_request_that_is_not_in_the_cassette_fails(cassette) -> None:
    unknown = pytest.raises(CannotOverwriteExistingCassetteException)
    with replay(cassette, all_played=False), unknown:
        httpx.get("https://api.acme.example.com/ping?more=1")


@pytest.fixture
def asked(tmp_path, head) -> Path:
    """One question with a body, and its answer."""
    path = tmp_path / "asked.yaml"
    question = {"method": "POST", "uri": "https://h.example.com/list", "headers": {}}
    answered = {"status": {"code": 200, "message": "OK"}, "headers": {}, "body": {"string": "{}"}}
    exchange = {"request": {**question, "body": '{"a":1,"b":2}'}, "response": answered}
    path.write_text(cassette_text(head, [exchange]))
    return path


def test_the_same_json_is_the_same_question_however_it_is_written(asked) -> None:
    with replay(asked):
        assert httpx.post("https://h.example.com/list", content='{"b": 2, "a": 1}').is_success


@pytest.mark.parametrize(
    ("method", "target", "body"),
    [
        ("PUT", "/list", '{"a":1,"b":2}'),
        ("POST", "/lists", '{"a":1,"b":2}'),
        ("POST", "/list", "{"),
    ],
)
def test_another_method_path_or_body_is_another_question(asked, method, target, body) -> None:
    unknown = pytest.raises(CannotOverwriteExistingCassetteException)
    with replay(asked, all_played=False), unknown:
        httpx.request(method, f"https://h.example.com{target}", content=body)


def test_a_key_in_the_query_need_not_be_the_recorded_one(tmp_path, service, head) -> None:
    path, headers = tmp_path / "query.yaml", {"Authorization": f"Token {KEY}"}
    with record(path, head, Scrubber([KEY])), httpx.Client(headers=headers) as client:
        client.get(f"{service}/ping?api_key={KEY}&page=1")
    assert "api_key=secret_1&page=1" in path.read_text()
    with replay(path), httpx.Client() as client:
        assert client.get("http://elsewhere.example.com/ping?page=1&api_key=mine").is_success


def test_a_recording_is_never_written_over(cassette, head) -> None:
    with pytest.raises(FileExistsError), record(cassette, head, Scrubber()):
        pass


def test_a_recording_with_a_leak_is_not_written(tmp_path, service, head) -> None:
    class Blind(Scrubber):
        def text(self, text: str) -> str:
            return text

    path = tmp_path / "leak.yaml"
    told = r"not written: .*an e-mail address at team\.test"
    with pytest.raises(ValueError, match=told), record(path, head, Blind()):
        httpx.get(f"{service}/?mail={EMAIL}")
    assert not path.exists()


def test_a_cassette_without_a_head_is_not_played(tmp_path) -> None:
    path = tmp_path / "plain.yaml"
    path.write_text("version: 1\ninteractions: []\n")
    told = r"plain\.yaml does not say where it comes from"
    with pytest.raises(ValueError, match=told), replay(path):
        pass
