"""Follows derived events with a stock Kafka client and the stock `cloudevents` package, each event once.

    python examples/consumers/follow.py promethios.alerts.v1 promethios.agent-status.v1 --group my-team

Nothing in it knows of Promethios: copy it. It needs `pip install aiokafka cloudevents`. Prints a line of JSON
for each event. Ends with Ctrl-C, or after `--events` of them.
"""

import argparse
import asyncio
import contextlib
import json
from collections import OrderedDict

from aiokafka import AIOKafkaConsumer
from cloudevents.core.base import BaseCloudEvent
from cloudevents.core.bindings.kafka import KafkaMessage, from_binary_event

REMEMBERED_EVENTS = 100_000


class Seen:
    """The ids of the last events, because an event may come again, with the id that it had."""

    def __init__(self) -> None:
        """Remember nothing yet; what has to hold over restarts belongs into your own database."""
        self._ids: OrderedDict[str, None] = OrderedDict()

    def is_new(self, event_id: str) -> bool:
        """Whether this id has not come before; notes it."""
        if event_id in self._ids:
            return False
        self._ids[event_id] = None
        if len(self._ids) > REMEMBERED_EVENTS:
            self._ids.popitem(last=False)
        return True


def handle(event: BaseCloudEvent) -> None:
    """Your work with one event; here it is shown."""
    shown = {
        "id": event.get_id(),
        "type": event.get_type(),
        "subject": event.get_subject(),
        "time": str(event.get_time()),
        "data": event.get_data(),
    }
    print(json.dumps(shown), flush=True)


async def follow(options: argparse.Namespace) -> None:
    """Hand each event to `handle`, and only then tell Kafka: so none is lost, whenever this process ends."""
    consumer = AIOKafkaConsumer(
        *options.topic,
        bootstrap_servers=options.kafka,
        group_id=options.group,
        enable_auto_commit=False,
        # A new group begins with what the topic still holds.
        auto_offset_reset="earliest",
    )
    await consumer.start()
    try:
        seen, count = Seen(), 0
        async for record in consumer:
            # Without a value: the agent of the key was erased, and what you keep of it has to go.
            if record.value is not None:
                event = from_binary_event(KafkaMessage(dict(record.headers), record.key, record.value))
                if seen.is_new(event.get_id()):
                    handle(event)
                    count += 1
            await consumer.commit()
            if count == options.events:
                return
    finally:
        await consumer.stop()


def main() -> None:
    """Read the command line and follow."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("topic", nargs="+")
    parser.add_argument("--kafka", default="127.0.0.1:9092", help="the broker's address")
    parser.add_argument("--group", default="follow-example", help="who reads: a group is handed each event")
    parser.add_argument("--events", type=int, default=0, help="end after so many; 0 is never")
    options = parser.parse_args()
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(follow(options))


if __name__ == "__main__":
    main()
