"""The facts as JSON, in a form that programs may rely on: docs/report.schema.json."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

from pydantic import TypeAdapter

from .facts import Facts

_FACTS = TypeAdapter(Facts)


def as_json(facts: Facts) -> str:
    """The whole report, in ASCII. Texts are as the source has them, cut to 400 characters.

    By the standard library: pydantic refuses halves of characters, which sources do have.
    """
    return json.dumps(_FACTS.dump_python(facts), indent=2, default=_time)


def report_schema() -> dict[str, Any]:
    """The JSON Schema of a report, published as docs/report.schema.json."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **_FACTS.json_schema(mode="serialization"),
    }


def _time(value: date) -> str:
    return value.isoformat()
