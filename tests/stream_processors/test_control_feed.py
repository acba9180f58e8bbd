"""The feed sends each partition what its rules do not know yet, once, and again after a failure."""

import asyncio
from collections.abc import Iterable
from typing import cast

import msgspec
import pytest
from aiokafka.errors import KafkaConnectionError
from structlog.testing import capture_logs

from runtime.control_state import ControlState, Envelope
from runtime.restarting_producer import OutgoingRecord, RestartingProducer
from schemas.block import decode_block
from schemas.control import Agent, GovernedAgent, Suspension, SuspensionSpan, TrustModel
from schemas.control_block import ControlRow, decode_control_rows
from schemas.erasures import Erasure, ErasureMode, ErasureState
from schemas.errors import InvalidMessageError
from schemas.identity import partition_of
from schemas.policy import Policy, PolicyTerms
from schemas.topics import Topic
from schemas.trust_model import LevelParameters, TrustParameters, check_parameters
from stream_processors import control_feed
from stream_processors.absorbing import Absorber
from stream_processors.control_feed import FED_TYPES, ControlFeed, control_record, in_portions
from stream_processors.log_record import LogRecord
from tests.stream_processors.checkpoint.doubles import TIME, model_record

Sent = tuple[int, str, int]


class Broker:
    """Notes what it is sent as (partition, key, version), unless it is told to fail."""

    def __init__(self) -> None:
        self.sent: list[Sent] = []
        self.failing = False
        self.asked = 0
        self._changed = asyncio.Condition()

    async def send_all(self, records: Iterable[OutgoingRecord]) -> list[int]:
        """As the producer does it."""
        (record,) = records
        self.asked += 1
        async with self._changed:
            self._changed.notify_all()
        if self.failing:
            raise KafkaConnectionError("away")
        assert record.partition is not None
        rows = decode_control_rows(decode_block(record.headers, record.value))
        self.sent += [(record.partition, row.key, row.version) for row in rows]
        return [len(self.sent)]

    async def partition_count(self, topic: str) -> int:
        """As the producer does it."""
        assert topic == Topic.TELEMETRY
        return 2

    async def wait_for(self, count: int) -> None:
        """Wait until so much was asked of it."""
        async with asyncio.timeout(60), self._changed:
            await self._changed.wait_for(lambda: self.asked >= count)


class Control:
    """Control records, and a feed of them that is fast."""

    def __init__(self, broker: Broker) -> None:
        self.state = ControlState({str(topic): data for topic, data in FED_TYPES.items()})
        self.feed = ControlFeed(cast("RestartingProducer", broker), interval=0.001)

    def put(self, tenant: str, version: int) -> None:
        """A model is changed."""
        model = TrustModel(tenant, TrustParameters(), 1, "admin")
        envelope = Envelope(version, f"{tenant}-{version}", msgspec.Raw(msgspec.json.encode(model)))
        self._apply(Topic.TRUST_MODELS, tenant, envelope)

    def put_policy(self, tenant: str, terms: PolicyTerms, version: int) -> None:
        """A policy is changed."""
        policy = Policy(tenant, "build", version, terms, 1, "admin", 1, "admin")
        envelope = Envelope(version, f"{tenant}-{version}", msgspec.Raw(msgspec.json.encode(policy)))
        self._apply(Topic.POLICIES, f"{tenant}/build", envelope)

    def label(self, agent: str, version: int, **labels: str) -> None:
        """An agent's labels are changed."""
        data = GovernedAgent("default", agent, labels)
        envelope = Envelope(version, f"{agent}-{version}", msgspec.Raw(msgspec.json.encode(data)))
        self._apply(Topic.AGENTS, f"default/{agent}", envelope)

    def suspend(self, agent: str, version: int, span: SuspensionSpan) -> None:
        """An agent is suspended, or resumed."""
        data = GovernedAgent("default", agent, suspension=span)
        envelope = Envelope(version, f"{agent}-{version}", msgspec.Raw(msgspec.json.encode(data)))
        self._apply(Topic.AGENTS, f"default/{agent}", envelope)

    def forget_agent(self, agent: str, version: int) -> None:
        """The last version of an agent's record, as its erasure writes it."""
        data = GovernedAgent("default", agent, erased_at=1)
        envelope = Envelope(version, f"{agent}-{version}", msgspec.Raw(msgspec.json.encode(data)))
        self._apply(Topic.AGENTS, f"default/{agent}", envelope)

    def erase(self, agent: str | None, version: int, state: ErasureState) -> None:
        """An erasure is changed, as the query API writes it."""
        value = None if agent else "bob@example.com"
        erasure = Erasure("e1", "default", ErasureMode.ERASE, 1, "admin", agent, value, state=state)
        envelope = Envelope(version, f"e1-{version}", msgspec.Raw(msgspec.json.encode(erasure)))
        self._apply(Topic.ERASURES, "default/e1", envelope)

    def _apply(self, topic: Topic, key: str, envelope: Envelope) -> None:
        data = self.state.apply(topic, key, msgspec.json.encode(envelope))
        assert data is not None
        self.feed.notice(topic, key, data)


