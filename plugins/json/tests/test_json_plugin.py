"""What the host sees of the plugin."""

from __future__ import annotations

import subprocess
import sys
from importlib import import_module
from importlib.metadata import entry_points

import pytest
from pydantic import ValidationError

import synap_import_json
from synap_import_json.source import JsonConfig


def test_the_plugin_declares_its_source():
    (declared,) = synap_import_json.synap_import_sources()
    module, _, name = declared.implementation.partition(":")
    assert getattr(import_module(module), name).name == declared.name == "json"


def test_the_plugin_is_found_by_its_entry_point():
    (entry,) = (one for one in entry_points(group="synap_import") if one.name == "json")
    assert entry.load() is synap_import_json


def test_declaring_imports_no_reader():
    code = (
        "import sys, synap_import_json; "
        "heavy = ('orjson', 'zstandard', 'synap_import_json.'); "
        "print([name for name in sys.modules if name.startswith(heavy)])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_at_least_one_file_is_needed():
    with pytest.raises(ValidationError):
        JsonConfig(files=())


def test_every_option_is_explained():
    assert all(field.description for field in JsonConfig.model_fields.values())
