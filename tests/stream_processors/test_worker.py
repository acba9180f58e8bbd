"""The worker apart from Faust and the broker: what it takes, ignores, and gives up on."""

import asyncio
import time

import pytest
from pydantic import SecretStr
from structlog.testing import capture_logs

from schemas.errors import InvalidMessageError
from stream_processors.absorbing import Absorber
from stream_processors.checkpoint import owned
from stream_processors.checkpoint.owned import LogGapError
from stream_processors.checkpoint.recovery import Recovered
from stream_processors.settings import ProcessorSettings
from stream_processors.state.bounds import StateMismatchError
from stream_processors.ticks import Ticker
from stream_processors.worker import TelemetryWorker
from tests.stream_processors.checkpoint.doubles import (
    META,
    Acknowledgements,
    FakeStore,
    broken,
    log_record,
)


class NoTicker(Ticker):
    """A ticker that does not tick."""

    def assign(self, partitions: list[int]) -> None:
        """Leave the broker alone."""


class Bench:
    """A worker that owns partition 0 in generation 7, whose ticker reaches nobody."""

    def __init__(self) -> None:
        self.reasons: list[str] = []
        self.held: list[int] = []
        settings = ProcessorSettings(
            kafka_url=SecretStr("kafka+sasl_plaintext://u:p@127.0.0.1:1"), dead_letter_limit=2
        )
        self.worker = TelemetryWorker(settings, self.reasons.append)
        self.worker.hold = self.held.append
        self.worker._ticker = NoTicker(self.worker._tick_producer)
        self.worker.assign([Recovered(Absorber(0, 9), 10, None, META)], generation=7)

    async def take(self, offset: int, partition: int = 0, generation: int = 7) -> None:
        """Hand it a record."""
        record = log_record(offset, partition=partition)
        await self.worker.take([record], generation, Acknowledgements().of(offset))

    def count(self, name: str) -> float | None:
        """A counter of partition 0."""
        return self.worker.metrics.registry.get_sample_value(name, {"partition": "0"})


async def test_records_of_owned_partitions_are_absorbed() -> None:
    bench = Bench()
    await bench.take(10)
    await bench.take(11)
    assert bench.count("promethios_processors_records_total") == 2
    assert bench.count("promethios_processors_events_total") == 4
    assert bench.reasons == []


async def test_records_of_other_partitions_and_generations_are_not() -> None:
    bench = Bench()
    await bench.take(10, partition=1)
    await bench.take(10, generation=6)
    bench.worker.drop()
    await bench.take(10)
    assert bench.count("promethios_processors_records_total") is None
    assert bench.reasons == []


async def test_the_last_ones_acknowledgement_stands_for_all() -> None:
    bench, acknowledgements = Bench(), Acknowledgements()
    await bench.worker.take([log_record(offset) for offset in (10, 11, 12)], 7, acknowledgements.of(12))
    owned = bench.worker._partitions.get(0, 7)
    assert owned is not None
    assert (owned.absorber.fence, owned.records) == (12, 3)
    checkpoint = owned.cut()
    assert checkpoint is not None
    assert len(checkpoint.acknowledgements) == 1
    assert bench.count("promethios_processors_records_total") == 3


