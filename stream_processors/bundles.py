"""Many records as one for Faust, whose own work on a message takes as long as our rules on fifty events.

A bundle stands where its last record does: acknowledged, it commits all of them (`bundle_consumer.py`).
"""

import dataclasses
from collections.abc import Callable, Iterator, Mapping, Sequence

from aiokafka import ConsumerRecord
from faust.types import TP
from faust.types.transports import SchedulingStrategyT

# Each bundle is a call into the consumer's thread and back: of small records it has more. Of large ones so
# many would take so long that other partitions wait for a minute where there is little of a core.
_RECORDS, _SMALL_RECORDS = 100, 400
_SMALL_BYTES = 2048


def records_to_poll(fetched: Mapping[TP, Sequence[ConsumerRecord]]) -> int:
    """How many records to take at a time next, after these."""
    count = sum(map(len, fetched.values()))
    size = sum(len(record.value or b"") for records in fetched.values() for record in records)
    return _SMALL_RECORDS if size <= count * _SMALL_BYTES else _RECORDS


class BundlingScheduler(SchedulingStrategyT):
    """What is fetched of a partition at a time, as one message of Faust's whose value are the records.

    `poll` is told how many records to take next; whoever fetches sets it.
    """

    def __init__(self) -> None:
        """Nothing is kept between fetches."""
        self.poll: Callable[[int], object] = lambda _: None

    def iterate(self, records: Mapping[TP, Sequence[ConsumerRecord]]) -> Iterator[tuple[TP, ConsumerRecord]]:
        """Bundles of each partition, in the order of offsets."""
        self.poll(records_to_poll(records))
        for tp, fetched in records.items():
            yield tp, _bundle(fetched)


def _bundle(records: Sequence[ConsumerRecord]) -> ConsumerRecord:
    return dataclasses.replace(records[-1], key=None, value=records, headers=())
