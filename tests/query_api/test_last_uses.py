"""The last use of a key, as several gateways say."""

import asyncio
import uuid
from types import SimpleNamespace

import msgspec
import pytest
from structlog.testing import capture_logs

from query_api import last_uses
from query_api.last_uses import LastUses
from runtime import kafka
from runtime.settings import KafkaAddress
from schemas.key_usage import KeyUse
from schemas.topics import Topic
from tests.ports import unused


def record(key: bytes | None, value: bytes | None) -> SimpleNamespace:
    return SimpleNamespace(key=key, value=value, offset=0)


def use(key: bytes, used_at: int) -> SimpleNamespace:
    return record(key, msgspec.json.encode(KeyUse(used_at)))


def test_the_latest_use_counts_in_whatever_order_they_come() -> None:
    uses = LastUses()
    uses.take(Topic.KEY_USAGE, [use(b"a", 5), use(b"b", 1), use(b"a", 4)])
    assert (uses.of("a"), uses.of("b"), uses.of("c")) == (5, 1, None)


def test_what_cannot_be_read_is_passed_over() -> None:
    uses = LastUses()
    junk = [record(b"a", b"{"), record(b"\xff", b'{"last_used_at":1}'), record(b"a", None), record(None, b"")]
    uses.take(Topic.KEY_USAGE, [*junk, use(b"a", 5)])
    assert uses.of("a") == 5


@pytest.mark.integration
async def test_the_topic_is_followed(control_kafka: KafkaAddress) -> None:
    uses, key_id = LastUses(), uuid.uuid4().hex
    following = asyncio.create_task(uses.follow(control_kafka, "test"))
    producer = kafka.producer(control_kafka, client_id="test")
    await producer.start()
    value = msgspec.json.encode(KeyUse(7))
    await producer.send_and_wait(Topic.KEY_USAGE, value, key=key_id.encode(), partition=0)
    await producer.stop()
    async with asyncio.timeout(60):
        while uses.of(key_id) != 7:  # noqa: ASYNC110 - readers of the uses are not told
            await asyncio.sleep(0.01)
    following.cancel()
    with pytest.raises(asyncio.CancelledError):
        await following


async def test_without_a_broker_it_goes_on_trying(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(last_uses, "_LOOK_SECONDS", 0.01)
    with capture_logs() as logs:
        following = asyncio.create_task(LastUses().follow(KafkaAddress(f"127.0.0.1:{unused()}"), "test"))
        async with asyncio.timeout(60):
            while len(logs) < 2:  # noqa: ASYNC110 - it tells the log only
                await asyncio.sleep(0.01)
        following.cancel()
        with pytest.raises(asyncio.CancelledError):
            await following
    assert {entry["event"] for entry in logs} == {"key_usage_not_followed"}