async def test_what_is_left_of_a_bundle_is_dropped_with_the_partition(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    bench = Bench()
    monkeypatch.setattr("stream_processors.worker._STRETCH_SECONDS", 0.0)

    async def lose_it() -> None:
        bench.worker.drop()

    monkeypatch.setattr(bench.worker._checkpointer, "wait_for_room", lose_it)
    await bench.worker.take([log_record(10), log_record(11)], 7, Acknowledgements().of(11))
    assert bench.count("promethios_processors_records_total") == 1


async def test_others_have_their_turn_while_a_bundle_is_absorbed(monkeypatch: pytest.MonkeyPatch) -> None:
    bench = Bench()
    monkeypatch.setattr("stream_processors.worker._STRETCH_SECONDS", 0.0)
    seen: list[float | None] = []

    async def look_on() -> None:
        for _ in range(3):
            seen.append(bench.count("promethios_processors_records_total"))
            await asyncio.sleep(0)

    looking = asyncio.create_task(look_on())
    await bench.worker.take([log_record(10), log_record(11), log_record(12)], 7, Acknowledgements().of(12))
    await looking
    assert seen == [1, 2, 3]


async def test_a_partition_of_which_too_much_is_given_up_is_read_no_further() -> None:
    bench = Bench()
    bench.worker.assign([Recovered(Absorber(p, 9), 10, None, META) for p in (0, 1)], generation=7)
    acknowledgements = Acknowledgements()
    with capture_logs() as logs:
        for offset in (10, 11, 12, 13):
            await bench.worker.take([broken(offset)], 7, acknowledgements.of(offset))
    assert bench.held == [0]
    (halted,) = [entry for entry in logs if entry["log_level"] == "critical"]
    assert halted["reason"].startswith("3 of 3 records were given up within 600 seconds: mend the cause")
    assert bench.worker._checks()["dead_letters"] is False
    owned = bench.worker._partitions.get(0, 7)
    assert owned is not None
    assert owned.absorber.fence == 12
    await bench.take(10, partition=1)
    bench.worker._measure()
    registry = bench.worker.metrics.registry
    for partition, is_halted in (("0", 1), ("1", 0)):
        labels = {"partition": partition}
        assert registry.get_sample_value("promethios_processors_halted", labels) == is_halted
    assert registry.get_sample_value("promethios_processors_records_total", {"partition": "1"}) == 1
    assert bench.reasons == []


async def test_who_is_assigned_anew_goes_on() -> None:
    bench = Bench()
    for offset in (10, 11, 12):
        await bench.worker.take([broken(offset)], 7, Acknowledgements().of(offset))
    bench.worker.assign([Recovered(Absorber(0, 12), 13, None, META)], generation=8)
    assert bench.worker._checks()["dead_letters"] is True
    await bench.take(13, generation=8)
    assert bench.count("promethios_processors_records_total") == 4


async def test_a_gap_ends_the_process() -> None:
    bench = Bench()
    with pytest.raises(LogGapError):
        await bench.take(12)
    assert "starting anew from the stored state" in bench.reasons[0]


@pytest.mark.parametrize("error", [MemoryError(), ValueError("an event without a text")])
async def test_nothing_is_left_to_faust(error: Exception, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_: object) -> None:
        raise error

    bench = Bench()
    monkeypatch.setattr(owned, "encode_event", fail)
    with pytest.raises(type(error)):
        await bench.take(10)
    assert "starting anew from the stored state" in bench.reasons[0]


@pytest.mark.parametrize("error", [StateMismatchError("recreated"), InvalidMessageError("other release")])
async def test_state_that_does_not_fit_ends_the_process(
    error: Exception, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench = Bench()

    async def fail(_: object) -> list[Recovered]:
        raise error

    monkeypatch.setattr(bench.worker._recovery, "load", fail)
    with pytest.raises(type(error)):
        await bench.worker.load([0])
    assert bench.reasons == [f"refusing to start: {error}"]


async def test_a_broker_that_is_away_is_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    bench = Bench()
    recovered = Recovered(Absorber(0), 0, None, META)
    script: list[list[Recovered] | Exception] = [TimeoutError("away"), [recovered]]

    async def load(_: object) -> list[Recovered]:
        result = script.pop(0)
        if isinstance(result, Exception):
            raise result
        return result

    monkeypatch.setattr(bench.worker._recovery, "load", load)
    monkeypatch.setattr("stream_processors.worker._RETRY_SECONDS", 0.0)
    assert await bench.worker.load([0]) == [recovered]
    assert bench.reasons == []


async def test_it_is_ready_while_it_is_assigned_and_in_the_group() -> None:
    bench = Bench()
    assert bench.worker._checks() == {"kafka": True, "partitions": True, "dead_letters": True}
    bench.worker.drop()
    assert bench.worker._checks()["partitions"] is False


async def test_what_is_absorbed_while_a_checkpoint_is_stored_is_stored_after_it_at_the_end() -> None:
    bench = Bench()
    store = FakeStore()
    store.open.clear()
    checkpointer = bench.worker._checkpointer
    checkpointer._store = store
    bench.worker._tasks = [asyncio.create_task(checkpointer.run())]
    await bench.take(10)
    await store.entered.wait()
    await bench.take(11)
    stopping = asyncio.create_task(bench.worker.stop())
    await asyncio.sleep(0)
    store.open.set()
    await stopping
    await asyncio.wait(bench.worker._tasks)
    assert [checkpoint.fence for checkpoint in store.stored] == [10, 11]


async def test_a_long_load_is_no_reason_to_give_up_and_a_load_that_stands_still_is(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    bench = Bench()
    bench.worker.drop()
    now = time.monotonic()
    for passed in (100, 200, 300):
        monkeypatch.setattr(time, "monotonic", lambda moment=now + passed: moment)
        bench.worker._state_log.loaded += 1
        bench.worker._check_settled()
    assert bench.reasons == []
    monkeypatch.setattr(time, "monotonic", lambda: now + 421)
    bench.worker._check_settled()
    assert bench.reasons == ["the consumer group has not settled for two minutes"]
