"""What every adapter promises its host; docs/contract.md of synap-import explains each test."""

from __future__ import annotations

from pathlib import Path

from pydantic import SecretStr
from synap_import.testing import SourceContract

from synap_import_acme.config import AcmeConfig
from synap_import_acme.source import AcmeSource


class TestAcme(SourceContract):
    adapter = AcmeSource
    config = AcmeConfig(api_key=SecretStr("a-key-for-the-tests"))
    cassette = Path(__file__).parent / "cassettes" / "reading.yaml"
