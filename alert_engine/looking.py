"""Asks all rules that are in force for an agent, and says what became of its alerts."""

from collections.abc import Callable, Iterator
from typing import NamedTuple

import msgspec

from alert_engine.agent_alerts import AgentAlerts, carry_over
from alert_engine.compiled import CompiledRule
from alert_engine.conditions import Reading, Standing, read
from alert_engine.life import Finding, Life, next_look, step
from alert_engine.watch import Watch
from schemas.derived import AlertChange

# A firing alert is looked at so often at least (ms), also because silences and rules come and go; and so is
# what time alone may bring about.
REFRESH = 30_000

# Asked for the id of the silence that holds for a rule's alerts now; empty where there is none.
SilenceOf = Callable[[str], str]


class Occurrence(msgspec.Struct, frozen=True):
    """A change of one alert at a moment (ms), with its life before a resolution, else after the change.

    `rule` is None where the rule is not in force any more.
    """

    rule_id: str
    rule: CompiledRule | None
    change: AlertChange
    reading: Reading
    life: Life
    at: int

    @property
    def resolved(self) -> bool:
        """Whether the alert's life is over."""
        return self.change is AlertChange.RESOLVED


class Look(NamedTuple):
    """A look at an agent at a moment (ms), not before the last one: how it stands, and what is silenced."""

    at: int
    standing: Standing
    silence_of: SilenceOf


def look(state: AgentAlerts, watch: Watch, asked: Look) -> list[Occurrence]:
    """Ask all rules; at most one change for each."""
    carry_over(state, watch)
    fresh, state.fresh, state.look_at = state.fresh, 0, 0
    lives, values = state.lives, asked.standing.values
    found = list(_orphaned(state, watch, asked)) if lives else []
    for rule, may_be_met in watch.screened:
        if rule.rule_id not in lives and not may_be_met(state, values):
            # Then it has no alert, and would get none.
            continue
        if rule.terms.metric not in asked.standing.unknown:
            occurrence = _asked(state, rule, asked, fresh=bool(fresh & rule.evidence_bit))
            if occurrence is not None:
                found.append(occurrence)
        if rule.misses or rule.rule_id in lives:
            _wake_again(state, rule, asked.at)
    return found


def resolve_all(state: AgentAlerts, now: int) -> list[Occurrence]:
    """What still fires, resolved, as the agent is about to be forgotten."""
    return [
        Occurrence(rule_id, None, AlertChange.RESOLVED, Reading(None), life, now)
        for rule_id, life in sorted(state.lives.items())
        if life.firing_since
    ]


def wake_at(state: AgentAlerts, moment: int) -> None:
    """Ask for a look at `moment` (ms) at the latest."""
    if not state.look_at or moment < state.look_at:
        state.look_at = moment


def _asked(state: AgentAlerts, rule: CompiledRule, asked: Look, *, fresh: bool) -> Occurrence | None:
    now = asked.at
    reading = read(rule, state, asked.standing, now)
    life = state.lives.get(rule.rule_id)
    if life is None:
        if reading.rank is None:
            if rule.ripens and reading.value:
                wake_at(state, now + REFRESH)
            return None
        life = state.lives[rule.rule_id] = Life()
    concerned = life.firing_since or reading.rank is not None
    silence = asked.silence_of(rule.rule_id) if concerned else ""
    before = msgspec.structs.replace(life, silence=silence) if life.firing_since else life
    finding = Finding(reading.rank, fresh, silence)
    change = step(life, finding, now, for_span=rule.for_span, cool_down=rule.cool_down)
    if life.is_over:
        del state.lives[rule.rule_id]
    if change is None:
        return None
    after = before if change is AlertChange.RESOLVED else msgspec.structs.replace(life)
    return Occurrence(rule.rule_id, rule, change, reading, after, now)


def _orphaned(state: AgentAlerts, watch: Watch, asked: Look) -> Iterator[Occurrence]:
    """End the alerts of rules that are not in force any more."""
    for rule_id in sorted(state.lives.keys() - {rule.rule_id for rule in watch.rules}):
        life = state.lives.pop(rule_id)
        if life.firing_since:
            life.silence = asked.silence_of(rule_id)
            yield Occurrence(rule_id, None, AlertChange.RESOLVED, Reading(None), life, asked.at)


def _wake_again(state: AgentAlerts, rule: CompiledRule, now: int) -> None:
    life = state.lives.get(rule.rule_id)
    if life is None:
        last = state.last.get(rule.names[0]) if rule.misses else None
        if last is not None and last + rule.window > now:
            wake_at(state, last + rule.window)
        return
    # Without anything new a sum changes when a part leaves the window.
    refresh_at = min(now + REFRESH, (now // rule.width + 1) * rule.width)
    wake_at(state, next_look(life, now, for_span=rule.for_span, refresh_at=refresh_at))