async def settle() -> None:
    """Give the feed some turns."""
    await asyncio.sleep(0.02)


def test_a_control_record_is_for_one_partition_and_the_rules_take_it() -> None:
    row = ControlRow(
        Topic.TRUST_MODELS,
        "default",
        4,
        msgspec.Raw(msgspec.json.encode(TrustModel("default", TrustParameters(), 1, "admin"))),
    )
    record = control_record(3, [row])
    assert (record.topic, record.partition, record.key) == (Topic.TELEMETRY, 3, None)
    absorber = Absorber(3)
    taken = absorber.absorb(LogRecord(3, 0, TIME, None, record.value, tuple(record.headers)))
    assert taken.rejection is None
    assert absorber.control_version(Topic.TRUST_MODELS, "default") == 4


async def test_each_partition_is_sent_what_it_does_not_know_once() -> None:
    broker = Broker()
    control = Control(broker)
    control.put("default", 2)
    knowing = Absorber(1)
    knowing.absorb(model_record(0, version=2))
    control.feed.assign([Absorber(0), knowing], control.state)
    await broker.wait_for(1)
    await settle()
    assert broker.sent == [(0, "default", 2)]
    control.put("default", 3)
    control.put("other", 1)
    await broker.wait_for(3)
    await settle()
    control.feed.drop()
    assert set(broker.sent[1:]) == {(p, *news) for p in (0, 1) for news in (("default", 3), ("other", 1))}
    assert len(broker.sent) == 5


async def test_what_could_not_be_sent_is_sent_again() -> None:
    broker = Broker()
    control = Control(broker)
    control.put("default", 1)
    broker.failing = True
    with capture_logs() as logs:
        control.feed.assign([Absorber(0)], control.state)
        await broker.wait_for(2)
    assert logs[0]["event"] == "control_feed_failed"
    broker.failing = False
    await broker.wait_for(broker.asked + 1)
    await settle()
    control.feed.drop()
    assert broker.sent == [(0, "default", 1)]


async def test_nothing_is_sent_after_a_drop() -> None:
    broker = Broker()
    control = Control(broker)
    control.feed.assign([Absorber(0)], control.state)
    control.feed.drop()
    control.put("default", 1)
    await settle()
    assert broker.sent == []


