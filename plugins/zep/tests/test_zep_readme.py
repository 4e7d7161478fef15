"""The README names whatever a person can meet: options, findings, reasons to hold."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from synap_import_zep.cloud import derived, texts
from synap_import_zep.config import ZepConfig
from synap_import_zep.graphiti import records
from synap_import_zep.graphiti.config import GraphitiConfig

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


def test_every_reason_to_hold_is_there() -> None:
    of_cloud = (derived.FACT, derived.USER_SUMMARY, derived.ENTITY, derived.OBSERVATION)
    more = (derived.THREAD_SUMMARY, derived.DOCUMENT_SUMMARY, derived.MEMBER, texts.COPY)
    of_graphiti = (records.DERIVED_FACT, records.DERIVED_ENTITY, records.DERIVED_SUMMARY)
    for reason in (*of_cloud, *more, *of_graphiti, "state-superseded", "state-deleted"):
        assert f"`{reason}`" in README
