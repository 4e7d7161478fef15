"""Which organization, which password: what a real Letta V1 server 0.16.8 answers."""

from __future__ import annotations

import pytest

from letta_support.recorded import answered, cassette, exchanges, read_cassette
from synap_import import SourceError
from synap_import.testing import load_cassette


def accounts() -> dict[str, str]:
    """The users of the recorded server, by their organization."""
    asked = (one for one in exchanges("server_other_organization"))
    listed = next(one for one in asked if "/v1/admin/users/" in one["request"]["uri"])
    return {one["organization_id"]: one["id"] for one in answered(listed)}


def test_another_organization_is_read_through_one_of_its_users() -> None:
    [_, other] = accounts().values()
    reading = read_cassette("server_other_organization", organization=other)
    texts = {one.text for one in reading.records}
    assert {"Only among us.", "Not for everybody no. 0", "Not for everybody no. 1"} <= texts
    assert "Long chat no. 0: 0." not in texts


def test_an_organizations_own_id_will_do() -> None:
    [organization, _] = reversed(accounts())
    reading = read_cassette("server_other_organization", organization=organization)
    assert "Only among us." in {one.text for one in reading.records}


def test_vectors_of_passages_are_dropped_whole() -> None:
    sent = [
        passage["embedding"]
        for one in exchanges("server_other_organization")
        if "archival-memory" in one["request"]["uri"]
        for passage in answered(one)
    ]
    assert {len(vector) for vector in sent} == {4096}
    [_, other] = accounts().values()
    reading = read_cassette("server_other_organization", organization=other)
    found = [one for one in reading.records if one.id.startswith("passage-")]
    assert len(found) == 2
    assert max(len(one.model_dump_json()) for one in found) < 2_000


def test_an_organization_that_is_not_there_is_refused_with_those_that_are() -> None:
    wrong = "org-11111111-1111-4111-8111-111111111111"
    with pytest.raises(SourceError, match=f"no organization {wrong}") as refused:
        read_cassette("server_no_such_organization", organization=wrong)
    assert "org_1, org_2" in (refused.value.remedy or "")


def test_a_secure_server_wants_its_password_and_the_words_say_where_it_goes() -> None:
    with pytest.raises(SourceError, match="is secured and wants its password") as refused:
        read_cassette("server_secure")
    assert "LETTA_API_KEY" in (refused.value.remedy or "")


def test_a_wrong_password_is_called_wrong() -> None:
    with pytest.raises(SourceError, match="does not accept the password") as refused:
        read_cassette("server_wrong_password", api_key="not-the-password")
    assert "LETTA_SERVER_PASSWORD" in (refused.value.remedy or "")


def test_with_the_right_password_a_secure_server_is_read() -> None:
    [_, other] = accounts().values()
    reading = read_cassette("server_right_password", api_key="the-password", organization=other)
    assert "Only among us." in {one.text for one in reading.records}


def test_the_recorded_password_is_in_no_cassette() -> None:
    for path in cassette("x").parent.glob("*.yaml"):
        assert "recorded-password" not in str(load_cassette(path.read_text("utf-8")))
