"""A rule made ready to be asked often."""

from collections.abc import Mapping
from dataclasses import dataclass

from alert_engine.counters import COUNTER_OF, EVIDENCE_OF, FAILURES, NAMES, OUTCOMES, money_name
from policy_engine.names import Names
from schemas.alert_rules import (
    WINDOW_PARTS,
    WINDOWED_METRICS,
    Absence,
    AlertRule,
    AlertRuleTerms,
    Deviation,
    Metric,
    Operator,
    Threshold,
)
from schemas.messages.values import Severity
from schemas.totals_block import rule_key

RANKS = {severity: rank for rank, severity in enumerate(Severity)}
_SECOND = 1000


@dataclass(frozen=True, slots=True)
class CompiledRule:
    """What is asked of a rule; durations in milliseconds.

    `version` is 0 for a default, `names` are the series that it reads, each under the key in `keys`.
    `evidence_bit` is of the kind of evidence that the rule is about, 0 where it is about none. Under
    `baseline_key` stands what is usual for an agent; rules that read the same windows share it. A rule that
    `learns` compares an agent with its own past, one that `misses` is about what does not come, and one that
    `rests` is never met while nothing has come for it, and one that `ripens` may come to be met by time
    alone, as what speaks against it leaves the window. These are fields because each look asks for them.
    """

    rule_id: str
    version: int
    terms: AlertRuleTerms
    agents: Names
    window: int
    width: int
    for_span: int
    cool_down: int
    names: tuple[str, ...]
    keys: tuple[str, ...]
    evidence_bit: int
    baseline_key: str
    learns: bool
    misses: bool
    rests: bool
    ripens: bool

    @property
    def key(self) -> str:
        """Of this version of it, under which what several agents add to it is reported."""
        return rule_key(self.rule_id, self.version)

    @property
    def everybodys(self) -> bool:
        """Whether it is for all agents of the tenant."""
        return not self.terms.scope.labels and self.agents.is_anything

    @property
    def slow_from(self) -> float:
        """From how many milliseconds on a call is bad news to a rule about latency."""
        condition = self.terms.condition
        return condition.value if isinstance(condition, Threshold) else 0.0

    def is_for(self, agent_id: str, labels: Mapping[str, str]) -> bool:
        """Whether an agent is in its scope."""
        wanted = self.terms.scope.labels
        return agent_id in self.agents and all(labels.get(name) == value for name, value in wanted.items())


def compile_rule(rule_id: str, version: int, terms: AlertRuleTerms) -> CompiledRule:
    """Make a rule ready."""
    window = terms.window_seconds * _SECOND
    width = window // WINDOW_PARTS
    names, condition, place = _series_of(terms), terms.condition, EVIDENCE_OF.get(terms.metric)
    misses = isinstance(condition, Absence)
    at_most = isinstance(condition, Threshold) and condition.operator is Operator.AT_MOST
    of_all_calls = terms.metric in {Metric.ERROR_RATE, Metric.LATENCY_P95}
    return CompiledRule(
        rule_id=rule_id,
        version=version,
        terms=terms,
        agents=Names(terms.scope.agents),
        window=window,
        width=width,
        for_span=terms.for_seconds * _SECOND,
        cool_down=terms.cool_down_seconds * _SECOND,
        names=names,
        keys=tuple(f"{name}/{width}" for name in names),
        evidence_bit=0 if place is None else 1 << place,
        baseline_key=f"{terms.metric}/{terms.currency}/{window}",
        learns=isinstance(condition, Deviation),
        misses=misses,
        rests=bool(names) and not (misses or at_most),
        ripens=bool(names) and (at_most or of_all_calls),
    )


def compile_record(rule: AlertRule) -> CompiledRule:
    """Make a control record's rule ready."""
    return compile_rule(rule.rule_id, rule.version, rule.terms)


def _series_of(terms: AlertRuleTerms) -> tuple[str, ...]:
    metric = terms.metric
    if metric not in WINDOWED_METRICS:
        return ()
    if metric is Metric.ERROR_RATE:
        return NAMES[FAILURES], NAMES[OUTCOMES]
    if metric is Metric.SPEND:
        return (money_name(terms.currency),)
    if metric is Metric.LATENCY_P95:
        return (metric.value,)
    return (NAMES[COUNTER_OF[metric]],)
