"""Keys are kept apart from all that goes through Ray."""

from __future__ import annotations

import pickle

import pytest
from pydantic import SecretStr

from support.counting import CountingConfig
from synap_import.engines.on_ray import keys
from synap_import.errors import ConfigurationError

CONFIG = CountingConfig(key=SecretStr("a-secret-key"), pages=7)


def test_what_is_sent_to_a_worker_has_no_key_in_it() -> None:
    bare, wanted, _ = keys.apart(CONFIG)
    assert b"a-secret-key" not in pickle.dumps((bare, wanted))


def test_a_worker_of_a_ray_of_our_own_inherits_them(monkeypatch: pytest.MonkeyPatch) -> None:
    bare, wanted, secret = keys.apart(CONFIG)
    for name, value in keys.Keys(secret).as_environment().items():
        monkeypatch.setenv(name, value)
    assert keys.together(bare, wanted, "here") == CONFIG


def test_a_worker_of_another_ray_finds_them_in_its_environment(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    bare, wanted, _ = keys.apart(CONFIG)
    monkeypatch.setenv("COUNTING_KEY", "a-secret-key")
    assert keys.together(bare, wanted, "there") == CONFIG


def test_a_worker_without_them_says_which_it_lacks_and_where() -> None:
    bare, wanted, _ = keys.apart(CONFIG)
    with pytest.raises(ConfigurationError, match="worker on node-7 has no COUNTING_KEY"):
        keys.together(bare, wanted, "node-7")


def test_a_source_without_keys_needs_none() -> None:
    bare, wanted, secret = keys.apart(CountingConfig())
    assert secret == {}
    assert keys.together(bare, wanted, "here") == CountingConfig()


def test_the_keys_are_not_shown_with_what_holds_them() -> None:
    assert "a-secret-key" not in repr(keys.Keys({"key": "a-secret-key"}))
