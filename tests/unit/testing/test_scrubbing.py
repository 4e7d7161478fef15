"""What is taken out of an exchange, and what stays as it was."""

from __future__ import annotations

import hashlib
import json
from typing import Any

import pytest

from support.acme import EMAIL, KEY, ORG
from synap_import.testing import Scrubber


def exchange(
    answer: str = "", *, url: str = "https://api.acme.test/", asked: str = "", **headers: str
) -> dict[str, Any]:
    return {
        "request": {"method": "POST", "uri": url, "body": asked, "headers": {}},
        "response": {
            "status": {"code": 200, "message": "OK"},
            "headers": {name: [value] for name, value in headers.items()},
            "body": {"string": answer},
        },
    }


def scrubbed(*exchanges: dict[str, Any], **known: Any) -> list[dict[str, Any]]:
    return Scrubber(**known).exchanges(exchanges)


def answer_of(content: Any, **known: Any) -> Any:
    [one] = scrubbed(exchange(json.dumps(content)), **known)
    return json.loads(one["response"]["body"]["string"])


def url_of(url: str, **known: Any) -> str:
    [one] = scrubbed(exchange(url=url), **known)
    return str(one["request"]["uri"])


@pytest.mark.parametrize("digest", ["md5", "sha1", "sha256"])
def test_a_key_goes_wherever_it_stands_and_so_do_its_digests(digest) -> None:
    fingerprint = hashlib.new(digest, KEY.encode()).hexdigest()
    told = answer_of({"said": f"your key is {KEY}!", "print": fingerprint}, secrets=[KEY])
    assert told == {"said": "your key is secret_1!", "print": "secret_1_digest"}


@pytest.mark.parametrize("given", [" {} ", "Bearer {}"])
def test_a_key_goes_although_it_was_given_with_something_around_it(given) -> None:
    plain = "abcdefgh-ijklmnop"
    assert plain not in answer_of({"said": plain}, secrets=[given.format(plain)])["said"]


def test_a_key_that_nobody_named_is_known_by_its_form() -> None:
    assert answer_of({"hint": f"not {KEY}"}) == {"hint": "not secret_1"}


def test_a_key_in_an_address_goes_although_it_is_encoded_there() -> None:
    odd = "a key/with+signs"
    url = url_of("https://api.acme.test/k/a%20key%2Fwith%2Bsigns", secrets=[odd])
    assert url.endswith("/k/secret_1")


@pytest.mark.parametrize("name", ["api_key", "apiKey", "access_token", "password", "JWT"])
def test_what_a_secret_is_called_is_enough(name) -> None:
    assert answer_of({name: "plain"}) == {name: "secret_1"}


@pytest.mark.parametrize("name", ["keywords", "author", "session_id", "max_tokens", "key"])
def test_a_name_that_only_looks_like_a_secret_is_none(name) -> None:
    assert answer_of({name: "plain"}) == {name: "plain"}


def test_ids_of_the_tenant_become_the_same_word_in_all_exchanges() -> None:
    before = exchange(url=f"https://api.acme.test/orgs/{ORG}/memories")
    after = exchange(json.dumps({"org_id": ORG, "next": f"https://api.acme.test/{ORG}?page=2"}))
    first, second = scrubbed(before, after)
    assert first["request"]["uri"].endswith("/orgs/org_1/memories")
    assert second["response"]["body"]["string"].count("org_1") == 2


def test_a_plain_word_that_is_the_tenants_name_goes_from_its_own_field_only() -> None:
    [one] = scrubbed(
        exchange('{"project":"memories"}', url="https://api.acme.test/v1/memories/"),
    )
    assert one["request"]["uri"].endswith("/v1/memories/")
    assert one["response"]["body"]["string"] == '{"project":"project_1"}'


def test_what_names_the_tenant_inside_of_its_object_goes_too() -> None:
    told = answer_of({"organization": {"id": 77, "name": "Acme", "created_at": "2026-01-01"}})
    assert told == {"organization": {"id": 1, "name": "org_1", "created_at": "2026-01-01"}}


def test_what_names_each_of_several_tenants_goes_too() -> None:
    told = answer_of({"projects": [{"id": "a-1", "name": "Secret plan"}]})
    assert told == {"projects": [{"id": "project_1", "name": "project_2"}]}


