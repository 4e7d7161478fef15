"""Asks the advisory database about every pinned dependency: ``make audit``.

Where the database cannot be reached, that is said and is no failure, so that ``make test``
runs without a network; a known vulnerability is one.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Sequence
from typing import Any, NamedTuple

import click

_SECONDS = 30
_DOES_NOT_REACH_US = frozenset({"CVE-2023-48022", "GHSA-6wgj-66m2-xxp2"})
"""Of Ray, in all its versions, and disputed: who reaches its dashboard can run jobs. Ours serves
none, listens on this machine only, and lets in who has its token (see SECURITY.md)."""
_UNREACHABLE = re.compile(r"connection|timeout|timed out|resolve|proxy|ssl", re.IGNORECASE)


class Verdict(NamedTuple):
    """What to say, and what to tell make."""

    line: str
    code: int


def main(lock: str) -> Verdict:
    """Audit a lock file."""
    command = [
        *(sys.executable, "-m", "pip_audit", "--requirement", lock, "--require-hashes"),
        *("--disable-pip", "--format", "json", "--progress-spinner", "off", "--timeout", "5"),
    ]
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, timeout=_SECONDS, check=False
        )
    except subprocess.TimeoutExpired:
        return _skipped(f"no answer within {_SECONDS} s")
    return judge(done.stdout, done.stderr)


def judge(report: str, complaints: str) -> Verdict:
    """What pip-audit's JSON report means, or its complaints when there is none."""
    last_words = (complaints.strip().splitlines() or ["pip-audit said nothing"])[-1][:200]
    try:
        dependencies = json.loads(report)["dependencies"]
    except (ValueError, KeyError, TypeError):
        if _UNREACHABLE.search(complaints):
            return _skipped(last_words)
        return Verdict(f"audit: failed: {last_words}", 1)
    found = [line for dependency in dependencies for line in _advisories(dependency)]
    if found:
        return Verdict("\n".join(["audit: known vulnerabilities", *found]), 1)
    unknown = [dependency["name"] for dependency in dependencies if "skip_reason" in dependency]
    if len(unknown) == len(dependencies):
        return _skipped("it knows none of the pinned packages")
    also = f"; not in the database: {', '.join(unknown)}" if unknown else ""
    checked = len(dependencies) - len(unknown)
    return Verdict(f"audit: {checked} pinned packages, no known vulnerability{also}", 0)


def _skipped(why: str) -> Verdict:
    return Verdict(f"audit: SKIPPED, the advisory database cannot be reached ({why})", 0)


def _advisories(dependency: dict[str, Any]) -> Sequence[str]:
    return [
        f"  {dependency['name']} {dependency['version']}: {advisory['id']}, mended in "
        f"{', '.join(advisory['fix_versions']) or 'no version yet'}"
        for advisory in dependency.get("vulns", [])
        if _DOES_NOT_REACH_US.isdisjoint([advisory["id"], *advisory.get("aliases", [])])
    ]


if __name__ == "__main__":
    verdict = main(sys.argv[1])
    click.echo(verdict.line)
    sys.exit(verdict.code)
