"""Which user of the application somebody in a source may be, and how sure that is.

A suggestion is for a person to look at: nothing here decides.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

from synap_import.records import ScopeKind

from .names import NameIndex, name_keys

if TYPE_CHECKING:
    from .known_users import KnownUser
    from .owners import SourceOwner

_LONGEST_TEXT = 400
_PART = r"[^\s@<>,;:()\[\]\"']+"
_EMAIL = re.compile(rf"{_PART}@{_PART}\.{_PART}")
_SHOWN = 5


class Confidence(StrEnum):
    """How sure a suggestion is. ``ambiguous`` and ``none`` come without one."""

    CERTAIN = "certain"
    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"
    AMBIGUOUS = "ambiguous"
    NONE = "none"
    UNCHECKED = "unchecked"


class Suggestion(NamedTuple):
    """A user of Synap that somebody in the source may be."""

    confidence: Confidence
    because: str
    user_id: str = ""
    customer_id: str = ""


Suggester = Callable[["SourceOwner"], Suggestion | None]


def unchecked(owner: SourceOwner) -> Suggestion | None:
    """Without a list of known users: a user may have the same id in Synap."""
    if owner.kind is not ScopeKind.USER or not owner.id.strip():
        return None
    return Suggestion(Confidence.UNCHECKED, "the id in the source", owner.id)


class KnownUsers:
    """The application's users, found by id, e-mail address or name."""

    def __init__(self, users: Iterable[KnownUser]) -> None:
        self._users: list[KnownUser] = []
        self._ids: defaultdict[str, set[int]] = defaultdict(set)
        self._folded_ids: defaultdict[str, set[int]] = defaultdict(set)
        self._emails: defaultdict[str, set[int]] = defaultdict(set)
        self._names: defaultdict[str, set[int]] = defaultdict(set)
        self._mailboxes: defaultdict[str, set[int]] = defaultdict(set)
        self._similar = NameIndex()
        places: dict[tuple[str, str], int] = {}
        for user in users:
            # Two rows of one user, with an address each, are one user.
            place = places.setdefault((user.id, user.customer_id), len(places))
            if place == len(self._users):
                self._users.append(user)
            self._index(user, place)

    def _index(self, user: KnownUser, place: int) -> None:
        self._ids[user.id].add(place)
        self._folded_ids[_folded(user.id)].add(place)
        for email in (*user.emails, *_emails_in(user.id)):
            self._emails[_folded(email)].add(place)
            for key in name_keys(_mailbox(email)):
                self._mailboxes[key].add(place)
        for name in user.names:
            self._similar.add(name, place)
            for key in name_keys(name):
                self._names[key].add(place)

    def suggest(self, owner: SourceOwner) -> Suggestion:
        """Who this may be, by the strongest sign there is."""
        same_id = self._ids.get(owner.id)
        like_id = same_id or self._folded_ids.get(_folded(owner.id), set())
        addresses = _emails_in(owner.id, owner.note)
        by_email = {place for one in addresses for place in self._emails.get(one, ())}
        if like_id and by_email and not like_id & by_email:
            why = "the id is that of one user, the e-mail that of another"
            return self._ambiguous(why, like_id | by_email)
        if like_id:
            why = "same id" if same_id else "same id but for upper and lower case"
            sure = Confidence.CERTAIN if same_id else Confidence.HIGH
            found = like_id & by_email or like_id
            return self._by_id(owner, found, sure, why, addresses)
        if by_email:
            sure = _for_kind(owner.kind, Confidence.HIGH)
            return self._only(by_email, sure, f"same e-mail {', '.join(addresses)}")
        return self._by_name(owner) or Suggestion(Confidence.NONE, "no known user is like it")

    def _by_id(
        self,
        owner: SourceOwner,
        found: set[int],
        sure: Confidence,
        why: str,
        addresses: Collection[str],
    ) -> Suggestion:
        known = {_folded(email) for place in found for email in self._users[place].emails}
        if known and addresses and known.isdisjoint(addresses):
            return self._only(found, Confidence.LOW, f"{why}, but another e-mail: {min(known)}")
        return self._only(found, _for_kind(owner.kind, sure), why)

    def _by_name(self, owner: SourceOwner) -> Suggestion | None:
        """By name, where it is a person's: the name of an agent says nothing about its user."""
        if owner.kind is not ScopeKind.USER:
            return None
        names = _names_of(owner)
        for name in names:
            if found := _of_keys(self._names, name):
                return self._only(found, Confidence.MEDIUM, f"same name {name}")
        for name in names:
            if found := _of_keys(self._mailboxes, name):
                return self._only(found, Confidence.LOW, f"an e-mail begins with {name}")
        for name in names:
            if alike := self._similar.most_alike(name):
                why = f"similar name {alike[0].name} ({alike[0].ratio:.0%})"
                return self._only({one.owner for one in alike}, Confidence.LOW, why)
        return None

    def _only(self, found: Collection[int], sure: Confidence, why: str) -> Suggestion:
        if len(found) > 1:
            return self._ambiguous(why, found)
        user = self._users[next(iter(found))]
        return Suggestion(sure, why, user.id, user.customer_id)

    def _ambiguous(self, why: str, found: Collection[int]) -> Suggestion:
        users = [self._users[place] for place in sorted(found)]
        shown = ", ".join(_shown(user) for user in users[:_SHOWN])
        more = f" and {len(users) - _SHOWN} more" if len(users) > _SHOWN else ""
        return Suggestion(Confidence.AMBIGUOUS, f"{why}: {shown}{more}")


def _for_kind(kind: ScopeKind, sure: Confidence) -> Confidence:
    """An agent or a group that is named like a user need not be theirs."""
    return sure if kind is ScopeKind.USER else Confidence.MEDIUM


def _shown(user: KnownUser) -> str:
    return f"{user.id} (customer {user.customer_id})" if user.customer_id else user.id


def _folded(text: str) -> str:
    return text.strip().casefold()


def _mailbox(email: str) -> str:
    return email.partition("@")[0]


def _of_keys(index: Mapping[str, set[int]], name: str) -> set[int]:
    return {place for key in name_keys(name) for place in index.get(key, ())}


def _emails_in(*texts: str) -> list[str]:
    """The addresses in the texts, without case; in texts of any length it looks at the start."""
    found = (one for text in texts for one in _EMAIL.findall(text[:_LONGEST_TEXT]))
    return list(dict.fromkeys(map(_folded, found)))


def _names_of(owner: SourceOwner) -> Sequence[str]:
    """What may be their name: the note without addresses, the id, what an address begins with."""
    note = _EMAIL.sub(" ", owner.note[:_LONGEST_TEXT]).strip(" ,;:<>()")
    own = "" if _EMAIL.fullmatch(owner.id[:_LONGEST_TEXT]) else owner.id
    local = [_mailbox(one) for one in _emails_in(owner.id, owner.note)]
    return [one for one in (note, own, *local) if one]
