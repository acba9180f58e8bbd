"""Stored state is restored, or refused with a sentence."""

import uuid
from collections.abc import Callable, Iterable

import pytest
from pydantic import SecretStr

from schemas.errors import InvalidMessageError
from schemas.topics import Topic
from stream_processors.absorbing import Absorber
from stream_processors.checkpoint.meta import PartitionMeta, encode_meta
from stream_processors.checkpoint.recovery import LogFacts, Recovery, restore
from stream_processors.settings import ProcessorSettings
from stream_processors.state.bounds import LogBounds, StateMismatchError
from stream_processors.state.log import StateLog
from stream_processors.state.snapshot import (
    META_KEY,
    Snapshot,
    SnapshotMerger,
    StateEntry,
    StateRecord,
    state_record,
)
from tests.stream_processors.checkpoint.doubles import log_record, tick

TOPIC_ID = uuid.UUID(int=1)
KAFKA = ProcessorSettings(kafka_url=SecretStr("kafka+sasl_plaintext://u:p@127.0.0.1:1")).kafka
META = encode_meta(PartitionMeta(TOPIC_ID))


def facts(start: int = 0, end: int = 100, committed: int | None = None) -> LogFacts:
    bounds = LogBounds(Topic.TELEMETRY, 0, start, end)
    return LogFacts(TOPIC_ID, {0: bounds}, {} if committed is None else {0: committed})


def stored(fence: int) -> Snapshot:
    absorber = Absorber(0)
    absorber.absorb(log_record(0))
    entries = {packed.key: StateEntry(packed.fence, packed.payload or b"") for packed in absorber.drain()}
    return Snapshot(fence, META, entries)


def test_without_state_and_commit_everything_is_read() -> None:
    recovered = restore(Snapshot(), facts(start=10), 0)
    assert (recovered.start, recovered.absorber.fence, recovered.absorber.agents) == (10, 9, 0)
    assert recovered.meta == META


def test_state_goes_on_behind_its_fence_whatever_is_committed() -> None:
    for committed in (None, 3, 21, 40):
        recovered = restore(stored(20), facts(committed=committed), 0)
        assert (recovered.start, recovered.committed, recovered.absorber.agents) == (21, committed, 1)


def test_a_restored_absorber_equals_the_one_that_was_stored() -> None:
    recovered = restore(stored(0), facts(), 0).absorber
    direct = Absorber(0)
    direct.absorb(log_record(0))
    for record in (log_record(1), tick(2), log_record(3, agent="b")):
        assert recovered.absorb(record) == direct.absorb(record)
    assert recovered.pack_all() == direct.pack_all()


@pytest.mark.parametrize(
    ("snapshot", "found", "sentence"),
    [
        (stored(100), facts(), "recreated or truncated"),
        (stored(5), facts(start=10), "lost what followed"),
        (Snapshot(), facts(start=10, committed=50), "lost what followed"),
        (Snapshot(), facts(committed=101), "recreated or truncated"),
        (Snapshot(5, encode_meta(PartitionMeta(uuid.UUID(int=2)))), facts(), "topic was recreated"),
    ],
)
def test_state_that_does_not_fit_is_refused(snapshot: Snapshot, found: LogFacts, sentence: str) -> None:
    with pytest.raises(StateMismatchError, match=sentence):
        restore(snapshot, found, 0)


def test_state_of_other_rules_is_refused() -> None:
    with pytest.raises(InvalidMessageError):
        restore(Snapshot(5, META, {"default/a": StateEntry(5, b"other")}), facts(), 0)


class MemoryStateLog(StateLog):
    """A state log in memory, of one partition."""

    def __init__(self) -> None:
        super().__init__("state", KAFKA, client_id="test")
        self.merger = SnapshotMerger()

    async def load(self, partition: int) -> Snapshot:
        assert partition == 0
        return self.merger.snapshot()

    async def write(
        self,
        partition: int,
        fence: int,
        entries: Iterable[StateRecord],
        meta: bytes,
        may_write: Callable[[], bool] = lambda: True,
    ) -> int:
        assert (partition, list(entries), may_write()) == (0, [], True)
        self.merger.absorb(state_record(META_KEY, fence, meta))
        return 0


@pytest.mark.parametrize("start", [0, 10])
async def test_a_crash_before_the_first_checkpoint_does_not_look_like_lost_state(
    start: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    recovery = Recovery(KAFKA, MemoryStateLog())
    for committed in (None, start):  # the start is committed before anything is absorbed

        async def found(_: Recovery, __: object, committed: int | None = committed) -> LogFacts:
            return facts(start=start, committed=committed)

        monkeypatch.setattr(Recovery, "_facts", found)
        (recovered,) = await recovery.load([0])
        assert (recovered.start, recovered.absorber.agents) == (start, 0)