async def test_models_and_policies_are_sent_in_records_of_bounded_size(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    model = TrustModel("t0", TrustParameters(), 1, "admin")
    monkeypatch.setattr(control_feed, "_BYTES_A_RECORD", 5 * len(msgspec.json.encode(model)))
    broker = Broker()
    control = Control(broker)
    for number in range(9):
        control.put(f"t{number}", 1)
    control.put_policy("t0", PolicyTerms(description="long" * 1000), 7)
    control.feed.assign([Absorber(0)], control.state)
    await broker.wait_for(3)
    await settle()
    control.feed.drop()
    assert broker.sent == [*((0, f"t{number}", 1) for number in range(9)), (0, "t0/build", 7)]
    assert broker.asked == 3


class Reader(Broker):
    """A broker whose partition is read at once by the rules."""

    def __init__(self, absorber: Absorber) -> None:
        super().__init__()
        self._absorber = absorber
        self.refused = 0

    async def send_all(self, records: Iterable[OutgoingRecord]) -> list[int]:
        """Send, and absorb."""
        (record,) = records
        await super().send_all([record])
        offset = self._absorber.fence + 1
        taken = self._absorber.absorb(
            LogRecord(self._absorber.partition, offset, TIME, None, record.value, tuple(record.headers))
        )
        self.refused += taken.rejection is not None
        return [offset]


async def test_a_row_that_is_refused_keeps_no_other_from_the_rules() -> None:
    absorber = Absorber(0)
    reader = Reader(absorber)
    control = Control(reader)
    for tenant in ("a", "b", "c"):
        control.put(tenant, 1)
    levels = LevelParameters(trusted=10.0, good=90.0)
    with pytest.raises(InvalidMessageError):
        check_parameters(TrustParameters(levels=levels))
    contradictory = TrustModel("b", TrustParameters(levels=levels), 1, "admin")
    envelope = Envelope(2, "b-2", msgspec.Raw(msgspec.json.encode(contradictory)))
    control.state.apply(Topic.TRUST_MODELS, "b", msgspec.json.encode(envelope))
    with capture_logs() as logs:
        control.feed.assign([absorber], control.state)
        await reader.wait_for(4)
        await settle()
    known = [absorber.control_version(Topic.TRUST_MODELS, tenant) for tenant in ("a", "b", "c")]
    assert known == [1, 0, 1]
    assert reader.refused == 2
    assert reader.asked == 4
    assert [(entry["event"], entry["key"]) for entry in logs] == [("control_row_refused", "b")]
    control.put("b", 3)
    await reader.wait_for(5)
    await settle()
    control.feed.drop()
    assert absorber.control_version(Topic.TRUST_MODELS, "b") == 3
    assert reader.asked == 5


def test_portions_hold_everything_in_order() -> None:
    rows = [
        ControlRow(Topic.POLICIES, str(size), 1, msgspec.Raw(b"x" * size)) for size in (4, 6, 1, 11, 3, 7, 1)
    ]
    portions = [[int(row.key) for row in portion] for portion in in_portions(rows, 10)]
    assert portions == [[4, 6], [1], [11], [3, 7], [1]]
    assert list(in_portions([], 10)) == []


async def test_labels_are_sent_to_the_agents_own_partition_and_when_they_are_taken_away() -> None:
    broker = Broker()
    control = Control(broker)
    own = {name: partition_of(f"default/{name}", 2) for name in "abcd"}
    assert set(own.values()) == {0, 1}
    for name in "abcd":
        control.label(name, 1, team="x")
    control.label("plain", 1)
    control.feed.assign([Absorber(0), Absorber(1)], control.state)
    await broker.wait_for(2)
    await settle()
    assert sorted(broker.sent) == sorted((own[name], f"default/{name}", 1) for name in "abcd")
    control.label("a", 2)
    await broker.wait_for(3)
    await settle()
    control.feed.drop()
    assert broker.sent[4:] == [(own["a"], "default/a", 2)]


async def test_the_labels_of_an_erased_agent_go_with_its_erasure_alone() -> None:
    broker = Broker()
    control = Control(broker)
    control.label("a", 1, team="x")
    control.feed.assign([Absorber(0), Absorber(1)], control.state)
    await broker.wait_for(1)
    control.forget_agent("a", 2)
    control.erase("a", 1, ErasureState.RUNNING)
    await broker.wait_for(2)
    await settle()
    control.feed.drop()
    assert [key for _, key, _ in broker.sent] == ["default/a", "default/e1"]


async def test_an_erasure_is_told_to_the_agents_partition_once_it_has_begun() -> None:
    broker = Broker()
    control = Control(broker)
    control.erase("scout", 1, ErasureState.REQUESTED)
    control.feed.assign([Absorber(0), Absorber(1)], control.state)
    await settle()
    assert broker.sent == []
    control.erase("scout", 2, ErasureState.RUNNING)
    await broker.wait_for(1)
    control.erase("scout", 3, ErasureState.DONE)
    await settle()
    control.feed.drop()
    assert broker.sent == [(partition_of("default/scout", 2), "default/e1", 2)]


async def test_a_value_is_never_told() -> None:
    broker = Broker()
    control = Control(broker)
    control.feed.assign([Absorber(0), Absorber(1)], control.state)
    control.erase(None, 1, ErasureState.RUNNING)
    await settle()
    control.feed.drop()
    assert broker.sent == []
    entry = control.state.get(Topic.ERASURES, "default/e1")
    assert entry is not None
    assert b"bob" not in msgspec.json.encode(entry.data)


async def test_a_suspension_is_for_the_agents_partition_and_so_is_its_end() -> None:
    broker = Broker()
    control = Control(broker)
    own = partition_of("default/scout", 2)
    control.feed.assign([Absorber(0), Absorber(1)], control.state)
    control.label("scout", 1)
    await settle()
    assert broker.sent == []
    control.suspend("scout", 2, SuspensionSpan(5))
    await broker.wait_for(1)
    control.suspend("scout", 3, SuspensionSpan(5, 6))
    await broker.wait_for(2)
    await settle()
    control.feed.drop()
    assert broker.sent == [(own, "default/scout", 2), (own, "default/scout", 3)]


async def test_no_word_of_an_operator_comes_into_the_telemetry() -> None:
    control = Control(Broker())
    agent = Agent("default", "scout", "gov-1", 1, suspension=Suspension(5, None, "ada", "bob@example.com"))
    envelope = Envelope(1, "w", msgspec.Raw(msgspec.json.encode(agent)))
    control._apply(Topic.AGENTS, "default/scout", envelope)
    entry = control.state.get(Topic.AGENTS, "default/scout")
    assert entry is not None
    assert entry.data == GovernedAgent("default", "scout", suspension=SuspensionSpan(5))
