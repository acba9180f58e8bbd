"""The agents of one partition, and what a record of the telemetry topic does to them."""

from collections.abc import Iterable, Mapping, Sequence

import msgspec

from schemas.block import Block, Kind, Segment
from schemas.control_block import decode_control_rows
from schemas.derived import DerivedEvent
from schemas.topics import Topic
from schemas.totals_block import CountsRow, TotalsRow, decode_totals_rows
from stream_processors.deduplication import absorb_batch
from stream_processors.rules.agent import absorb_segment, absorb_suspension, absorb_tick, take_leave
from stream_processors.rules.alert_rules import BY_DEFAULT, DEFAULT, AlertControl, Governing
from stream_processors.rules.budgets import Budgets
from stream_processors.rules.control_history import AnyHistory
from stream_processors.rules.erasures import ErasedAgents
from stream_processors.rules.evidence import decode_evidence
from stream_processors.rules.forgetting import is_forgettable
from stream_processors.rules.held_agents import HeldAgents
from stream_processors.rules.outputs import Outputs
from stream_processors.rules.partition_counts import PartitionCounts
from stream_processors.rules.partition_totals import Moment, PartitionTotals
from stream_processors.rules.policies import Policies
from stream_processors.rules.presence import PresenceState
from stream_processors.rules.reports import Report, reports_of
from stream_processors.rules.state import AgentState
from stream_processors.rules.tenant_budgets import look_at_budgets
from stream_processors.rules.tenant_rules import Asked, absorb_counts, look_at_rules
from stream_processors.rules.tenant_totals import Grown, TenantState, absorb_totals, spendings
from stream_processors.rules.timers import Timers
from stream_processors.rules.trust_models import TenantModels, TrustModels
from stream_processors.state.snapshot import StateRecord

_NAMED_FAILURES = 3
_NEVER = -1


class RuleFailedError(Exception):
    """Rules failed on some agents; the rest of the record is absorbed, and `events` is what it gave.

    What a rule has changed before it failed stays changed, and its outputs count. `segments` are the places
    of the requests that failed among those of the block; a tick has none.
    """

    def __init__(
        self,
        failures: Mapping[str, Exception],
        events: Sequence[DerivedEvent],
        segments: Sequence[int] = (),
    ) -> None:
        """`failures` by agent."""
        named = [f"{key}: {error!r}" for key, error in list(failures.items())[:_NAMED_FAILURES]]
        super().__init__(f"{len(failures)} agents, {'; '.join(named)}")
        self.failures = failures
        self.events = events
        self.segments = tuple(segments)


class Record(msgspec.Struct, frozen=True):
    """A record of the telemetry topic: offset, Kafka timestamp in milliseconds, and block."""

    offset: int
    timestamp: int
    block: Block


