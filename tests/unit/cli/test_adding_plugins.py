"""Whoever lacks a plugin gets the line that adds it to the installation that they have."""

from __future__ import annotations

from pathlib import Path

import pytest

from synap_import.cli.adding import how_to_add


def test_in_an_environment_of_pip_it_is_pip(tmp_path: Path) -> None:
    assert how_to_add("acme", tmp_path) == (
        "Install it with `pip install synap-import-acme`, or in a checkout with "
        "`pip install ./plugins/acme`."
    )


def test_pipx_injects_it(tmp_path: Path) -> None:
    (tmp_path / "pipx_metadata.json").touch()
    assert "`pipx inject synap-import synap-import-acme`" in how_to_add("acme", tmp_path)


@pytest.fixture
def of_uv(tmp_path: Path) -> Path:
    (tmp_path / "uv-receipt.toml").touch()
    return tmp_path


def test_uv_is_told_of_every_plugin_because_it_takes_away_the_others(of_uv: Path) -> None:
    line = how_to_add("acme", of_uv)
    assert line.startswith("Install it with `uv tool install synap-import --with synap-import-acme")
    assert "--with synap-import-json --with" in line


def test_a_plugin_that_is_there_is_named_once(of_uv: Path) -> None:
    assert how_to_add("json", of_uv).count("synap-import-json") == 1
