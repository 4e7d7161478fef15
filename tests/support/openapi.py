"""The vendors' own descriptions of their APIs, where they are at hand.

They are not ours to pass on, so they lie outside of the repository: in the folder that
SYNAP_IMPORT_SPECS names, or in the one beside the checkout.
"""

from __future__ import annotations

import gzip
import os
import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import yaml
from openapi_schema_validator import (
    OAS30Validator,
    OAS31Validator,
    oas30_format_checker,
    oas31_format_checker,
)

ROOT = Path(__file__).parents[2]
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def described_in(file: str) -> Mapping[str, Any]:
    """A description by the name of its file; skips the test where it is not at hand."""
    named = os.environ.get("SYNAP_IMPORT_SPECS")
    path = (Path(named) if named else ROOT / "../shared/facts/specs") / file
    if not path.is_file():
        pytest.skip(f"{file} is not in the folder that SYNAP_IMPORT_SPECS names")
    return _load(path)


@cache
def _load(path: Path) -> Mapping[str, Any]:
    # JSON is YAML, too.
    content: Mapping[str, Any] = yaml.load(gzip.decompress(path.read_bytes()), Loader=_LOADER)
    return content


def operation(described: Mapping[str, Any], method: str, url: str) -> Mapping[str, Any] | None:
    """What is described for a request: the path without placeholders goes first."""
    asked = urlsplit(url).path
    paths = sorted(described["paths"].items(), key=lambda item: item[0].count("{"))
    for path, methods in paths:
        pattern = re.sub(r"\\\{\w+\\\}", "[^/]+", re.escape(path))
        if method.lower() in methods and re.fullmatch(pattern, asked):
            found: Mapping[str, Any] = methods[method.lower()]
            return found
    return None


def answer_schema(known: Mapping[str, Any], status: int) -> Mapping[str, Any] | None:
    """The schema of an answer; None where the description has none for this status."""
    content = known["responses"].get(str(status), {}).get("content", {})
    schema: Mapping[str, Any] | None = content.get("application/json", {}).get("schema")
    return schema


def problems(described: Mapping[str, Any], schema: Mapping[str, Any], value: Any) -> list[str]:
    """Where the value is not as described. A field that is not described is a problem, too."""
    whole = {**_closed(schema), "components": described["components"]}
    if described["openapi"].startswith("3.0"):
        validator = OAS30Validator(whole, format_checker=oas30_format_checker)
    else:
        validator = OAS31Validator(whole, format_checker=oas31_format_checker)
    return [f"{error.json_path}: {error.message}" for error in validator.iter_errors(value)]


def _closed(schema: Any) -> Any:
    if isinstance(schema, list):
        return [_closed(one) for one in schema]
    if not isinstance(schema, Mapping):
        return schema
    inner = {name: _closed(value) for name, value in schema.items()}
    if "properties" in schema and "additionalProperties" not in schema:
        inner["additionalProperties"] = False
    return inner
