"""Where this API shows what lies behind an alert."""

from datetime import datetime, timedelta
from urllib.parse import urlencode

from schemas.alert_rules import Metric
from schemas.timestamps import from_datetime, to_rfc3339

_MONEY = frozenset({Metric.BUDGET_SHARE, Metric.SPEND, Metric.TOKENS})
_VIOLATIONS = frozenset({Metric.VIOLATIONS, Metric.CRITICAL_VIOLATIONS})

# What made a window full came before the alert was first seen, and agents' clocks differ.
_BEFORE = timedelta(minutes=15)
_AFTER = timedelta(minutes=1)


def evidence_path(metric: str, agent_id: str, seen: datetime, ended: datetime | None) -> str:
    """Path and query, without the tenant; ids need no quoting in a path, and one is empty for many agents."""
    times = {"from": _text(seen - _BEFORE)}
    if ended is not None:
        times["to"] = _text(ended + _AFTER)
    of_agent = {"agent": agent_id} if agent_id else {}
    if metric in _VIOLATIONS:
        return f"/api/v1/violations?{urlencode({**of_agent, **times})}"
    if metric == Metric.LOG_ERRORS:
        path = f"/api/v1/agents/{agent_id}/logs" if agent_id else "/api/v1/logs"
        return f"{path}?{urlencode({'level': 'error', **times})}"
    if metric == Metric.DENIED_CALLS:
        asked = {"source": "agent", "decision": "deny", **of_agent, **times}
        return f"/api/v1/policy-decisions?{urlencode(asked)}"
    if metric in _MONEY and agent_id:
        return f"/api/v1/costs?{urlencode({'group_by': ['day', 'model'], **of_agent}, doseq=True)}"
    if not agent_id:
        # What money was spent on, else who stands how.
        return "/api/v1/costs" if metric in _MONEY else "/api/v1/fleet"
    # The reasons of the score name failures with their events.
    return f"/api/v1/agents/{agent_id}/{'status' if metric == Metric.OFFLINE else 'trust'}"


def _text(moment: datetime) -> str:
    return to_rfc3339(from_datetime(moment))
