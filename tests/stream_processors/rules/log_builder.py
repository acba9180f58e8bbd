"""Records of a made-up telemetry topic, built as the gateway builds them."""

from collections.abc import Sequence
from datetime import UTC, datetime
from decimal import Decimal
from itertools import count
from typing import Any, NamedTuple

import msgspec

from schemas.alert_rules import (
    AlertRule,
    AlertRuleTerms,
    AlertSilence,
    Metric,
    SilenceTerms,
    Threshold,
)
from schemas.block import Block, Kind, Segment, decode_block
from schemas.budgets import Budget, BudgetTerms
from schemas.control import GovernedAgent, SuspensionSpan, TrustModel
from schemas.control_block import ControlRow, encode_control_block
from schemas.derived import AgentStatus, Alert, DerivedEvent, PolicyViolation, TrustScore
from schemas.messages.cost import CostMetric, CostRow
from schemas.messages.event import EventRow, EventType
from schemas.messages.heartbeat import HeartbeatRow
from schemas.messages.log import LogRow
from schemas.messages.metrics import MetricsRow
from schemas.messages.values import AgentHealth, LogLevel, Severity
from schemas.messages.violation import ViolationRow
from schemas.policy import Policy, PolicyTerms
from schemas.stamps import encode_rows, row_prefix
from schemas.topics import Topic
from schemas.totals_block import AnyTotalsRow, encode_totals_block
from schemas.trust_model import TrustParameters
from stream_processors.rules.partition import PartitionState, Record

START = 1_800_000_000_000
SECOND = 1000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR

TENANT = "default"
KINDS: dict[type[msgspec.Struct], Kind] = {
    LogRow: Kind.LOG,
    HeartbeatRow: Kind.HEARTBEAT,
    MetricsRow: Kind.METRICS,
    ViolationRow: Kind.VIOLATION,
    EventRow: Kind.EVENT,
    CostRow: Kind.COST,
}


class Request(NamedTuple):
    """What one agent sends in one request: rows of one kind, perhaps under an idempotency key."""

    agent: str
    rows: Sequence[msgspec.Struct]
    key: int | None = None


def log(level: str = "info", timestamp: int | None = None) -> LogRow:
    return LogRow(LogLevel(level), "a message", timestamp=_moment(timestamp))


def heartbeat(status: str = "active") -> HeartbeatRow:
    return HeartbeatRow(AgentHealth(status))


def metrics(trust: float | None) -> MetricsRow:
    return MetricsRow(1, 2.0, trust)


def event(event_type: str = "ToolCall", success: bool | None = None, **facts: Any) -> EventRow:  # noqa: ANN401 - any column
    return EventRow(EventType(event_type), success=success, **facts)


def decision(word: str) -> EventRow:
    return EventRow(EventType.DECISION, decision=word)


def cost(amount: float | str, metric: str = "tokens_out", **facts: Any) -> CostRow:  # noqa: ANN401 - any column
    return CostRow(CostMetric(metric), str(amount), **facts)


def violation(severity: str, rule: str = "rule", timestamp: int | None = None) -> ViolationRow:
    return ViolationRow(rule, Severity(severity), "what happened", timestamp=_moment(timestamp))


def _moment(milliseconds: int | None) -> datetime | None:
    return None if milliseconds is None else datetime.fromtimestamp(milliseconds / 1000, UTC)


