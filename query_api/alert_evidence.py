"""Where this API shows what lies behind an alert."""

from datetime import datetime, timedelta
from urllib.parse import urlencode

from schemas.alert_rules import Metric
from schemas.timestamps import from_datetime, to_rfc3339

_VIOLATIONS = frozenset({Metric.VIOLATIONS, Metric.CRITICAL_VIOLATIONS})

# What made a window full came before the alert was first seen, and agents' clocks differ.
_BEFORE = timedelta(minutes=15)
_AFTER = timedelta(minutes=1)


def evidence_path(metric: str, agent_id: str, seen: datetime, ended: datetime | None) -> str:
    """Path and query, without the tenant; ids need no quoting in a path."""
    times = {"from": _text(seen - _BEFORE)}
    if ended is not None:
        times["to"] = _text(ended + _AFTER)
    if metric in _VIOLATIONS:
        return f"/api/v1/violations?{urlencode({'agent': agent_id, **times})}"
    if metric == Metric.LOG_ERRORS:
        return f"/api/v1/agents/{agent_id}/logs?{urlencode({'level': 'error', **times})}"
    # The reasons of the score name failures, denials and spending with their events.
    return f"/api/v1/agents/{agent_id}/{'status' if metric == Metric.OFFLINE else 'trust'}"


def _text(moment: datetime) -> str:
    return to_rfc3339(from_datetime(moment))
