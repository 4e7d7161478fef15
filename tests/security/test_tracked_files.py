"""No file of the repository, cassettes and documents included, holds a secret."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

SECRETS = re.compile(
    rb"""
      -----BEGIN\ [A-Z ]*PRIVATE\ KEY-----
    | \b(AKIA|ASIA)[0-9A-Z]{16}\b                                 # Amazon
    | \bgh[pousr]_[A-Za-z0-9]{36} | \bgithub_pat_\w{40}           # GitHub
    | \bsk-[A-Za-z0-9_-]{20} | \bAIza[0-9A-Za-z_-]{35}            # OpenAI and others, Google
    | \bxox[abprs]-[0-9A-Za-z-]{10} | \bpypi-[A-Za-z0-9_-]{50}    # Slack, PyPI
    | \beyJ[A-Za-z0-9_-]{10,}\.eyJ[A-Za-z0-9_-]{10,}              # JSON Web Token
    | \b(synap|m0|sm|z|sk)_(?=\w*[0-9])(?=\w*[A-Za-z])[A-Za-z0-9]{20}    # memory services
    | (Bearer|Token|Api-Key)\ +(?=\S*[0-9])[A-Za-z0-9_.+/=-]{20}
    """,
    re.VERBOSE,
)


def tracked() -> list[Path]:
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    if listed.returncode:
        pytest.skip("not a git checkout")
    return [path for name in listed.stdout.split("\0")[:-1] if (path := ROOT / name).is_file()]


def test_no_tracked_file_holds_what_looks_like_a_secret() -> None:
    files = tracked()
    assert ROOT / "README.md" in files
    found = [
        f"{path.relative_to(ROOT)}: {match[0][:12].decode('latin-1')}…"
        for path in files
        for match in SECRETS.finditer(path.read_bytes())
    ]
    assert found == []


@pytest.mark.parametrize(
    "parts",
    [
        ("-----BEGIN RSA PRIV", "ATE KEY-----"),
        ("AKI", "AIOSFODNN7EXAMPLE"),
        ("gh", "p_0123456789abcdefghij0123456789abcdef"),
        ("sk", "-proj-0123456789abcdefghij"),
        ("ey", "JhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.abc"),
        ("syn", "ap_0123456789abcdefghij0123"),
        ("m", "0_0123456789abcdefghij0123"),
        ("authorization: Bear", "er 0123456789abcdefghij"),
    ],
    ids=["key", "Amazon", "GitHub", "OpenAI", "JWT", "Synap", "Mem0", "header"],
)
def test_such_a_secret_would_be_found(parts: tuple[str, str]) -> None:
    assert SECRETS.search(f"x = '{''.join(parts)}'".encode())
