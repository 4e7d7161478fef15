"""Whose a namespace is, by patterns that its owner gives: it is never guessed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from synap_import import ConfigurationError, Scope

_NAMES: Mapping[str, str] = {
    **{name: name for name in ("user", "agent", "session", "app", "group")},
    # As templates of LangMem and programs of LangGraph have them.
    "user_id": "user",
    "langgraph_user_id": "user",
    "agent_id": "agent",
    "assistant_id": "agent",
    "thread_id": "session",
    "app_id": "app",
}
_ANY, _REST = "*", "**"


@dataclass(frozen=True, slots=True)
class Pattern:
    """Labels with dots between them, as no label has one in it.

    ``{user}`` and the like name the owner, ``*`` is any label, ``**`` at the end any others, even
    none.
    """

    labels: tuple[str, ...]
    open_end: bool

    @classmethod
    def of(cls, text: str) -> Pattern:
        """Raises ConfigurationError when it names nobody, or cannot be read."""
        labels = tuple(text.split("."))
        open_end = labels[-1] == _REST
        labels = labels[:-1] if open_end else labels
        named = [_NAMES.get(label[1:-1]) for label in labels if label.startswith("{")]
        if None in named or not named or len(set(named)) < len(named):
            raise _bad(text, "names nobody that is known, or one of them twice")
        if "" in labels or any(_is_odd(label) for label in labels):
            raise _bad(text, "is not made of labels with dots between them")
        return cls(labels, open_end)

    def match(self, namespace: Sequence[str]) -> Scope | None:
        """The owner, when the whole namespace fits."""
        if len(namespace) < len(self.labels):
            return None
        if len(namespace) > len(self.labels) and not self.open_end:
            return None
        found: dict[str, Any] = {}
        for wanted, label in zip(self.labels, namespace, strict=False):
            if wanted.startswith("{"):
                found[_NAMES[wanted[1:-1]]] = label
            elif wanted not in (_ANY, label):
                return None
        return Scope(**found) if all(found.values()) else None


@dataclass(frozen=True, slots=True)
class Owners:
    """The first pattern that fits decides; what fits none is a group by its whole name."""

    patterns: tuple[Pattern, ...]

    @classmethod
    def of(cls, texts: Sequence[str]) -> Owners:
        """Raises ConfigurationError for a pattern that cannot be read."""
        return cls(tuple(map(Pattern.of, texts)))

    def named(self, namespace: Sequence[str]) -> Scope | None:
        """The owner that a pattern names."""
        scopes = (pattern.match(namespace) for pattern in self.patterns)
        return next((scope for scope in scopes if scope is not None), None)

    def scope(self, namespace: Sequence[str]) -> Scope:
        """The owner, or the group that the namespace is."""
        return self.named(namespace) or Scope(group=".".join(namespace) or None)


def _is_odd(label: str) -> bool:
    in_braces = label.startswith("{") and label.endswith("}")
    return label == _REST or (not in_braces and ("{" in label or "}" in label))


def _bad(text: str, why: str) -> ConfigurationError:
    return ConfigurationError(
        f"--owner {text} {why}.",
        remedy="It looks like memories.{user}, or *.{user}.**; besides {user} there are {agent}, "
        "{session}, {app} and {group}.",
    )
