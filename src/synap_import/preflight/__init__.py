"""The pre-flight: what the owner of the data should know before anything is sent.

Every import begins with it, and a dry run ends with it; both take the same path. What can be seen
of a record by itself is marked when the record is staged (:mod:`.marks`). The rest is counted in
the ledger once the source was read (:mod:`.findings`), so that it is right after any kill, resume
and change of rules. Each finding has a stable code (:mod:`.codes`).
"""

from .codes import CATALOG
from .findings import Preflight, in_order, look
from .given_codes import accepted_codes, explained
from .marks import Marker
from .masking import masking
from .refusing import accept, refusal, refuses_unmapped, unaccepted

__all__ = [
    "CATALOG",
    "Marker",
    "Preflight",
    "accept",
    "accepted_codes",
    "explained",
    "in_order",
    "look",
    "masking",
    "refusal",
    "refuses_unmapped",
    "unaccepted",
]
