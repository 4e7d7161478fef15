"""What is installed for somebody else costs nothing: a command imports what its plugin needs.

The environment of the tests has everything: every vendor's SDK, every extra.
"""

from __future__ import annotations

import json
import subprocess
import sys
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest
from packaging.utils import canonicalize_name

from support.as_a_user import ROOT
from support.closures import closure
from synap_import.plugins import discover

SCRIPT = """
import json, sys
before = set(sys.modules)
from synap_import.cli.main import main
try:
    main(json.loads(sys.argv[1]))
except SystemExit as ended:
    code = ended.code
imported = [name for name, module in sys.modules.items() if module and name not in before]
print(json.dumps([code, imported]), file=open(sys.argv[2], "w"))
"""

TAKEN_WHERE_THEY_ARE = {
    # httpx looks for it to decompress answers with.
    "zstandard",
    # Synap's SDK speaks HTTP/2 where these are.
    *("h2", "hpack", "hyperframe"),
}

EXAMPLES = ROOT / "examples"
FIRST_MOVE = [
    *("json", str(EXAMPLES / "memories.jsonl"), "--user-map", str(EXAMPLES / "users.csv")),
    *("--to", "sandbox", "--workdir", "jobs"),
]


def modules(folder: Path, *words: str) -> set[str]:
    """All that a command imports, which must end well."""
    result = folder / "modules.json"
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, json.dumps(words), result],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    code, found = json.loads(result.read_text()) if result.exists() else (None, [])
    assert code == 0, done.stderr
    return set(found)


def needless(found: set[str], distribution: str) -> set[str]:
    """The distributions that were imported from and that this one does not bring."""
    strange = distributions(found) - closure(distribution) - TAKEN_WHERE_THEY_ARE
    # Every plugin declares what it has; that is a few lines each.
    return {one for one in strange if not one.startswith("synap-import-")}


def distributions(of: set[str]) -> set[str]:
    """Whose modules they are; the standard library and our own are nobody's."""
    owners = packages_distributions()
    return {
        canonicalize_name(owner)
        for name in {module.partition(".")[0] for module in of}
        for owner in owners.get(name, ())
    }


def test_help_imports_no_source_and_no_library_but_those_of_the_command_line(
    tmp_path: Path,
) -> None:
    found = modules(tmp_path, "--help")
    outside = {one for one in distributions(found) if not one.startswith("synap-import")}
    assert outside == {"click", "pluggy"}
    assert [name for name in found if name.endswith(".source")] == []


def test_an_import_of_files_imports_no_extra_and_no_other_source(tmp_path: Path) -> None:
    found = modules(tmp_path, *FIRST_MOVE)
    assert needless(found, "synap-import-json") == set()
    adapters = {one.declaration.implementation for one in discover().sources.values()}
    imported = {one for one in adapters if one.partition(":")[0] in found}
    assert imported == {discover().sources["json"].declaration.implementation}


@pytest.mark.parametrize("source", sorted(discover().sources))
def test_the_options_of_a_source_are_shown_without_another_sources_libraries(
    source: str, tmp_path: Path
) -> None:
    found = modules(tmp_path, source, "--help")
    assert needless(found, discover().sources[source].distribution) == set()
