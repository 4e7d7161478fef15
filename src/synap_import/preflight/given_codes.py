"""Codes that somebody typed: whether there are such, and if not, which ones look like them."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches

from synap_import.errors import ConfigurationError

from .codes import CATALOG, Code


def accepted_codes(
    given: Iterable[str], source: str, found: Iterable[str] = (), checks: Iterable[str] = ()
) -> frozenset[str]:
    """What ``--accept`` names, checked: codes of the host, of the source or found in it, of checks.

    Raises ConfigurationError for any other, with those that look like it, and for one that
    accepting would not help.
    """
    codes = frozenset(given)
    known = {*CATALOG, *found}
    beginnings = tuple(f"{name}-" for name in (source, *checks))
    for code in sorted(codes):
        if code not in known and not code.startswith(beginnings):
            raise ConfigurationError(
                f"--accept {code}: there is no such code.{_near(code, known)}",
                remedy="synap-import explain lists them all.",
            )
        if code in CATALOG and not CATALOG[code].acceptable:
            raise ConfigurationError(
                f"--accept {code}: Synap would refuse every such document all the same.",
                remedy=CATALOG[code].remedy,
            )
    return codes


def explained(code: str, others: Iterable[str] = ()) -> Code:
    """The entry of a code. Raises ConfigurationError, with those that look like it; ``others``
    are explained elsewhere.
    """
    entry = CATALOG.get(code)
    if entry is None:
        raise ConfigurationError(
            f"There is no code {code!r} among those of synap-import and of the installed sources."
            f"{_near(code, {*CATALOG, *others})}",
            remedy="Findings that begin with a source's name are told in its README.",
        )
    return entry


def _near(code: str, known: Iterable[str]) -> str:
    near = get_close_matches(code, sorted(known), n=3, cutoff=0.5)
    return f" Do you mean {' or '.join(near)}?" if near else ""
