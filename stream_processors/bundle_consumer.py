"""Faust's consumer where the offsets between two messages are no gap, but records of the second."""

from faust.transport.drivers.aiokafka import Consumer, Transport
from faust.types import TP


class BundleConsumer(Consumer):
    """Commits behind the last bundle that is acknowledged, whatever lies between the bundles' own offsets.

    Faust would list each offset between them, the message's own twice, and stop a commit where one is there
    twice: it would commit one bundle of a partition a second, and keep the numbers of all records since
    (robinhood/faust#625). Bundles are acknowledged in the order of the log, and a checkpoint has all before
    it, so the last one stands for all.
    """

    async def _add_gap(self, tp: TP, offset_from: int, offset_to: int) -> None:
        """Keep nothing: that the log has no gap is checked with each record."""

    def _new_offset(self, tp: TP) -> int | None:
        """The offset behind what is acknowledged; None if nothing is, since this was asked last."""
        acknowledged = self._acked[tp]
        if not acknowledged:
            return None
        offset: int = max(acknowledged) + 1
        self._acked_index[tp].difference_update(acknowledged)
        acknowledged.clear()
        return offset


class BundleTransport(Transport):
    """Faust's Kafka transport with that consumer."""

    Consumer = BundleConsumer
