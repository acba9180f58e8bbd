"""Alert rules over many agents, asked in the one partition that the tenant's id leads to.

The engine is that of an agent's rules. It is fed with what the partitions' totals have grown by since their
reports before, at the time at which these came into this partition's log: a function of that log alone.
"""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

import msgspec

from alert_engine.agent_alerts import AgentAlerts
from alert_engine.conditions import Standing
from alert_engine.counters import COUNTERS, NAMES
from alert_engine.feeding import feed
from alert_engine.looking import REFRESH, Look, Occurrence, look, wake_at
from alert_engine.shares import Amounts
from alert_engine.silencing import CompiledSilence, silencing
from alert_engine.watch import NOBODY
from schemas.totals_block import CountsRow
from stream_processors.rules.alert_rules import OverMany
from stream_processors.rules.alerts import alert_of
from stream_processors.rules.outputs import Outputs


class Counted(msgspec.Struct, array_like=True):
    """What one partition reported last for a rule: up to which offset, and since which stretch began."""

    offset: int
    stretch: int
    amounts: Amounts


class TotalRule(msgspec.Struct, array_like=True):
    """What is known of a rule: what its version `version` has counted, by partition, and its alert."""

    version: int
    counted: dict[int, Counted] = msgspec.field(default_factory=dict)
    alerts: AgentAlerts = msgspec.field(default_factory=AgentAlerts)


class Asked(NamedTuple):
    """What rules are asked with at a moment (ms): those in force, by their ids, and the silences."""

    tenant_id: str
    over_many: Mapping[str, OverMany]
    silences: tuple[CompiledSilence, ...]
    clock: int


def absorb_counts(
    known: dict[str, TotalRule], rows: Iterable[CountsRow], over_many: Mapping[str, OverMany], now: int
) -> None:
    """Take what a partition reports for the rules in force, unless a later report of it was taken before."""
    by_key = {one.rule.key: one for one in over_many.values()}
    for row in rows:
        one = by_key.get(row.rule)
        if one is None or len(row.counters) != COUNTERS:
            continue
        total = known.setdefault(one.rule.rule_id, TotalRule(one.rule.version))
        if total.version != one.rule.version:
            # What came for the version before stays in the windows; the alert goes on.
            total.version, total.counted = one.rule.version, {}
        last = total.counted.get(row.log_partition)
        if last is not None and (row.stretch, row.offset) <= (last.stretch, last.offset):
            continue
        amounts = Amounts(row.counters, row.money)
        total.counted[row.log_partition] = Counted(row.offset, row.stretch, amounts)
        # What an erased agent has added is gone from the next report: a total that shrank has not grown.
        came = amounts.less(last.amounts) if last is not None and last.stretch == row.stretch else amounts
        _feed(total, one, came, now)


def look_at_rules(known: dict[str, TotalRule], asked: Asked, outputs: Outputs) -> bool:
    """Ask the rules for which it is time, and publish what changed; True if the state changed."""
    changed = False
    for rule_id, total in sorted(known.items()):
        one = asked.over_many.get(rule_id)
        if one is not None and not 0 < total.alerts.look_at <= asked.clock:
            continue
        changed = True
        labels = {} if one is None else one.rule.terms.scope.labels
        for found in _found(total, one, labels, asked):
            outputs.add_alert(alert_of(found, asked.tenant_id, "", []), now=asked.clock, line=0)
        if one is None:
            del known[rule_id]
        elif not one.rule.rests:
            # It may be met while nothing comes.
            wake_at(total.alerts, asked.clock + REFRESH)
    return changed


def _found(
    total: TotalRule, one: OverMany | None, labels: Mapping[str, str], asked: Asked
) -> list[Occurrence]:
    def silence_of(rule_id: str) -> str:
        return silencing(asked.silences, rule_id, "", labels, asked.clock)

    watch = NOBODY if one is None else one.watch
    return look(total.alerts, watch, Look(asked.clock, Standing({}), silence_of))


def _feed(total: TotalRule, one: OverMany, came: Amounts, now: int) -> None:
    amounts = [_amount(came, name) for name in one.rule.names]
    if any(amounts):
        feed(total.alerts, one.watch, one.rule, now, amounts)
        wake_at(total.alerts, now)


def _amount(came: Amounts, name: str) -> int:
    return came.counters[NAMES.index(name)] if name in NAMES else came.money.get(name, 0)
