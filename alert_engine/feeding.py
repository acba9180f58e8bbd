"""Sums that are fed to a rule, where nobody counts events: totals of many agents, and what is stored."""

from collections.abc import Sequence

from alert_engine.agent_alerts import GRAIN, AgentAlerts, carry_over
from alert_engine.compiled import CompiledRule
from alert_engine.counters import EVENTS, NAMES
from alert_engine.watch import Watch
from schemas.totals_block import MOST


def feed(state: AgentAlerts, watch: Watch, rule: CompiledRule, moment: int, amounts: Sequence[int]) -> None:
    """Count what had come by `moment` (ms), in the order of the series that the rule reads; not of durations.

    `watch` is of this rule alone, and moments do not go back.
    """
    if state.tally.grain != moment // GRAIN:
        carry_over(state, watch)
        state.tally.grain = moment // GRAIN
    tally = state.tally
    for name, amount in zip(rule.names, amounts, strict=True):
        if name in NAMES:
            place = NAMES.index(name)
            tally.counters[place] = min(MOST, tally.counters[place] + amount)
        elif amount:
            money = tally.money = tally.money or {}
            money[name] = min(MOST, money.get(name, 0) + amount)
    # Whatever came, somebody has reported.
    tally.counters[EVENTS] = max(1, tally.counters[EVENTS])
    if amounts[0]:
        state.fresh |= rule.evidence_bit
