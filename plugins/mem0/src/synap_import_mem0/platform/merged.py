"""Merged duplicates: what a list shows in addition when it is asked for them.

An item does not say that it is merged. It is, when it came out of no list that leaves merged
ones out; unless such a list has moved since, for then it may just be new.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Any

from synap_import_mem0.memories import record_of_item

from .listing import Converted, converted, id_of
from .survey import Survey, length_of_feed, probe

if TYPE_CHECKING:
    from .client import PlatformClient
    from .enumeration import Subset


@dataclass(frozen=True, slots=True)
class MergedItems:
    """Converts items of one list that came out nowhere else."""

    client: PlatformClient
    survey: Survey
    subset: Subset
    now: datetime

    async def __call__(self, items: Sequence[Any]) -> Converted:
        """The items as merged; when that is not sure, as each says of itself."""
        record_of = partial(record_of_item, now=self.now, own_metadata=True)
        if not items or await self._is_unmoved():
            return converted(items, partial(record_of, merged=True))
        found = [await self.client.memory(str(id_of(item))) for item in items]
        return converted([item for item in found if item is not None], record_of)

    async def _is_unmoved(self) -> bool:
        now = await probe(self.client, self.subset)
        if now.count != self.survey.active[self.subset].count:
            return False
        return await length_of_feed(self.client) == self.survey.events