class PartitionState:
    """What the rules know of a partition: its agents' states, and the trust models and policies of tenants.

    An agent's outputs depend on its own state and records, and on models and policies at each, alone; its
    clock is the Kafka timestamp made monotone per agent. So agents restored from different moments catch up
    exactly when the log is replayed from the oldest: each skips what lies at or below its own fence. Timers
    are made anew from the states. For the same reason a rule that fails on one agent must not keep a record
    from the others.
    """

    def __init__(  # noqa: PLR0913 - all that a checkpoint holds
        self,
        partition: int,
        agents: Iterable[AgentState] = (),
        models: Iterable[TenantModels] = (),
        forgotten: Mapping[str, int] | None = None,
        control: Mapping[Topic, Iterable[bytes]] | None = None,
        *,
        moment: Moment | None = None,
        tenants: Iterable[TenantState] = (),
    ) -> None:
        """`forgotten` are agents that are no more, each with the offset of the record that ended it.

        `control` are packed versions of control records, by their topic; `moment` is when totals were
        published last; `tenants` are those whose home the partition is.

        Raises:
            InvalidMessageError: something was packed by another release.
        """
        packed = control or {}
        self.partition = partition
        self.agents = HeldAgents()
        self.models = TrustModels(models)
        self.policies = Policies(packed.get(Topic.POLICIES, ()))
        self.alerts = alerts = AlertControl(packed)
        self.budgets = Budgets(packed.get(Topic.BUDGETS, ()))
        self.erased = ErasedAgents(packed.get(Topic.ERASURES, ()))
        histories = (self.policies, alerts.rules, alerts.silences, alerts.agents, self.budgets, self.erased)
        self.histories: dict[Topic, AnyHistory] = {history.topic: history for history in histories}
        self._ended: list[str] = []
        self._governing: dict[str, Governing] = {}
        self._governed_since = max((history.newest_of_all for history in self.histories.values()), default=-1)
        self._forgotten = dict(forgotten or {})
        # A set that keeps its order.
        self._changed: dict[str, None] = {}
        self._leaving: dict[str, int] = {}
        self.tenants = {state.tenant_id: state for state in tenants}
        self._changed_tenants: set[str] = set()
        self._reports: list[Report] = []
        fences = [tenant.fence for tenant in self.tenants.values()]
        restored = max([*fences, *self._forgotten.values()], default=_NEVER)
        self.totals = PartitionTotals(restored, moment)
        self.counts = PartitionCounts()
        self._pending: set[str] = set()
        self._timers = Timers()
        for state in agents:
            self._restore(state)

    def absorb(self, record: Record) -> list[DerivedEvent]:
        """Absorb a record, in the order of offsets, and return what follows from it.

        Raises:
            InvalidMessageError: a row cannot be read; then nothing of the record is absorbed, now or in a
            replay.
            RuleFailedError: rules failed on some agents, and only on these.
            MemoryError: this state is not to be used any more.
        """
        outputs = Outputs(self.partition, record.offset)
        kind = record.block.kind
        if kind is Kind.CONTROL:
            self._absorb_control(record, outputs)
        elif kind is Kind.TICK:
            self._absorb_tick(record, outputs)
        elif kind is Kind.TOTALS:
            self._absorb_totals(record, outputs)
        else:
            self._absorb_block(record, outputs)
        return outputs.events

    def drain_changed(self) -> list[StateRecord]:
        """The agents that changed since the last call, packed, those first that did so first."""
        changed = [self.agents.record(key) for key in self._changed]
        self._changed.clear()
        return changed

    def drain_tenants(self) -> list[TenantState]:
        """The tenants whose state here changed since the last call, by id."""
        changed = [self.tenants[tenant_id] for tenant_id in sorted(self._changed_tenants)]
        self._changed_tenants.clear()
        return changed

    def take_reports(self) -> list[Report]:
        """What is to be reported to other partitions since the last call."""
        reports, self._reports = self._reports, []
        return reports

    def drain_forgotten(self) -> list[tuple[str, int]]:
        """The agents forgotten since the last call, by key, each with the offset of the last record."""
        gone = [(key, offset) for key, offset in sorted(self._leaving.items()) if key not in self.agents]
        self._leaving.clear()
        return gone

    def drain_ended(self) -> list[str]:
        """The agents erased since the last call, whose last records on compacted topics have to go."""
        ended, self._ended = self._ended, []
        return ended

    def _restore(self, state: AgentState) -> None:
        key = state.key
        self.agents.add(key, state)
        self.totals.restore(state)
        self.counts.restore(state)
        self._wake(key, state)

    def _absorb_control(self, record: Record, outputs: Outputs) -> None:
        rows = decode_control_rows(record.block)
        # All is decoded before anything counts.
        histories = self.histories
        versions = [
            (history, history.decode(row, record.offset))
            for row in rows
            if (history := histories.get(row.topic)) is not None
        ]
        self.models.absorb([row for row in rows if row.topic not in histories], record.offset)
        for history, version in versions:
            history.absorb(version)
            if history is self.erased:
                self._erase(version.data.agent_key, record.offset)
        self._governing.clear()
        self._governed_since = max(self._governed_since, record.offset)
        failures: dict[str, Exception] = {}
        for key in sorted({version.key for history, version in versions if history is self.alerts.agents}):
            self._heed_suspension(key, record, outputs, failures)
        if failures:
            raise RuleFailedError(failures, outputs.events)

    def _heed_suspension(
        self, key: str, record: Record, outputs: Outputs, failures: dict[str, Exception]
    ) -> None:
        """Suspend an agent or resume it, if its record says so; one that was never heard has no state."""
        state = self.agents.find(key)
        if state is None or state.fence >= record.offset:
            return
        suspended = self.alerts.is_suspended(state.tenant_id, key, record.offset)
        if suspended is state.presence.suspended:
            return
        self._move(state, key, record)
        model = self.models.at(state.tenant_id, record.offset)
        governing = self._governs(state, key, record.offset)
        try:
            absorb_suspension(state, model, outputs, governing, suspended=suspended)
        except MemoryError:
            raise
        except Exception as error:  # noqa: BLE001 - it is this agent's alone
            failures[key] = error
        self._wake(key, state)

    def _absorb_block(self, record: Record, outputs: Outputs) -> None:
        touched = set()
        failures: dict[str, Exception] = {}
        failed: list[int] = []
        # Everything is decoded before anything is absorbed, also what a fence will skip: whether a record is
        # readable must not depend on where a replay begins.
        decoded = decode_evidence(record.block)
        self._observe(record, outputs)
        for place, evidence in enumerate(decoded):
            if not evidence.rows:
                continue
            segment = evidence.segment
            key = segment.agent_key
            state = self.agents.find(key)
            if state is None:
                # What came too late counts for nothing, so nobody begins to exist by it.
                known_as_gone = record.offset <= self._forgotten.get(key, _NEVER)
                if known_as_gone or segment.is_too_late(record.timestamp):
                    continue
                state = self._first_seen(segment, record.offset)
                self.agents.add(key, state)
            if state.fence < record.offset or key in touched:
                touched.add(key)
                self._move(state, key, record)
                if absorb_batch(state.batches, segment, record.timestamp):
                    self.totals.absorb(state, evidence, record.offset)
                    model = self.models.at(segment.tenant_id, record.offset)
                    governing = self._governs(state, key, record.offset)
                    try:
                        added = absorb_segment(state, model, evidence, outputs, governing)
                        self.counts.absorb(state, governing.alerting.watch.membership, added, record.offset)
                    except MemoryError:
                        raise
                    except Exception as error:  # noqa: BLE001 - it is this agent's alone
                        failures[key] = error
                        failed.append(place)
                self._wake(key, state)
        if failures:
            raise RuleFailedError(failures, outputs.events, failed)

    def _first_seen(self, segment: Segment, offset: int) -> AgentState:
        suspended = self.alerts.is_suspended(segment.tenant_id, segment.agent_key, offset)
        presence = PresenceState(suspended=suspended)
        return AgentState(segment.tenant_id, segment.agent_id, presence=presence)

    def _absorb_tick(self, record: Record, outputs: Outputs) -> None:
        failures: dict[str, Exception] = {}
        self._observe(record, outputs)
        # In the order of keys: the history of the timers and sets must not show in the order of the outputs.
        for key in sorted(self._pending.union(self._timers.pop_due(record.timestamp))):
            state = self.agents[key]
            due = state.pending or state.due_at <= record.timestamp
            if due and state.fence < record.offset:
                self._move(state, key, record)
                model = self.models.at(state.tenant_id, record.offset)
                governing = self._governs(state, key, record.offset)
                try:
                    absorb_tick(state, model, outputs, governing)
                    if is_forgettable(state, model, state.clock):
                        take_leave(state, outputs)
                        self._forget(key, record.offset)
                        continue
                except MemoryError:
                    raise
                except Exception as error:  # noqa: BLE001 - it is this agent's alone
                    failures[key] = error
            if not state.pending:
                self._pending.discard(key)
            self._wake(key, state)
        for tenant_id in sorted(self.tenants):
            self._look_at_tenant(tenant_id, record, outputs, failures)
        if failures:
            raise RuleFailedError(failures, outputs.events)

    def _governs(self, state: AgentState, key: str, offset: int) -> Governing:
        """What holds for an agent at the record of that offset; known by heart since the last change."""
        governing = self._governing.get(key) if offset > self._governed_since else None
        if governing is None:
            tenant_id, agent_id = state.tenant_id, state.agent_id
            policies = self.policies.binding(tenant_id, agent_id, offset)
            alerting = self.alerts.of(tenant_id, agent_id, offset)
            governing = BY_DEFAULT
            if policies is not None or alerting is not DEFAULT:
                governing = Governing(policies, alerting)
            if offset > self._governed_since:
                self._governing[key] = governing
        return governing

    def _absorb_totals(self, record: Record, outputs: Outputs) -> None:
        rows = decode_totals_rows(record.block)
        failures: dict[str, Exception] = {}
        for tenant_id in sorted({row.tenant_id for row in rows}):
            state = self.tenants.setdefault(tenant_id, TenantState(tenant_id))
            if state.fence < record.offset:
                own = [row for row in rows if row.tenant_id == tenant_id]
                grown = absorb_totals(state, [row for row in own if isinstance(row, TotalsRow)])
                counts = [row for row in own if isinstance(row, CountsRow)]
                over_many = self.alerts.over_many(tenant_id, record.offset)
                absorb_counts(state.rules, counts, over_many, max(state.clock, record.timestamp))
                self._look_at_tenant(tenant_id, record, outputs, failures, grown=grown)
                self._move_tenant(state, record)
        if failures:
            raise RuleFailedError(failures, outputs.events)

    def _look_at_tenant(
        self,
        tenant_id: str,
        record: Record,
        outputs: Outputs,
        failures: dict[str, Exception],
        *,
        grown: Grown = frozenset(),
    ) -> None:
        state, offset = self.tenants[tenant_id], record.offset
        budgets = list(self.budgets.in_force(tenant_id, offset))
        if state.fence >= offset or not (budgets or state.budgets or state.rules):
            return
        now = max(state.clock, record.timestamp)
        try:
            asked = self._asked(tenant_id, offset, now)
            changed = look_at_budgets(state.budgets, spendings(state, budgets, grown, now), asked, outputs)
            changed |= look_at_rules(state.rules, asked, outputs)
        except MemoryError:
            raise
        except Exception as error:  # noqa: BLE001 - it is this tenant's alone
            failures[tenant_id] = error
            changed = True
        if changed:
            self._move_tenant(state, record)

    def _asked(self, tenant_id: str, offset: int, now: int) -> Asked:
        silences = self.alerts.silences_of(tenant_id, offset)
        return Asked(tenant_id, self.alerts.over_many(tenant_id, offset), silences, now)

    def _move_tenant(self, state: TenantState, record: Record) -> None:
        state.fence = record.offset
        state.clock = max(state.clock, record.timestamp)
        self._changed_tenants.add(state.tenant_id)

    def _observe(self, record: Record, outputs: Outputs) -> None:
        before = self.totals.moment.offset
        if self.totals.observe(record.block.kind, record.offset, record.timestamp, outputs):
            self._reports += reports_of(self.partition, self.totals, self.agents, self.budgets, before)
            self.totals.settle(record.offset)
            self._reports += self.counts.report(self.partition, self.totals.moment, before)

    def _erase(self, key: str, offset: int) -> None:
        """Forget an agent without a word of leave, whoever reads of it here for whichever time."""
        self.alerts.agents.forget(key, offset)
        state = self.agents.find(key)
        if state is not None and state.fence < offset:
            self._forget(key, offset)
        self._ended.append(key)

    def _forget(self, key: str, offset: int) -> None:
        state = self.agents.remove(key)
        self._timers.forget(key)
        self.totals.forget(state)
        self.counts.forget(state)
        self._governing.pop(key, None)
        self._pending.discard(key)
        self._changed.pop(key, None)
        self._leaving[key] = offset

    def _wake(self, key: str, state: AgentState) -> None:
        """Leave an agent until it is heard or due; its state may be packed now."""
        if state.pending:
            self._pending.add(key)
        self._timers.schedule(key, state.due_at)
        self.agents.put_away()

    def _move(self, state: AgentState, key: str, record: Record) -> None:
        state.fence = record.offset
        state.clock = max(state.clock, record.timestamp)
        self._changed[key] = None
