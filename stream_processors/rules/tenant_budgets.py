"""Alerts about a tenant's budgets: they live as a rule's do, and each threshold makes them worse."""

from collections.abc import Iterable
from typing import NamedTuple

import msgspec

from alert_engine.compiled import RANKS
from alert_engine.life import Finding, Life, step
from alert_engine.silencing import silencing
from schemas.alert_rules import Metric
from schemas.budgets import BudgetScope, BudgetTerms
from schemas.derived import Alert, AlertChange, AlertState
from schemas.messages.values import Severity
from schemas.timestamps import to_rfc3339
from stream_processors.rules.budgets import CompiledBudget, Crossing, crossing_of
from stream_processors.rules.outputs import Outputs, fingerprint
from stream_processors.rules.tenant_rules import Asked

BUDGET_SHARE = Metric.BUDGET_SHARE.value

_SEVERITIES = tuple(Severity)


class BudgetLife(msgspec.Struct, array_like=True):
    """A budget of which thresholds are reached: in which period, how many, and what its alert lives."""

    number: int
    crossed: int
    life: Life


class Spending(NamedTuple):
    """What is spent of a budget in its period `number`, in cost units; `fresh` if that has just grown."""

    budget: CompiledBudget
    number: int
    units: int
    fresh: bool


def look_at_budgets(
    known: dict[str, BudgetLife], spendings: Iterable[Spending], asked: Asked, outputs: Outputs
) -> bool:
    """Publish what became of the alerts about the budgets in force; True if the state changed."""
    changed = False
    left = dict(known)
    for one in sorted(spendings, key=_budget_id):
        budget_id = _budget_id(one)
        found, before = crossing_of(one.budget, one.units), left.pop(budget_id, None)
        if before is not None and (before.number != one.number or not found.crossed):
            del known[budget_id]
            life = msgspec.structs.replace(before.life, silence=_silence(one, asked))
            _end(budget_id, life, found, asked, outputs)
            changed, before = True, None
        if found.crossed:
            after = known[budget_id] = _moved(before, one, found, asked, outputs)
            changed |= after != before
    for budget_id, gone in sorted(left.items()):
        del known[budget_id]
        _end(budget_id, gone.life, None, asked, outputs)
        changed = True
    return changed


def labels_of(budget_id: str, terms: BudgetTerms) -> dict[str, str]:
    """By which labels a silence can name a budget."""
    labels = {"budget": budget_id}
    if terms.scope is BudgetScope.COST_CENTER:
        labels["cost_center"] = terms.name
    return labels


def _moved(
    before: BudgetLife | None, one: Spending, found: Crossing, asked: Asked, outputs: Outputs
) -> BudgetLife:
    """The life of an alert that fires, or begins to, as of now."""
    life = Life() if before is None else msgspec.structs.replace(before.life)
    crossed = 0 if before is None else before.crossed
    finding = Finding(RANKS[found.severity], one.fresh, _silence(one, asked))
    change = step(life, finding, asked.clock, for_span=0, cool_down=0)
    if before is not None and found.crossed > crossed:
        # Each threshold is told of, also one that makes it no more severe.
        change, life.told_at = AlertChange.ESCALATED, asked.clock
    if change is not None:
        budget_id = _budget_id(one)
        alert = _alert(budget_id, change, life, found, asked)
        outputs.add(f"budget/{budget_id}", alert, now=asked.clock, line=0, key=alert.fingerprint)
    return BudgetLife(one.number, max(crossed, found.crossed), life)


def _end(budget_id: str, life: Life, found: Crossing | None, asked: Asked, outputs: Outputs) -> None:
    alert = _alert(budget_id, AlertChange.RESOLVED, life, found, asked)
    # An id of its own, as the same record may fire the next life.
    outputs.add(f"budget-end/{budget_id}", alert, now=asked.clock, line=0, key=alert.fingerprint)


def _alert(budget_id: str, change: AlertChange, life: Life, found: Crossing | None, asked: Asked) -> Alert:
    resolved = change is AlertChange.RESOLVED
    return Alert(
        tenant_id=asked.tenant_id,
        agent_id="",
        fingerprint=fingerprint(f"{BUDGET_SHARE}/{budget_id}", asked.tenant_id, ""),
        rule=BUDGET_SHARE,
        state=AlertState.RESOLVED if resolved else AlertState.FIRING,
        severity=_SEVERITIES[life.rank],
        summary=_summary(budget_id, found, resolved=resolved),
        started_at=to_rfc3339(life.firing_since),
        ended_at=to_rfc3339(asked.clock) if resolved else None,
        evidence=[],
        change=change,
        metric=BUDGET_SHARE,
        value=None if found is None else found.share,
        threshold=None if found is None else found.threshold,
        count=life.count,
        first_seen_at=to_rfc3339(life.met_since),
        last_seen_at=to_rfc3339(life.last_met),
        silenced_by=life.silence,
    )


def _summary(budget_id: str, found: Crossing | None, *, resolved: bool) -> str:
    if found is None:
        return f"the budget {budget_id} is deleted"
    return f"no longer: {found.summary}" if resolved else found.summary


def _silence(one: Spending, asked: Asked) -> str:
    terms = one.budget.budget.terms
    agent_id = terms.name if terms.scope is BudgetScope.AGENT else ""
    return silencing(asked.silences, BUDGET_SHARE, agent_id, labels_of(_budget_id(one), terms), asked.clock)


def _budget_id(one: Spending) -> str:
    return one.budget.budget.budget_id
