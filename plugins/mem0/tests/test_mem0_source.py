"""The options say which Mem0 is meant; what is unclear is asked, not guessed."""

from __future__ import annotations

from contextlib import AsyncExitStack

import pytest
from pydantic import SecretStr

from synap_import import ConfigurationError
from synap_import.testing import ReadingContext
from synap_import_mem0.config import PLATFORM_URL, Mem0Config
from synap_import_mem0.source import Mem0Source

KEY = SecretStr("m0-test-key")


def form_of(**options) -> str:
    """The class that reads."""
    source = Mem0Source.of(Mem0Config(**options), ReadingContext(AsyncExitStack()))
    return type(source).__name__


def test_a_key_alone_means_the_platform():
    assert form_of(api_key=KEY) == "Platform"
    assert Mem0Config().api_url == PLATFORM_URL == "https://api.mem0.ai"


def test_an_address_means_a_server_of_ones_own():
    assert form_of(base_url="http://127.0.0.1:1") == "Server"


def test_a_database_means_its_store():
    assert form_of(postgres=SecretStr("postgresql://127.0.0.1:1/x")) == "PgVector"
    assert form_of(qdrant="http://127.0.0.1:1") == "QdrantServer"


def test_files_mean_files(tmp_path):
    dump = tmp_path / "dump.json"
    dump.write_text('{"results": []}')
    assert form_of(files=(str(dump),)) == "Files"


@pytest.mark.parametrize(
    ("options", "form"),
    [
        ({"base_url": "http://127.0.0.1:1"}, "Server"),
        ({"qdrant": "http://127.0.0.1:1"}, "QdrantServer"),
    ],
)
def test_a_key_that_lies_in_the_environment_is_no_choice(options, form):
    assert form_of(api_key=KEY, **options) == form


def test_two_forms_at_once_are_refused_by_their_names():
    with pytest.raises(ConfigurationError, match="--qdrant and --base-url") as caught:
        form_of(base_url="http://127.0.0.1:1", qdrant="http://127.0.0.1:2")
    assert "one at a time" in caught.value.remedy


def test_nothing_at_all_is_answered_with_every_way():
    with pytest.raises(ConfigurationError) as caught:
        form_of()
    for way in ("MEM0_API_KEY", "--base-url", "--postgres", "--qdrant", "files"):
        assert way in caught.value.remedy
