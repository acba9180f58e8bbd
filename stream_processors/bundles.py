"""Many records as one for Faust, whose own work on a message takes as long as our rules on fifty events.

A bundle stands where its last record does: acknowledged, it commits all of them, as Faust takes the offsets
before it for a gap in the log. That the log has none of its own is checked with each record.
"""

import dataclasses
from collections.abc import Iterator, Mapping, Sequence

from aiokafka import ConsumerRecord
from faust.types import TP
from faust.types.transports import SchedulingStrategyT

# Faust takes an offset of 0 for none, and would never commit behind a gap that begins there.
_ALONE = 2


class BundlingScheduler(SchedulingStrategyT):
    """What is fetched of a partition at a time, as one message of Faust's whose value are the records."""

    def __init__(self) -> None:
        """Nothing is kept between fetches."""

    def iterate(self, records: Mapping[TP, Sequence[ConsumerRecord]]) -> Iterator[tuple[TP, ConsumerRecord]]:
        """Bundles of each partition, in the order of offsets."""
        for tp, fetched in records.items():
            alone = max(0, min(len(fetched), _ALONE - fetched[0].offset))
            for record in fetched[:alone]:
                yield tp, _bundle([record])
            if fetched[alone:]:
                yield tp, _bundle(fetched[alone:])


def _bundle(records: Sequence[ConsumerRecord]) -> ConsumerRecord:
    return dataclasses.replace(records[-1], key=None, value=records, headers=())
