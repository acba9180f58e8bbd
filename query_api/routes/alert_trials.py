"""Try an alert rule on what is stored."""

import asyncio
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import groupby
from operator import itemgetter
from typing import Annotated, Any

from fastapi import APIRouter, Query

from alert_engine.compiled import CompiledRule, compile_rule
from alert_engine.trial import Point, TriedAlert, try_rule
from policy_engine.compiled import compile_policy
from query_api import errors
from query_api.budget_shares import DAY, shares
from query_api.database import Row
from query_api.dependencies import ConnectedServices, Reader
from query_api.directory import Directory
from query_api.openapi import READ_ERRORS, WRITE_ERRORS, problem_responses
from query_api.queries.alert_trials import SPENDING_WIDTH, Span, points, spending
from query_api.resources.alert_trials import AgentTrial, RuleTrial, TrialAlert, TrialResult
from query_api.resources.values import Parameters, from_milliseconds
from runtime.problems import ProblemError
from schemas.alert_rules import Metric, ScopeKind
from schemas.derived import TrustLevel
from schemas.messages.values import Severity
from schemas.policy import Policy

router = APIRouter(tags=["alerts"])

_HOUR = 3_600_000
_MOST_ROWS = 200_000
# Of more agents all rows are read, as their ids would make the query too long.
_NAMED_AGENTS = 200
_SEVERITIES = tuple(Severity)
_LEVELS = tuple(reversed(TrustLevel))
_GOOD = _LEVELS.index(TrustLevel.GOOD)


@router.post("/api/v1/alert-rule-test", responses=problem_responses(*WRITE_ERRORS, *READ_ERRORS))
async def test_rule(
    trial: RuleTrial,
    parameters: Annotated[Parameters, Query()],
    caller: Reader,
    services: ConnectedServices,
) -> TrialResult:
    """Show which agents a rule would have fired for lately, when, and by which values; nothing is stored."""
    tenant_id = caller.tenant_for(parameters.tenant)
    rule = compile_rule("trial", 0, trial.rule.terms())
    end = time.time_ns() // 1_000_000
    agents = _agents(services.control.directory, tenant_id, rule)
    named = sorted(agents) if agents is not None and len(agents) <= _NAMED_AGENTS else None
    total = rule.terms.scope.kind is ScopeKind.TOTAL
    together = total and (agents is None or named is not None)
    span = Span(end - trial.hours * _HOUR, end, rule.width, named, together)
    of_budgets = rule.terms.metric is Metric.BUDGET_SHARE
    if of_budgets:
        # A share is of all that was spent on a day.
        span = replace(span, start=span.start // DAY * DAY, width=SPENDING_WIDTH)
        query = spending(tenant_id, span, _MOST_ROWS + 1)
    else:
        query = points(tenant_id, rule.terms, span, _LEVELS, _MOST_ROWS + 1)
    rows = await services.database.rows(query)
    if len(rows) > _MOST_ROWS:
        detail = "Too much is stored for one trial: ask for fewer hours, a longer window, or fewer agents."
        raise ProblemError(errors.INVALID, detail)
    wanted = [row for row in rows if agents is None or together or row["who"] in agents]
    if total and not together:
        wanted = _added_up(wanted)
    policies = services.control.directory.policies(tenant_id) if of_budgets else ()
    # Some seconds of work, at worst.
    tried = await asyncio.to_thread(_try_all, rule, wanted, policies, end)
    return TrialResult(
        start=from_milliseconds(span.start),
        end=from_milliseconds(end),
        agents_with_data=len(tried),
        agents=[
            AgentTrial(agent_id=agent_id, alerts=[_shown(alert) for alert in alerts])
            for agent_id, alerts in tried
            if alerts
        ],
    )


def _agents(directory: Directory, tenant_id: str, rule: CompiledRule) -> set[str] | None:
    """The agents in the rule's scope; None for all."""
    if rule.everybodys:
        return None
    labels = directory.labels(tenant_id)
    return {agent_id for agent_id, found in labels.items() if rule.is_for(agent_id, found)}


def _try_all(
    rule: CompiledRule, rows: Sequence[Row], policies: Sequence[Policy], end: int
) -> list[tuple[str, list[TriedAlert]]]:
    if rule.terms.metric is Metric.BUDGET_SHARE:
        compiled = [compile_policy(policy) for policy in policies]
        return [(agent_id, try_rule(rule, made, end)) for agent_id, made in shares(rows, compiled, end)]
    return [
        (agent_id, try_rule(rule, _points(rule.terms.metric, of_agent, end), end))
        for agent_id, of_agent in groupby(rows, key=itemgetter("who"))
    ]


def _added_up(rows: Sequence[Row]) -> list[Row]:
    """What all of them came to at each moment, under an empty id."""
    sums: dict[int, dict[str, Any]] = {}
    for row in rows:
        one = sums.setdefault(row["moment"], {**row, "who": "", "came": 0, "outcomes": 0})
        one["came"] += row["came"]
        one["outcomes"] += row["outcomes"]
    return [one for _, one in sorted(sums.items())]


def _points(metric: Metric, rows: Iterator[Row], end: int) -> Iterator[Point]:
    """Each part of a window by its own end, the one that is not over by that of the trial."""
    best = 0
    for row in rows:
        amount = row["came"]
        if metric is Metric.TRUST_LEVELS_LOST:
            best = max(best, int(amount))
            amount = max(0, min(best, _GOOD) - int(amount))
        durations = dict(zip(row["classes"], row["counts"], strict=True))
        yield Point(min(row["moment"], end), amount, row["outcomes"], durations)


def _shown(alert: TriedAlert) -> TrialAlert:
    return TrialAlert(
        fired_at=from_milliseconds(alert.fired_at),
        resolved_at=None if alert.resolved_at is None else from_milliseconds(alert.resolved_at),
        severity=_SEVERITIES[alert.rank],
        value=alert.value,
        threshold=alert.threshold,
    )
