"""From a raw record to changed state: the one path that the worker and a replay share; no I/O.

A record that cannot be read, or on which a rule fails, is rejected: it goes to the dead letters, and the log
is read on. A rule fails on one agent; the others absorb the record as if nothing were wrong. What the failing
rule has changed by then stays changed: it is a function of the log and of the release, so a replay by the
same release comes to the same state, and a poison block never halts a partition.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from runtime.logging import get_logger
from schemas.block import Block, Kind, decode_block
from schemas.derived import DerivedEvent
from schemas.errors import InvalidMessageError
from schemas.topics import Service, Topic
from stream_processors.log_record import LogRecord
from stream_processors.rules.control_history import ControlVersion, encode_version
from stream_processors.rules.partition import PartitionState, Record, RuleFailedError
from stream_processors.rules.partition_totals import Moment, decode_moment, encode_moment
from stream_processors.rules.reports import Report
from stream_processors.rules.state import decode_agent
from stream_processors.rules.tenant_totals import TenantState, decode_tenant, encode_tenant
from stream_processors.rules.trust_models import TenantModels, decode_models, encode_models
from stream_processors.state.snapshot import NOTHING_ABSORBED, StateRecord, state_record

_log = get_logger(__name__)

# Agents' keys begin with a letter or a digit (ID_RULE), never with these signs.
_CONTROL_SIGN = "$"
_TOTALS_SIGN = "#"
_MOMENT_KEY = f"{_TOTALS_SIGN}totals"
_TENANT_PREFIX = f"{_TOTALS_SIGN}tenant/"
_MODEL_PREFIX = f"{_CONTROL_SIGN}trust-model/"
_PREFIXES = {
    Topic.POLICIES: f"{_CONTROL_SIGN}policy/",
    Topic.BUDGETS: f"{_CONTROL_SIGN}budget/",
    Topic.ALERT_RULES: f"{_CONTROL_SIGN}alert-rule/",
    Topic.ALERT_SILENCES: f"{_CONTROL_SIGN}alert-silence/",
    Topic.AGENTS: f"{_CONTROL_SIGN}agent-labels/",
    Topic.ERASURES: f"{_CONTROL_SIGN}erasure/",
}

# Written by owners of partitions, and nobody's report.
_OWN_KINDS = (Kind.CONTROL, Kind.TOTALS)


class Rejection(NamedTuple):
    """Why a record was given up; `fault` says that a rule failed on it, which is our own error.

    `segments` are the places of the requests on which it failed, all others are absorbed; empty: none is.
    """

    reason: str
    fault: bool
    segments: tuple[int, ...] = ()


class Absorbed(NamedTuple):
    """What one record gave; `rows` counts what agents sent in a record that was read, repeats included.

    `reports` are totals for the partitions that are tenants' homes.
    """

    rows: int = 0
    events: Sequence[DerivedEvent] = ()
    rejection: Rejection | None = None
    reports: Sequence[Report] = ()


class Absorber:
    """The rules' state of a partition, and the offset up to which it has absorbed the log."""

    def __init__(
        self,
        partition: int,
        fence: int = NOTHING_ABSORBED,
        packed: Mapping[str, bytes] | None = None,
        gone: Mapping[str, int] | None = None,
    ) -> None:
        """Begin behind `fence` with entries as a checkpoint holds them, and without those agents `gone`.

        Raises:
            InvalidMessageError: something was packed by rules of another version.
        """
        self.fence = fence
        entries = packed or {}
        models = [decode_models(packed) for packed in _under(_MODEL_PREFIX, entries)]
        control = {topic: _under(prefix, entries) for topic, prefix in _PREFIXES.items()}
        agents = (decode_agent(packed) for key, packed in entries.items() if is_agent(key))
        tenants = [decode_tenant(packed) for packed in _under(_TENANT_PREFIX, entries)]
        moment = decode_moment(entries[_MOMENT_KEY]) if _MOMENT_KEY in entries else None
        self._rules = PartitionState(partition, agents, models, gone, control, moment=moment, tenants=tenants)

    @property
    def partition(self) -> int:
        """The partition's number."""
        return self._rules.partition

    @property
    def agents(self) -> int:
        """How many agents it holds."""
        return len(self._rules.agents)

    def absorb(self, record: LogRecord) -> Absorbed:
        """Absorb the next record and move the fence to it; never raises for what is in the record.

        Raises:
            MemoryError: the process has to end; nothing that was absorbed since the last checkpoint counts.
        """
        self.fence = record.offset
        try:
            block = decode_block(record.headers, record.value)
            if not block.is_for(Service.PROCESSORS):
                return Absorbed()
            events = self._rules.absorb(Record(record.offset, record.timestamp_ms, block))
        except RuleFailedError as error:
            _log_failures(record, error)
            rejection = Rejection(f"a rule failed: {error}", fault=True, segments=error.segments)
            return Absorbed(_rows(block), error.events, rejection, self._rules.take_reports())
        except InvalidMessageError as error:
            return Absorbed(rejection=Rejection(str(error), fault=False))
        except MemoryError:
            # Says nothing of the record: a replay may have the room.
            raise
        except Exception as error:  # noqa: BLE001 - a failing rule must not halt the partition; it is dead-lettered
            _log.exception("rule_failed", partition=record.partition, offset=record.offset)
            return Absorbed(rejection=Rejection(f"a rule failed: {error!r}", fault=True))
        return Absorbed(_rows(block), events, reports=self._rules.take_reports())

    def drain_ended(self) -> list[str]:
        """The keys of agents that were erased since the last call."""
        return self._rules.drain_ended()

    def drain(self) -> list[StateRecord]:
        """What changed since the last call, packed, each with its own fence; without payload what is gone."""
        rules = self._rules
        changed = [_pack_models(models) for models in rules.models.drain_changed()]
        gone = []
        for topic, history in rules.histories.items():
            prefix = _PREFIXES[topic]
            changed += [_pack_version(prefix, version) for version in history.drain_changed()]
            gone += [(prefix + key, fence) for key, fence in history.drain_gone()]
        changed += rules.drain_changed()
        changed += [_pack_tenant(tenant) for tenant in rules.drain_tenants()]
        changed += [_pack_moment(moment) for moment in rules.totals.drain_moment()]
        return changed + [state_record(key, fence, None) for key, fence in gone + rules.drain_forgotten()]

    def entry_of(self, key: str) -> StateRecord:
        """An agent that is held, packed."""
        return self._rules.agents.record(key)

    def pack_all(self) -> list[StateRecord]:
        """Control records, agents, tenants and the moment, packed, each kind in the order of its keys."""
        rules = self._rules
        packed = [_pack_models(models) for _, models in sorted(rules.models.tenants.items())]
        for topic, history in rules.histories.items():
            packed += [_pack_version(_PREFIXES[topic], version) for version in history.all()]
        packed += [self.entry_of(key) for key in sorted(rules.agents)]
        packed += [_pack_tenant(tenant) for _, tenant in sorted(rules.tenants.items())]
        moment = rules.totals.moment
        return packed if moment == Moment() else [*packed, _pack_moment(moment)]

    def control_version(self, topic: Topic, key: str) -> int:
        """The version of a control record that holds now; 0 when there was none."""
        history = self._rules.histories.get(topic)
        if history is not None:
            return history.version(key)
        return self._rules.models.at(key, self.fence).version