class Log:
    """Numbers records, and gives every request a batch id of its own or that of its key."""

    def __init__(self) -> None:
        self._offsets = count()
        self._batches = count(1)

    def tick(self, timestamp: int) -> Record:
        return Record(next(self._offsets), timestamp, Block(Kind.TICK, (), b""))

    def model(self, timestamp: int, version: int, parameters: TrustParameters) -> Record:
        model = TrustModel(TENANT, parameters, timestamp, "admin")
        row = ControlRow(Topic.TRUST_MODELS, TENANT, version, msgspec.Raw(msgspec.json.encode(model)))
        headers, value = encode_control_block([row], timestamp)
        return Record(next(self._offsets), timestamp, decode_block(headers, value))

    def policy(self, timestamp: int, version: int, terms: PolicyTerms | None, name: str = "p") -> Record:
        """A policy as it stands from now on; without terms it is deleted."""
        policy = Policy(TENANT, name, version, terms or PolicyTerms(), 1, "a", 1, "a", deleted=terms is None)
        return self.control(timestamp, Topic.POLICIES, name, version, policy)

    def rule(self, timestamp: int, version: int, terms: AlertRuleTerms | None, name: str = "r") -> Record:
        """An alert rule as it stands from now on; without terms it is deleted."""
        said = terms or AlertRuleTerms(Metric.EVENTS, Threshold(0))
        rule = AlertRule(TENANT, name, version, said, 1, "a", 1, "a", deleted=terms is None)
        return self.control(timestamp, Topic.ALERT_RULES, name, version, rule)

    def silence(
        self, timestamp: int, version: int, terms: SilenceTerms, name: str = "s", *, deleted: bool = False
    ) -> Record:
        """A silence as it stands from now on."""
        silence = AlertSilence(TENANT, name, version, terms, 1, "a", 1, "a", deleted=deleted)
        return self.control(timestamp, Topic.ALERT_SILENCES, name, version, silence)

    def labels(self, timestamp: int, version: int, agent: str, labels: dict[str, str]) -> Record:
        """An agent's labels as they stand from now on."""
        return self.control(timestamp, Topic.AGENTS, agent, version, GovernedAgent(TENANT, agent, labels))

    def suspension(self, timestamp: int, version: int, agent: str, *, lasts: bool) -> Record:
        """An agent that is suspended from now on, or resumed."""
        span = SuspensionSpan(timestamp, None if lasts else timestamp)
        governed = GovernedAgent(TENANT, agent, suspension=span)
        return self.control(timestamp, Topic.AGENTS, agent, version, governed)

    def control(self, timestamp: int, topic: Topic, name: str, version: int, data: msgspec.Struct) -> Record:
        """A control record that the tenant has under a name."""
        row = ControlRow(topic, f"{TENANT}/{name}", version, msgspec.Raw(msgspec.json.encode(data)))
        headers, value = encode_control_block([row], timestamp)
        return Record(next(self._offsets), timestamp, decode_block(headers, value))

    def budget(self, timestamp: int, version: int, terms: BudgetTerms | None, name: str = "b") -> Record:
        """A budget as it stands from now on; without terms it is deleted."""
        terms_or_any = terms or BudgetTerms(Decimal(1), "USD")
        budget = Budget(TENANT, name, version, terms_or_any, 1, "a", 1, "a", deleted=terms is None)
        key, data = f"{TENANT}/{name}", msgspec.Raw(msgspec.json.encode(budget))
        headers, value = encode_control_block([ControlRow(Topic.BUDGETS, key, version, data)], timestamp)
        return Record(next(self._offsets), timestamp, decode_block(headers, value))

    def totals(self, timestamp: int, rows: Sequence[AnyTotalsRow]) -> Record:
        """What another partition, or this one, reports."""
        headers, value = encode_totals_block(rows, timestamp)
        return Record(next(self._offsets), timestamp, decode_block(headers, value))

    def record(self, timestamp: int, *requests: Request) -> Record:
        segments, values = [], []
        for request in requests:
            keyed = request.key is not None
            batch_id = (request.key if request.key is not None else next(self._batches) << 64).to_bytes(16)
            value = encode_rows(row_prefix(TENANT, request.agent, timestamp, batch_id), list(request.rows))
            values.append(value)
            segments.append(
                Segment(TENANT, request.agent, batch_id, keyed, len(request.rows), len(value), timestamp)
            )
        kind = KINDS[type(requests[0].rows[0])]
        return Record(next(self._offsets), timestamp, Block(kind, tuple(segments), b"".join(values)))


class World:
    """One partition and its log, for tests that tell a story; keeps every event it gives."""

    def __init__(self) -> None:
        self.log = Log()
        self.state = PartitionState(0)
        self.events: list[DerivedEvent] = []
        self.now = START

    def send(self, *rows: msgspec.Struct, agent: str = "a", key: int | None = None) -> list[DerivedEvent]:
        """The agent sends rows of one kind now."""
        return self._absorb(self.log.record(self.now, Request(agent, rows, key)))

    def put(self, record: Record) -> list[DerivedEvent]:
        """A record of the log, as a control record."""
        return self._absorb(record)

    def wait(self, span: int, step: int = SECOND) -> list[DerivedEvent]:
        """Time passes with a tick every `step`."""
        events = []
        end = self.now + span
        while self.now < end:
            self.now += step
            events += self._absorb(self.log.tick(self.now))
        return events

    def live(self, span: int, *, failures: int = 0, of: int = 1, agent: str = "a") -> list[DerivedEvent]:
        """A minute's heartbeat and `of` log entries, `failures` of them errors, again and again."""
        events = []
        end = self.now + span
        rows = [log("error")] * failures + [log()] * (of - failures)
        while self.now < end:
            events += self.send(heartbeat(), agent=agent) + self.send(*rows, agent=agent)
            events += self.wait(MINUTE, step=20 * SECOND)
        return events

    def suspend(self, version: int = 1, agent: str = "a") -> list[DerivedEvent]:
        """An operator suspends an agent."""
        return self._absorb(self.log.suspension(self.now, version, agent, lasts=True))

    def resume(self, version: int = 2, agent: str = "a") -> list[DerivedEvent]:
        """An operator resumes an agent."""
        return self._absorb(self.log.suspension(self.now, version, agent, lasts=False))

    def budget(self, terms: BudgetTerms | None, version: int = 1, name: str = "b") -> list[DerivedEvent]:
        """An operator sets a budget, or deletes it."""
        return self._absorb(self.log.budget(self.now, version, terms, name))

    def come_home(self) -> list[DerivedEvent]:
        """What was reported comes into this partition, as if it were the tenant's home."""
        events = []
        for report in self.state.take_reports():
            events += self._absorb(self.log.totals(self.now, report.rows))
        return events

    def _absorb(self, record: Record) -> list[DerivedEvent]:
        events = self.state.absorb(record)
        self.events += events
        return events


def scores(events: Sequence[DerivedEvent]) -> list[TrustScore]:
    return [event.data for event in events if isinstance(event.data, TrustScore)]


def alerts(events: Sequence[DerivedEvent]) -> list[Alert]:
    return [event.data for event in events if isinstance(event.data, Alert)]


def statuses(events: Sequence[DerivedEvent]) -> list[AgentStatus]:
    return [event.data for event in events if isinstance(event.data, AgentStatus)]


def violations(events: Sequence[DerivedEvent]) -> list[PolicyViolation]:
    return [event.data for event in events if isinstance(event.data, PolicyViolation)]
