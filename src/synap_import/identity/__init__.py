"""Whose a memory is in Synap: the user map, its file, and the rules an instance adds.

Nothing here guesses. An owner without a decision gets no ids, and what has no ids by
accident must never be sent: Synap would show it to every user of every customer.
"""

from .findings import merges_users, user_map_findings
from .isolation import B2B, B2C, apply_isolation_rule
from .known_users import KnownUser, read_known_users
from .matching import Confidence, KnownUsers
from .merging import Changes, Customers, Wishes
from .owners import SourceOwner, moment
from .reading import load_user_map
from .sheet import read_sheet
from .user_map import Decision, Row, Target, UserMap, Verdict, identity_user_map
from .writing import write_user_map

__all__ = [
    "B2B",
    "B2C",
    "Changes",
    "Confidence",
    "Customers",
    "Decision",
    "KnownUser",
    "KnownUsers",
    "Row",
    "SourceOwner",
    "Target",
    "UserMap",
    "Verdict",
    "Wishes",
    "apply_isolation_rule",
    "identity_user_map",
    "load_user_map",
    "merges_users",
    "moment",
    "read_known_users",
    "read_sheet",
    "user_map_findings",
    "write_user_map",
]
