"""What the host expects of every adapter, in both dialects, and over lists of several pages."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from pydantic import HttpUrl, SecretStr

from supermemory_support.cassettes import cassette
from supermemory_support.items import document, memory, version
from supermemory_support.stand_in import KEY, StandIn
from synap_import.testing import SourceContract
from synap_import_supermemory.config import SuperMemoryConfig
from synap_import_supermemory.source import SuperMemorySource


class TestV4(SourceContract):
    adapter = SuperMemorySource
    config = SuperMemoryConfig(api_key=SecretStr("sm_key-of-the-tests"))
    cassette = cassette("v4_reading")


class TestV5(SourceContract):
    adapter = SuperMemorySource
    config = SuperMemoryConfig(api_key=SecretStr("sm_key-of-the-tests"), api="v5")
    cassette = cassette("v5_reading")


class TestPages(SourceContract):
    adapter = SuperMemorySource
    config = SuperMemoryConfig(api_key=SecretStr(KEY))

    @pytest.fixture(autouse=True)
    def server(self) -> Iterator[None]:
        ana = [memory(n, history=[version(1000 + n)] if n % 5 == 0 else []) for n in range(20)]
        server = StandIn(
            memories={"user_ana": ana, "user_bob": [memory(100)]},
            documents={"user_ana": [document(n) for n in range(8)]},
            most_per_page=3,
        )
        with server.serving() as url:
            # Named tags: what is under no tag shows only beside what came of all the others.
            type(self).config = SuperMemoryConfig(
                api_key=SecretStr(KEY), base_url=HttpUrl(url), tags=("user_ana", "user_bob")
            )
            yield