def test_an_address_becomes_one_at_example_com_and_two_stay_two() -> None:
    told = answer_of({"user_id": EMAIL, "text": f"{EMAIL} wrote to boss@team.test"})
    assert told == {
        "user_id": "person-1@example.com",
        "text": "person-1@example.com wrote to person-2@example.com",
    }


def test_an_address_goes_from_the_question_as_from_the_answer() -> None:
    asked = json.dumps({"filters": {"user_id": EMAIL}})
    [one] = scrubbed(exchange(asked=asked, url="https://api.acme.test/?q=canary%40team.test"))
    assert one["request"]["body"] == '{"filters":{"user_id":"person-1@example.com"}}'
    assert one["request"]["uri"].endswith("?q=person-1@example.com")


def test_a_host_goes_unless_it_is_the_vendors_own_or_this_computer() -> None:
    hosts = ["api.acme.test", "127.0.0.1:8000", "mem0.internal.test:8888"]
    urls = [url_of(f"https://{host}/x", public_hosts=["api.acme.test"]) for host in hosts]
    assert urls == [
        "https://api.acme.test/x",
        "https://127.0.0.1:8000/x",
        "https://source-1.example.com:8888/x",
    ]


def test_a_host_that_is_scrubbed_goes_from_the_answers_too() -> None:
    body = '{"next":"https://mem0.internal.test/x?page=2"}'
    [one] = scrubbed(exchange(body, url="https://mem0.internal.test/x"))
    assert one["response"]["body"]["string"] == '{"next":"https://source-1.example.com/x?page=2"}'


def test_credentials_in_an_address_go() -> None:
    assert url_of("https://me:hunter2@api.acme.test/x") == "https://source-1.example.com/x"


def test_an_ip_address_becomes_one_for_documentation_and_loopback_stays() -> None:
    told = answer_of({"host": "10.1.2.3", "own": "127.0.0.1"})
    assert told == {"host": "192.0.2.1", "own": "127.0.0.1"}


def test_a_body_without_anything_to_hide_stays_as_it_was_to_the_byte() -> None:
    body = '{ "results" : [ {"memory":"caf\\u00e9", "n": 1.50} ] }'
    [one] = scrubbed(exchange(body))
    assert one["response"]["body"]["string"] == body


def test_a_body_that_breaks_off_is_scrubbed_as_text() -> None:
    body = f'{{"org_id": "{ORG}", "api_key":"plain", "results": [{{"memory": "of {EMAIL}'
    [one] = scrubbed(exchange(body))
    assert one["response"]["body"]["string"] == (
        '{"org_id": "org_1", "api_key":"secret_1", "results": [{"memory": "of person-1@example.com'
    )


def test_a_body_that_is_not_text_is_refused() -> None:
    with pytest.raises(ValueError, match="not text"):
        scrubbed(exchange(b"\xff\xfe"))  # type: ignore[arg-type]


def test_headers_that_are_not_on_the_list_go() -> None:
    [one] = scrubbed(exchange(**{"Retry-After": "2", "Set-Cookie": "a=b", "X-Request-Id": "7"}))
    assert one["response"]["headers"] == {"retry-after": ["2"]}


def test_scrubbing_what_is_scrubbed_changes_nothing() -> None:
    told = {"org_id": ORG, "user_email": EMAIL, "api_key": KEY, "host": "10.0.0.9"}
    once = scrubbed(exchange(json.dumps(told), url=f"https://h.test/{ORG}?token=x"))
    assert scrubbed(*once) == once


@pytest.mark.parametrize("name", ["secrets", "tool_exec_environment_variables"])
def test_what_programs_are_given_to_run_with_is_secret_whatever_it_is_called(name) -> None:
    told = answer_of({name: [{"key": "CRM", "value": "hunter2", "value_enc": "x9"}]})
    assert told == {name: [{"key": "CRM", "value": "secret_1", "value_enc": "secret_2"}]}


def test_the_id_that_an_application_knows_a_user_by_is_no_key() -> None:
    assert answer_of({"identifier_key": "cust_0002"}) == {"identifier_key": "cust_0002"}


def test_an_answer_can_be_shortened_and_what_is_left_is_still_scrubbed() -> None:
    told = answer_of({"prompt": "long", "key": KEY}, edit=lambda item: {**item, "prompt": "…"})
    assert told == {"prompt": "…", "key": "secret_1"}


def test_a_question_is_not_shortened() -> None:
    [one] = scrubbed(exchange(asked='{"limit":1}'), edit=lambda _: None)
    assert one["request"]["body"] == '{"limit":1}'
