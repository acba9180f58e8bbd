"""The order in which a checkpoint is stored."""

import dataclasses
from collections.abc import Callable, Iterable
from typing import cast

import pytest
from aiokafka.errors import KafkaConnectionError

from runtime.restarting_producer import OutgoingRecord, RestartingProducer
from schemas.dead_letters import HEADER_OFFSET, HEADER_SEGMENTS, HEADER_STAGE
from schemas.topics import Topic
from stream_processors.absorbing import Rejection
from stream_processors.checkpoint import store as steps
from stream_processors.checkpoint.owned import Checkpoint
from stream_processors.checkpoint.store import CheckpointStore
from stream_processors.failpoints import Failpoint
from stream_processors.state.log import StateLog
from tests.stream_processors.checkpoint.doubles import (
    Acknowledgements,
    broken,
    log_record,
    owned_partition,
    tick,
)


class Trace:
    """Stands in for producer, state log and failpoint, and notes who is called when."""

    def __init__(self, *, fail: bool = False) -> None:
        self.calls: list[str] = []
        self.sent: list[OutgoingRecord] = []
        self.letters: list[OutgoingRecord] = []
        self._fail = fail

    async def send_in_batches(self, records: Iterable[OutgoingRecord]) -> None:
        self.sent += records
        self.calls.append("send")
        if self._fail:
            raise KafkaConnectionError("away")

    async def send_all(self, records: Iterable[OutgoingRecord]) -> list[int]:
        self.letters += records
        self.calls.append("send letters")
        return []

    async def write(
        self, partition: int, fence: int, _entries: object, _meta: bytes, may_write: Callable[[], bool]
    ) -> int:
        self.calls.append(f"write {partition} {fence}" if may_write() else "not written")
        return 9

    def reach(self, name: str) -> None:
        self.calls.append(name)

    def may_write(self) -> bool:
        """Asked only when the outputs are stored."""
        self.calls.append("ask")
        return True

    def store(self) -> CheckpointStore:
        return CheckpointStore(
            cast("RestartingProducer", self), cast("StateLog", self), cast("Failpoint", self), self.may_write
        )


def cut(*, below_fence: bool = False) -> Checkpoint:
    owned = owned_partition(fence=5 if below_fence else -1)
    owned.take(log_record(0), Acknowledgements().of(0))
    owned.take(broken(1), Acknowledgements().of(1))
    checkpoint = owned.cut()
    assert checkpoint is not None
    return checkpoint


async def test_outputs_come_before_state() -> None:
    trace = Trace()
    store = trace.store()
    assert await store.store(cut()) == 9
    store.acknowledged()
    assert trace.calls == [
        steps.BEFORE_OUTPUTS,
        "send",
        "send letters",
        steps.AFTER_OUTPUTS,
        "ask",
        "write 0 1",
        steps.AFTER_STATE,
        steps.AFTER_ACKNOWLEDGE,
    ]


async def test_no_state_is_written_when_an_output_failed() -> None:
    trace = Trace(fail=True)
    with pytest.raises(KafkaConnectionError):
        await trace.store().store(cut())
    assert trace.calls == [steps.BEFORE_OUTPUTS, "send"]


async def test_records_below_the_fence_write_no_state() -> None:
    trace = Trace()
    await trace.store().store(cut(below_fence=True))
    assert not any(call.startswith("write") for call in trace.calls)
    assert trace.sent == []
    assert trace.letters == []


async def test_dead_letters_keep_their_bytes_and_say_where_they_stood() -> None:
    trace = Trace()
    await trace.store().store(cut())
    (letter,) = trace.letters
    assert letter.topic == Topic.TELEMETRY_DEAD_LETTERS
    assert (letter.key, letter.value, letter.headers[0]) == (b"k", b"v", ("h", b"1"))
    assert dict(letter.headers)[HEADER_OFFSET] == b"1"
    assert dict(letter.headers)[HEADER_STAGE] == b"rules"
    assert HEADER_SEGMENTS not in dict(letter.headers)


async def test_a_tick_on_which_a_rule_failed_leaves_no_letter() -> None:
    trace = Trace()
    rejection = Rejection("a rule failed", fault=True)
    await trace.store().store(dataclasses.replace(cut(), rejections=[(tick(1), rejection)]))
    assert trace.letters == []


async def test_a_failed_rules_letter_names_the_requests() -> None:
    trace = Trace()
    rejection = Rejection("a rule failed", fault=True, segments=(0, 3))
    await trace.store().store(dataclasses.replace(cut(), rejections=[(log_record(1), rejection)]))
    assert dict(trace.letters[-1].headers)[HEADER_SEGMENTS] == b"[0,3]"
