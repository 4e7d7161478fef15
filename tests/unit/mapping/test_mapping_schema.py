"""The published schema of mapping files: what editors complete is what is read."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml
from jsonschema import Draft202012Validator

from synap_import.errors import MappingError
from synap_import.mapping import mapping_schema, parse_mapping

ROOT = Path(__file__).parents[3]
PRESETS = sorted(ROOT.glob("plugins/json/src/synap_import_json/mappings/*.yaml"))

VALID = Draft202012Validator(mapping_schema())


def test_the_published_schema_is_the_mapping() -> None:
    published = json.loads((ROOT / "docs" / "mapping.schema.json").read_text())
    assert published == mapping_schema(), "run `make schema`"


@pytest.mark.parametrize("preset", PRESETS, ids=lambda path: path.stem)
def test_every_mapping_that_we_ship_is_valid_under_it(preset: Path) -> None:
    VALID.validate(yaml.safe_load(preset.read_text()))


@pytest.mark.parametrize(
    "text",
    [
        "version: 1\ncontent: memory\nusr: x\n",
        "version: 2\ncontent: memory\n",
        "version: 1\n",
        "version: 1\ncontent: {path: x, stripp: true}\n",
        "version: 1\ncontent: x\nkind: banana\n",
        "version: 1\ncontent: x\nunmapped: perhaps\n",
    ],
)
def test_what_is_refused_when_it_is_read_is_marked_in_an_editor(text: str) -> None:
    with pytest.raises(MappingError):
        parse_mapping(text, "m.yaml")
    assert not VALID.is_valid(yaml.safe_load(text))