def is_control(key: str) -> bool:
    """Whether the state under a key is a control record, and not an agent."""
    return key.startswith(_CONTROL_SIGN)


def is_agent(key: str) -> bool:
    """Whether the state under a key is an agent's."""
    return not key.startswith((_CONTROL_SIGN, _TOTALS_SIGN))


def _under(prefix: str, entries: Mapping[str, bytes]) -> Iterator[bytes]:
    return (packed for key, packed in entries.items() if key.startswith(prefix))


def _pack_tenant(tenant: TenantState) -> StateRecord:
    return state_record(_TENANT_PREFIX + tenant.tenant_id, tenant.fence, encode_tenant(tenant))


def _pack_moment(moment: Moment) -> StateRecord:
    return state_record(_MOMENT_KEY, moment.offset, encode_moment(moment))


def _pack_models(models: TenantModels) -> StateRecord:
    return state_record(_MODEL_PREFIX + models.tenant_id, models.fence, encode_models(models))


def _pack_version(prefix: str, version: ControlVersion[Any]) -> StateRecord:
    return state_record(prefix + version.entry_key, version.since, encode_version(version))


def _rows(block: Block) -> int:
    if block.kind in _OWN_KINDS:
        return 0
    return sum(segment.lines for segment in block.segments)


def _log_failures(record: LogRecord, error: RuleFailedError) -> None:
    """One agent's failure in full: the others' are most likely the same."""
    agent_key, failure = next(iter(error.failures.items()))
    _log.error(
        "rule_failed",
        partition=record.partition,
        offset=record.offset,
        agents=len(error.failures),
        agent=agent_key,
        exc_info=failure,
    )
