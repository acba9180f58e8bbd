"""Which alert rules, silences and labels hold for an agent at each offset: a function of the log alone."""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

import msgspec

from alert_engine.compiled import CompiledRule, compile_record
from alert_engine.defaults import DEFAULT_RULES
from alert_engine.silencing import CompiledSilence, compile_silence
from alert_engine.watch import Watch
from policy_engine.policy_set import PolicySet
from schemas.alert_rules import AlertRule, AlertSilence, ScopeKind
from schemas.control import GovernedAgent
from schemas.topics import Topic
from stream_processors.rules.control_history import ControlHistory

# Ids and versions of rules.
_Versions = tuple[tuple[str, int], ...]

_NO_LABELS: Mapping[str, str] = {}
_NEVER = -2


class AlertRules(ControlHistory[AlertRule, CompiledRule]):
    """The rules that tenants made themselves, or put in the place of a default."""

    topic = Topic.ALERT_RULES
    data_type = AlertRule

    def prepare(self, data: AlertRule) -> CompiledRule | None:
        """The rule compiled, also one that is switched off, as that may be a default."""
        return None if data.deleted else compile_record(data)


class AlertSilences(ControlHistory[AlertSilence, CompiledSilence]):
    """Tenants' silences."""

    topic = Topic.ALERT_SILENCES
    data_type = AlertSilence

    def prepare(self, data: AlertSilence) -> CompiledSilence | None:
        """The silence compiled."""
        return None if data.deleted else compile_silence(data)


class GovernedAgents(ControlHistory[GovernedAgent, GovernedAgent]):
    """Agents that have or had labels, or are or were suspended."""

    topic = Topic.AGENTS
    data_type = GovernedAgent

    def prepare(self, data: GovernedAgent) -> GovernedAgent:
        """As it is."""
        return data


class Alerting(msgspec.Struct, frozen=True, gc=False):
    """What an agent's alerts depend on at a record, beside the agent: rules, silences, and its labels."""

    watch: Watch
    silences: tuple[CompiledSilence, ...] = ()
    labels: Mapping[str, str] = _NO_LABELS


class OverMany(NamedTuple):
    """A rule over many agents, and what has to be counted for it alone."""

    rule: CompiledRule
    watch: Watch


# For tenants that have changed nothing, while no default is for some agents only.
DEFAULT = Alerting(Watch(DEFAULT_RULES.values()))


class Governing(NamedTuple):
    """What a tenant's control records come to for an agent, beside the trust model."""

    policies: PolicySet | None = None
    alerting: Alerting = DEFAULT


# For agents of tenants that say nothing.
BY_DEFAULT = Governing()


class AlertControl:
    """The three histories together, and what they come to for an agent."""

    def __init__(self, packed: Mapping[Topic, Iterable[bytes]]) -> None:
        """Begin with the versions that a checkpoint holds, by topic."""
        self.rules = AlertRules(packed.get(Topic.ALERT_RULES, ()))
        self.silences = AlertSilences(packed.get(Topic.ALERT_SILENCES, ()))
        self.agents = GovernedAgents(packed.get(Topic.AGENTS, ()))
        self._watches: dict[str, dict[_Versions, Watch]] = {}
        self._watched_since: dict[str, int] = {}
        self._over_many: dict[str, tuple[int, dict[str, OverMany]]] = {}

    def is_suspended(self, tenant_id: str, agent_key: str, offset: int) -> bool:
        """Whether an agent is suspended at the record of that offset."""
        agent = self.agents.at(tenant_id, agent_key, offset)
        return agent is not None and agent.is_suspended

    def of(self, tenant_id: str, agent_id: str, offset: int) -> Alerting:
        """What holds for an agent at the record of that offset; agents with the same rules share them."""
        newest = max(history.newest(tenant_id) for history in (self.rules, self.silences, self.agents))
        if newest < 0:
            return DEFAULT
        agent = self.agents.at(tenant_id, f"{tenant_id}/{agent_id}", offset)
        labels = _NO_LABELS if agent is None else agent.labels
        own = {rule.rule_id: rule for rule in self.rules.in_force(tenant_id, offset)}
        bound = [rule for rule in (DEFAULT_RULES | own).values() if _binds(rule, agent_id, labels)]
        silences = self.silences_of(tenant_id, offset)
        if self._watched_since.get(tenant_id) != newest:
            self._watched_since[tenant_id], self._watches[tenant_id] = newest, {}
        versions = tuple((rule.rule_id, rule.version) for rule in bound)
        watch = self._watches[tenant_id].get(versions)
        if watch is None:
            watch = self._watches[tenant_id][versions] = _watch(bound)
        return Alerting(watch, silences, labels)

    def over_many(self, tenant_id: str, offset: int) -> Mapping[str, OverMany]:
        """The tenant's rules over many agents at the record of that offset, by their ids."""
        newest = self.rules.newest(tenant_id)
        since, known = self._over_many.get(tenant_id, (_NEVER, {}))
        if since == newest <= offset:
            return known
        found = {
            rule.rule_id: OverMany(rule, Watch([rule]))
            for rule in self.rules.in_force(tenant_id, offset)
            if rule.terms.enabled and rule.terms.scope.kind is ScopeKind.TOTAL
        }
        if newest <= offset:
            self._over_many[tenant_id] = newest, found
        return found

    def silences_of(self, tenant_id: str, offset: int) -> tuple[CompiledSilence, ...]:
        """The tenant's silences at the record of that offset, by their ids."""
        return tuple(sorted(self.silences.in_force(tenant_id, offset), key=_silence_id))


def _binds(rule: CompiledRule, agent_id: str, labels: Mapping[str, str]) -> bool:
    return rule.terms.enabled and rule.is_for(agent_id, labels)


def _watch(bound: Iterable[CompiledRule]) -> Watch:
    kinds: dict[ScopeKind, list[CompiledRule]] = {kind: [] for kind in ScopeKind}
    for rule in bound:
        kinds[rule.terms.scope.kind].append(rule)
    return Watch(kinds[ScopeKind.AGENT], kinds[ScopeKind.TOTAL])


def _silence_id(silence: CompiledSilence) -> str:
    return silence.silence_id
