"""The README names whatever a person can meet: options, findings, reasons to hold."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

import pytest

from support.reasons import constants_of, reasons_in, written_out
from synap_import import HoldReason
from synap_import_zep import holds as zep_holds
from synap_import_zep.config import ZepConfig
from synap_import_zep.graphiti.config import GraphitiConfig
from synap_import_zep.holds import OF_CLOUD, OF_GRAPHITI

PLUGIN = Path(__file__).parents[1]
README = (PLUGIN / "README.md").read_text("utf-8")
CODE = re.compile(r'"((?:zep|graphiti)-[a-z0-9-]+)"')


@pytest.mark.parametrize("config", [ZepConfig, GraphitiConfig])
def test_every_option_is_there_or_its_variable(
    config: type[ZepConfig] | type[GraphitiConfig],
) -> None:
    for name, field in config.model_fields.items():
        (env,) = [getattr(one, "env", None) for one in field.metadata] or [None]
        assert f"--{name.replace('_', '-')}" in README or f"{env}" in README, name


def test_every_finding_is_there() -> None:
    code = "".join(path.read_text("utf-8") for path in (PLUGIN / "src").rglob("*.py"))
    codes = {found for found in CODE.findall(code) if found != "zep-cloud"}
    assert len(codes) > 20
    assert [one for one in sorted(codes) if f"`{one}`" not in README] == []


@pytest.mark.parametrize(("chapter", "holds"), [("Zep Cloud", OF_CLOUD), ("Graphiti", OF_GRAPHITI)])
def test_the_reasons_to_hold_are_those_that_the_account_explains(
    chapter: str, holds: Mapping[str, HoldReason]
) -> None:
    (rest,) = re.findall(rf"^## {chapter}$(.*?)(?=^## |\Z)", README, re.MULTILINE | re.DOTALL)
    assert reasons_in(rest) == set(holds)


def test_no_reason_to_hold_is_left_unexplained() -> None:
    assert constants_of(zep_holds) == {*OF_CLOUD, *OF_GRAPHITI}
    assert written_out(PLUGIN / "src") == []
