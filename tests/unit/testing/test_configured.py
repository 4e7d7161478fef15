"""What is secret in a configuration is found wherever an option may hold it."""

from __future__ import annotations

from pydantic import BaseModel, HttpUrl, SecretBytes, SecretStr

from synap_import.testing.configured import scrubber_for, secrets_of


class Config(BaseModel):
    """Every place for a secret, and some for none."""

    api_key: SecretStr = SecretStr("key-one")
    other: SecretBytes = SecretBytes(b"key-two")
    keys: tuple[SecretStr, ...] = (SecretStr("key-three"),)
    dsn: str = "postgresql://reader:key%20four@db.example.com/memories"
    server: HttpUrl = HttpUrl("https://me:key-five@api.vendor.com")
    absent: SecretStr | None = None
    broken: str = "http://[no-address"
    size: int = 100


def test_secrets_are_found_also_in_lists_and_addresses() -> None:
    told = ["key-one", "key-two", "key-three", "key four", "key-five"]
    assert secrets_of(Config()) == told


def test_the_vendors_own_host_stays_whichever_type_its_option_has() -> None:
    scrubber = scrubber_for(Config())
    assert scrubber.url("https://api.vendor.com/me") == "https://api.vendor.com/me"
    assert "secret-host" not in scrubber.url("https://secret-host.intra/me")
