"""Waiting for the broker and its topics, so that Faust starts only where it can work."""

import asyncio
from collections.abc import Sequence

from aiokafka.errors import KafkaError

from runtime import kafka
from runtime.logging import get_logger
from runtime.settings import KafkaAddress

_log = get_logger(__name__)
_FIRST_PAUSE = 0.25
_LONGEST_PAUSE = 5.0


async def wait_for_topics(address: KafkaAddress, topics: Sequence[str], *, client_id: str) -> None:
    """Return once every topic is there; says in the log what it waits for."""
    pause = _FIRST_PAUSE
    while missing := await _missing(address, topics, client_id):
        _log.warning("waiting_for_kafka", missing=missing)
        await asyncio.sleep(pause)
        pause = min(2 * pause, _LONGEST_PAUSE)


async def _missing(address: KafkaAddress, topics: Sequence[str], client_id: str) -> list[str]:
    reader = kafka.consumer(address, client_id=client_id)
    try:
        await reader.start()
        found = await reader.topics()
    except (KafkaError, OSError) as error:
        return [f"{address.bootstrap_servers}: {error}"]
    finally:
        await reader.stop()
    return [str(topic) for topic in topics if topic not in found]
