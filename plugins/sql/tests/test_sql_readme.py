"""The README names whatever a person can meet: options, findings, columns that are known."""

from __future__ import annotations

import re
from pathlib import Path

from synap_import.sources import Setting
from synap_import_sql import convention
from synap_import_sql.config import SqlConfig

PLUGIN = Path(__file__).parents[1]
README = (PLUGIN / "README.md").read_text("utf-8")


def test_every_option_is_there() -> None:
    for name, field in SqlConfig.model_fields.items():
        flags = [one.flag for one in field.metadata if isinstance(one, Setting)]
        flag = next(filter(None, flags), f"--{name.replace('_', '-')}")
        assert f"`{flag} " in README, name


def test_every_finding_is_there() -> None:
    code = "".join(path.read_text("utf-8") for path in (PLUGIN / "src").rglob("*.py"))
    codes = set(re.findall(r'"(sql-[a-z0-9-]+)"', code))
    assert len(codes) == 7
    assert [one for one in sorted(codes) if f"`{one}`" not in README] == []


def test_every_name_of_a_column_that_is_known_is_there() -> None:
    bare = {one.replace("_", "") for one in re.findall(r"`([a-z_]+)`", README)}
    known = {name for names in convention.NAMES.values() for name in names}
    assert known <= bare
