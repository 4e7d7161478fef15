"""Whose a memory is in Synap: the user map, its file, and the rules an instance adds.

Nothing here guesses. An owner without a decision gets no ids, and what has no ids by
accident must never be sent: Synap would show it to every user of every customer.
"""

from .findings import user_map_findings
from .isolation import apply_isolation_rule
from .reading import load_user_map
from .user_map import Decision, Row, Target, UserMap, Verdict, identity_user_map
from .writing import SourceOwner, write_user_map

__all__ = [
    "Decision",
    "Row",
    "SourceOwner",
    "Target",
    "UserMap",
    "Verdict",
    "apply_isolation_rule",
    "identity_user_map",
    "load_user_map",
    "user_map_findings",
    "write_user_map",
]
