"""Reads the endpoints' states of a partition of the state topic."""

import asyncio

import msgspec
from aiokafka import AIOKafkaConsumer, TopicPartition

from runtime import kafka
from runtime.logging import get_logger
from runtime.settings import KafkaAddress
from schemas.topics import Topic
from webhook_dispatcher.endpoint_state import EndpointState

_log = get_logger(__name__)
_CLIENT_ID = "promethios-webhooks-state"
_POLL_MS = 500
_STALLED_SECONDS = 30.0

_decode = msgspec.json.Decoder(EndpointState).decode


async def load_states(address: KafkaAddress, partition: int) -> dict[str, EndpointState]:
    """The states by webhook, of a partition read from its start to the end that it has now.

    Raises:
        aiokafka.errors.KafkaError: the broker refused or does not answer.
        TimeoutError: nothing came for 30 seconds before the end was reached.
    """
    target = TopicPartition(Topic.WEBHOOK_STATE, partition)
    reader = kafka.consumer(address, client_id=_CLIENT_ID)
    states: dict[str, EndpointState] = {}
    try:
        await reader.start()
        reader.assign([target])
        end = (await reader.end_offsets([target]))[target]
        await reader.seek_to_beginning(target)
        while (position := await reader.position(target)) < end:
            async with asyncio.timeout(_STALLED_SECONDS):
                await _read_on(reader, target, position, states)
    finally:
        await reader.stop()
    return states


async def _read_on(
    reader: AIOKafkaConsumer, target: TopicPartition, position: int, states: dict[str, EndpointState]
) -> None:
    # Compaction may leave nothing but gaps, over which the position moves.
    while await reader.position(target) == position:
        batches = await reader.getmany(target, timeout_ms=_POLL_MS)
        for record in batches.get(target, ()):
            absorb(states, (record.key or b"").decode(), record.value)


def absorb(states: dict[str, EndpointState], webhook_id: str, value: bytes | None) -> None:
    """Take the next record of a partition; what cannot be read leaves the webhook where it was before."""
    if value is None:
        states.pop(webhook_id, None)
        return
    try:
        states[webhook_id] = _decode(value)
    except msgspec.MsgspecError as error:
        _log.error("webhook_state_ignored", webhook=webhook_id, reason=str(error))
