"""What an installation takes, and how soon the command answers.

Sizes are those of the files that are installed in this environment, pip's compiled ones
included, by the closure of what each distribution requires. Times are of whole processes.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import tempfile
from collections.abc import Collection, Mapping
from importlib.metadata import distribution, entry_points
from pathlib import Path

from processes import measured
from tables import markdown_table

from support.closures import closure

_ROOT = Path(__file__).parents[1]
_RUNS = 30


def main() -> None:
    print(f"{_sizes()}\n\n{_start()}")


def _sizes() -> str:
    synap = closure("maximem-synap")
    host = closure("synap-import") - synap
    both = closure("synap-import-json") - synap
    sizes = {name: _size(name) for name in synap | both} | _our_sizes()
    rows = [
        ["what `maximem-synap` brings, itself included", *_together(synap, sizes)],
        ["`synap-import`, besides that", *_together(host, sizes)],
        ["`synap-import synap-import-json`, besides that", *_together(both, sizes)],
    ]
    largest = sorted(both, key=sizes.__getitem__, reverse=True)[:5]
    rows += [[f"of it `{name}`", *_together([name], sizes)] for name in largest]
    return markdown_table(["installed", "distributions", "MB"], rows)


def _together(names: Collection[str], sizes: Mapping[str, int]) -> tuple[str, str]:
    return str(len(names)), f"{sum(sizes[name] for name in names) / 1e6:.1f}"


def _size(name: str) -> int:
    files = [Path(str(file.locate())) for file in distribution(name).files or ()]
    return sum(one.stat().st_size for one in files if one.is_file())


def _our_sizes() -> Mapping[str, int]:
    """Of what is installed here as it lies in the repository: as pip would install it."""
    projects = {"synap-import": _ROOT, "synap-import-json": _ROOT / "plugins" / "json"}
    return {name: _installed_size(project) for name, project in projects.items()}


def _installed_size(project: Path) -> int:
    with tempfile.TemporaryDirectory() as folder:
        pip = (sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check")
        alone = ("--no-deps", "--no-build-isolation", "--target", folder)
        subprocess.run([*pip, *alone, project], check=True)
        return sum(one.stat().st_size for one in Path(folder).rglob("*") if one.is_file())


def _start() -> str:
    command = [str(Path(sys.executable).with_name("synap-import")), "--help"]
    with tempfile.TemporaryDirectory() as folder:
        bare = [measured([sys.executable, "-c", "pass"], Path(folder)) for _ in range(_RUNS)]
        runs = [measured(command, Path(folder)) for _ in range(_RUNS)]
    rows = [
        [
            name,
            f"{min(run.seconds for run in some):.3f}",
            f"{statistics.median(run.seconds for run in some):.3f}",
            f"{statistics.median(run.cpu_seconds for run in some):.3f}",
            f"{statistics.median(run.peak_megabytes for run in some):.0f}",
        ]
        for name, some in (("Python that does nothing", bare), (_help_with(), runs))
    ]
    head = ["start", "least seconds", "median seconds", "CPU seconds", "peak MB"]
    return markdown_table(head, rows)


def _help_with() -> str:
    return f"`synap-import --help`, {len(entry_points(group='synap_import'))} plugins installed"


if __name__ == "__main__":
    main()
