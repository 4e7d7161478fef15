from __future__ import annotations

import json
import re
from pathlib import Path

from synap_import.mapping import MappingDocument, RecordMapper, parse_mapping

GUIDE = (Path(__file__).parents[3] / "docs" / "mapping.md").read_text("utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", GUIDE, re.DOTALL)


def test_the_guides_example_makes_the_record_that_it_shows():
    (mapping,), (given, expected) = blocks("yaml"), blocks("json")

    record = RecordMapper(parse_mapping(mapping, "docs/mapping.md"))(json.loads(given))

    shown = record.model_dump(mode="json", exclude_defaults=True, exclude={"raw"})
    assert shown == json.loads(expected)
    assert record.raw == json.loads(given)


def test_the_guide_names_every_key():
    assert [name for name in MappingDocument.model_fields if f"`{name}`" not in GUIDE] == []
