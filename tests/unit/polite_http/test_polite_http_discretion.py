from __future__ import annotations

import asyncio
import logging
import traceback

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from synap_import.errors import SourceError, SourceUnavailableError, SynapImportError
from synap_import.polite_http import explain_status, polite_client, redact_url

SECRET = "geheim"
PATH = f"/memories?api_key={SECRET}&page=2&access%5Ftoken={SECRET}"
HEADERS = {"Authorization": f"Bearer {SECRET}", "X-Api-Key": SECRET}


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("https://ann:pw@h.io:8443/v1?page=2#frag", "https://h.io:8443/v1?page=2"),
        ("https://h.io/?api_key=x&Token=y&q=a%26b", "https://h.io/?api_key=***&Token=***&q=a%26b"),
        ("https://h.io/?X-Amz-Signature=x&flag", "https://h.io/?X-Amz-Signature=***&flag"),
        ("https://h.io/a%0Ab", "https://h.io/a%0Ab"),
        ("/relative?password=x", "/relative?password=***"),
        ("https://h.io:notaport/", "***"),
    ],
)
def test_a_url_is_shown_without_its_secrets(url, shown):
    assert redact_url(url) == shown


@given(st.text())
def test_any_text_can_be_shown_as_a_url(text):
    assert "\n" not in redact_url(text)


@pytest.mark.parametrize("answers", [[None], [b"garbage\r\n\r\n"]])
def test_errors_hold_no_secret(server, talk, answers):
    server.answers = answers
    talk.url = talk.url.replace("//", f"//ann:{SECRET}@")

    with pytest.raises(SynapImportError) as caught:
        talk.request("GET", PATH, headers=HEADERS, max_attempts=2)

    assert SECRET not in "".join(traceback.format_exception(caught.value))
    assert server.seen


def test_a_key_with_a_line_break_is_refused_without_showing_it(talk, caplog):
    caplog.set_level(logging.DEBUG)

    with pytest.raises(SourceError, match="line break") as caught:
        talk.request(headers={"Authorization": f"Bearer {SECRET}\n"})

    assert SECRET not in "".join(traceback.format_exception(caught.value)) + caplog.text


def test_log_lines_hold_no_secret(server, talk, answering, caplog):
    server.answers = [answering(503, SECRET.encode()), answering(200, SECRET.encode())]
    caplog.set_level(logging.DEBUG)

    talk.request("GET", PATH, headers=HEADERS)

    assert "/memories?api_key=***&page=2" in caplog.text
    assert "next attempt in" in caplog.text
    assert SECRET not in caplog.text


def test_headers_and_secrets_do_reach_the_server(server, talk):
    talk.request("GET", PATH, headers=HEADERS)

    assert server.seen[0].target == PATH
    assert server.seen[0].headers["authorization"] == f"Bearer {SECRET}"


def test_a_redirect_to_another_host_is_not_followed(server, talk, answering):
    server.answers = [answering(302, Location="http://127.0.0.1:1/steal")]

    response = talk.request(headers=HEADERS)

    assert (response.status_code, len(server.seen)) == (302, 1)


@pytest.mark.parametrize(
    ("status", "kind", "words"),
    [
        (302, SourceError, "points to another address, http://other.test/?key=***"),
        (401, SourceError, "refuses the key"),
        (503, SourceUnavailableError, "cannot answer right now"),
        (404, SourceError, "does not answer as expected (HTTP 404)"),
    ],
)
def test_an_answer_that_an_adapter_refuses_is_told_without_secrets(status, kind, words):
    response = httpx.Response(
        status,
        headers={"Location": f"http://other.test/?key={SECRET}"},
        request=httpx.Request("GET", f"https://h.io{PATH}"),
    )

    with pytest.raises(httpx.HTTPStatusError) as refused:
        response.raise_for_status()
    told = explain_status(refused.value)

    assert type(told) is kind
    assert words in str(told)
    assert "https://h.io/memories?api_key=***" in str(told)
    assert SECRET not in str(told)


def test_an_address_without_scheme_is_told():
    async def send():
        async with polite_client(base_url="api.acme.io") as client:
            await client.get("/v1")

    with pytest.raises(SourceError, match="is not an http address"):
        asyncio.run(send())


def test_the_proxy_of_the_environment_is_used(server, talk, monkeypatch):
    monkeypatch.setenv("HTTP_PROXY", server.url)
    monkeypatch.setenv("NO_PROXY", "")
    talk.url = "http://memories.invalid"

    assert talk.request("GET", "/v1").status_code == 200
    assert server.seen[0].target == "http://memories.invalid/v1"
