"""The machine of somebody who installs the tool with pip: no checkout, and what they download.

What the environment of the tests has is there as if it were downloaded already, but for this
project: its wheel is what pip finds. So nothing is asked of a registry.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import sysconfig
from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryFile
from typing import NamedTuple

ROOT = Path(__file__).parents[2]


_LONGEST = 170
"""Seconds; the machine may be busy with other tests."""


class Ran(NamedTuple):
    """A script that ended, and what it said."""

    code: int
    said: str


class Machine(NamedTuple):
    """A folder to work in, and the environment that commands there have."""

    home: Path
    environment: Mapping[str, str]

    def run(self, script: str, cwd: Path | None = None) -> Ran:
        """A script of bash, to its end; whatever it left running ends too."""
        # A file: something left running would keep a pipe open.
        with TemporaryFile("w+", encoding="utf-8") as said:
            process = subprocess.Popen(
                ["bash", "-euo", "pipefail", "-c", script],
                stdin=subprocess.DEVNULL,
                stdout=said,
                stderr=subprocess.STDOUT,
                cwd=cwd or self.home,
                env=dict(self.environment),
                start_new_session=True,
            )
            try:
                process.wait(_LONGEST)
            finally:
                _end(process)
            said.seek(0)
            return Ran(process.returncode, said.read())


def new_machine(
    folder: Path,
    *,
    projects: Sequence[Path] = (ROOT,),
    wheels: Path | None = None,
    having: Collection[str] | None = None,
) -> Machine:
    """One where this project's host, and nothing else of it, can be installed.

    Or the ``projects`` that are given, or, with ``wheels``, what lies in that folder. With
    ``having`` only these files and folders of site-packages are downloaded already, not all.
    """
    downloaded, home = (folder / name for name in ("downloaded", "home"))
    for one in (downloaded, home):
        one.mkdir(parents=True)
    wheels = wheels or _built(projects, folder / "wheels")
    _link_what_is_not_ours(downloaded, having)
    _write_commands(folder / "bin")
    (folder / "sitecustomize.py").write_text(f"import site; site.addsitedir({str(downloaded)!r})\n")
    return Machine(home, _environment(folder, home, wheels))


def _built(projects: Sequence[Path], wheels: Path) -> Path:
    build = ("-m", "pip", "wheel", "-q", "--no-deps", "--no-build-isolation", "-w", wheels)
    subprocess.run([sys.executable, *build, *projects], check=True, stdin=subprocess.DEVNULL)
    return wheels


def _link_what_is_not_ours(downloaded: Path, having: Collection[str] | None) -> None:
    for one in Path(sysconfig.get_path("purelib")).iterdir():
        ours = "synap_import" in one.name
        if not ours and (having is None or one.name in having):
            (downloaded / one.name).symlink_to(one)


def _write_commands(folder: Path) -> None:
    """``python`` before an environment is made, and the command of what is downloaded already."""
    folder.mkdir()
    lines = {"python": sys.executable, "pytest": "python -m pytest"}
    for name, command in lines.items():
        (folder / name).write_text(f'#!/bin/sh\nexec {command} "$@"\n')
        (folder / name).chmod(0o755)


def _environment(folder: Path, home: Path, wheels: Path) -> Mapping[str, str]:
    kept = {name: os.environ[name] for name in ("LANG", "LC_ALL") if name in os.environ}
    return {
        **kept,
        "HOME": str(home),
        "PATH": f"{folder / 'bin'}:/usr/bin:/bin",
        "PYTHONPATH": str(folder),
        "NO_PROXY": "127.0.0.1,localhost",
        "PIP_CONFIG_FILE": os.devnull,
        "PIP_DISABLE_PIP_VERSION_CHECK": "1",
        "PIP_FIND_LINKS": str(wheels),
        # pip takes this one by its meaning, not by its name: 0 is "no isolation".
        "PIP_NO_BUILD_ISOLATION": "0",
        "PIP_NO_INDEX": "1",
    }


def _end(process: subprocess.Popen[str]) -> None:
    """It and its children, which have a session of their own."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGTERM)
    process.wait(timeout=10)
