"""What looks like a secret or personal data is found, and masked where it is sent."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from support.sources import record
from synap_import.documents import Document, make_document
from synap_import.errors import ConfigurationError
from synap_import.forms import DocumentForm
from synap_import.ledger import Claimed
from synap_import.preflight import masking, privacy
from synap_import.preflight.marks import Mark
from synap_import.preflight.privacy import Privacy

# Made up, and cut in two so that no scanner of this repository takes them for real.
AWS = "AKIA" + "IOSFODNN7EXAMPLE"
GITHUB = "ghp_" + "abcdefghijklmnopqrstuvwxyz0123456789"
JWT = "eyJhbGciOiJIUzI1NiJ9" + ".eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9Plg"
KEY = "-----BEGIN RSA " + "PRIVATE KEY-----\nMIIEow\nAKCAQ\n-----END RSA PRIVATE KEY-----"

SECRETS = [
    ("my password is hunter2x, do not tell", "my password is [secret removed], do not tell"),
    (f"the key {AWS} is used", "the key [secret removed] is used"),
    (f"{GITHUB} for the pipeline", "[secret removed] for the pipeline"),
    (f"Authorization: Bearer {JWT}", "Authorization: Bearer [secret removed]"),
    (f"before {KEY} after", "before [secret removed] after"),
    ("https://bob:s3cr3tpw@host.example/x", "https://bob:[secret removed]/x"),
]
PERSONAL = [
    ("write to ada.l+x@mail.example.org.", "write to [e-mail removed]."),
    ("call +49 170 1234567 tomorrow", "call [telephone number removed] tomorrow"),
    ("card 4111 1111 1111 1111, 12/27", "card [card number removed], 12/27"),
    ("IBAN DE89 3704 0044 0532 0130 00 ok", "IBAN [account number removed] ok"),
]
HARMLESS = [
    "likes key lime pie and password managers",
    "password: forgotten last week",
    "order 1234567890123 of 2025-06-01 12:00:00",
    "id 123e4567-e89b-12d3-a456-426614174000",
    "see https://example.com/a/very/long/path/index.html for the recipe",
    "1 + 1 = 2, @home",
    "card 4111 1111 1111 1112 has a wrong check digit",
    "日本語のテキスト、とても長い文章でも秘密は何もありませんよね、そうですよね",
]

finds = Privacy()


@pytest.mark.parametrize(("text", "masked"), SECRETS)
def test_secrets_are_found_and_masked(text: str, masked: str) -> None:
    assert finds.scan(record(1, text=text)) & Mark.SECRET
    assert finds.masked(text) == masked


@pytest.mark.parametrize(("text", "masked"), PERSONAL)
def test_personal_data_is_found_and_masked(text: str, masked: str) -> None:
    assert finds.scan(record(1, text=text)) == Mark.PERSONAL
    assert finds.masked(text) == masked


@pytest.mark.parametrize("text", HARMLESS)
def test_ordinary_words_and_numbers_are_left_alone(text: str) -> None:
    assert finds.scan(record(1, text=text)) == 0
    assert finds.masked(text) == text


def test_everything_in_a_text_is_masked() -> None:
    text = f"{AWS} and a@b.example and {AWS}"
    assert finds.masked(text) == "[secret removed] and [e-mail removed] and [secret removed]"


def test_a_token_across_the_pieces_of_a_long_line_leaves_no_rest() -> None:
    text = "x " * 480 + JWT + "a" * 3000 + " end"
    assert finds.masked(text) == "x " * 480 + "[secret removed] end"


def test_metadata_and_tags_are_looked_at_and_masked_however_deep() -> None:
    item = record(
        1, text="hello", metadata={"a": [{"mail": "a@b.example"}], "n": 7}, tags=("b@c.example",)
    )
    assert finds.scan(item) == Mark.PERSONAL

    document = made(item)
    assert document.metadata["source_metadata"] == {"a": [{"mail": "[e-mail removed]"}], "n": 7}
    assert document.metadata["tags"] == ["[e-mail removed]"]


def test_metadata_nested_beyond_all_measure_is_masked() -> None:
    deep: dict[str, object] = {"mail": "a@b.example"}
    for _ in range(500):
        deep = {"in": deep}
    assert finds.scan(record(1, metadata=deep)) == Mark.PERSONAL
    assert "a@b.example" not in str(made(record(1, metadata=deep)).metadata)


def test_ids_stay_also_where_they_are_addresses() -> None:
    document = made(record(1, user="ada@b.example", text="of ada@b.example"))
    assert document.text == "of [e-mail removed]"
    assert document.metadata["original_user_id"] == "ada@b.example"


def made(item) -> Document:
    make = masking(lambda claimed: make_document(claimed, DocumentForm()))
    return make(Claimed(1, "legacy_fake_1", "u", None, (item,)))


@given(st.text(max_size=200))
def test_masking_what_is_masked_changes_nothing(text: str) -> None:
    masked = finds.masked(text)
    assert finds.masked(masked) == masked


@given(st.lists(st.sampled_from([*(t for t, _ in PERSONAL), *HARMLESS]), max_size=4))
def test_a_record_is_counted_exactly_when_masking_would_change_it(parts: list[str]) -> None:
    text = "\n".join(parts)
    assert bool(finds.scan(record(1, text=text or "x"))) == (finds.masked(text) != text)


@pytest.mark.parametrize(
    "text",
    ["sk-" * 20_000, "eyJ." * 20_000, "a@" * 30_000, "1 " * 30_000, "+1" * 20_000, "AA11" * 20_000],
)
def test_hostile_texts_take_no_more_than_their_length(text: str) -> None:
    assert finds.masked(text)


def test_without_the_extra_masking_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(privacy, "find_spec", lambda _: None)
    assert not privacy.is_installed()
    with pytest.raises(ConfigurationError) as caught:
        Privacy()
    assert "synap-import[privacy]" in caught.value.remedy
