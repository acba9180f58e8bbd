"""Each link leads to a route of this API that takes what it says."""

from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from pydantic import BaseModel

from query_api.alert_evidence import evidence_path
from query_api.resources.costs import CostParameters
from query_api.resources.decisions import DecisionParameters
from query_api.resources.logs import LogFilter
from query_api.resources.violations import ViolationParameters
from schemas.alert_rules import Metric

SEEN = datetime(2026, 1, 31, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("metric", "path"),
    [
        (Metric.CRITICAL_VIOLATIONS, "/api/v1/violations"),
        (Metric.LOG_ERRORS, "/api/v1/agents/a/logs"),
        (Metric.OFFLINE, "/api/v1/agents/a/status"),
        (Metric.DENIED_CALLS, "/api/v1/policy-decisions"),
        (Metric.BUDGET_SHARE, "/api/v1/costs"),
        (Metric.TOKENS, "/api/v1/costs"),
        (Metric.ERROR_RATE, "/api/v1/agents/a/trust"),
        ("", "/api/v1/agents/a/trust"),
    ],
)
def test_it_is_where_the_metric_comes_from(metric: str, path: str) -> None:
    assert urlsplit(evidence_path(metric, "a", SEEN, None)).path == path


@pytest.mark.parametrize(
    ("metric", "path"),
    [
        (Metric.VIOLATIONS, "/api/v1/violations"),
        (Metric.LOG_ERRORS, "/api/v1/logs"),
        (Metric.SPEND, "/api/v1/costs"),
        (Metric.BUDGET_SHARE, "/api/v1/costs"),
        ("", "/api/v1/fleet"),
        (Metric.DENIED_CALLS, "/api/v1/policy-decisions"),
        (Metric.ERROR_RATE, "/api/v1/fleet"),
    ],
)
def test_of_many_agents_it_is_where_all_are(metric: str, path: str) -> None:
    found = urlsplit(evidence_path(metric, "", SEEN, None))
    assert (found.path, "agent" in parse_qs(found.query)) == (path, False)


@pytest.mark.parametrize(
    ("metric", "parameters"),
    [
        (Metric.VIOLATIONS, ViolationParameters),
        (Metric.LOG_ERRORS, LogFilter),
        (Metric.DENIED_CALLS, DecisionParameters),
    ],
)
def test_the_parameters_are_those_of_the_route(metric: Metric, parameters: type[BaseModel]) -> None:
    path = evidence_path(metric, "a", SEEN, SEEN + timedelta(minutes=5))
    query = parse_qs(urlsplit(path).query, strict_parsing=True)
    assert query["from"] == ["2026-01-31T11:45:00.000Z"]
    assert query["to"] == ["2026-01-31T12:06:00.000Z"]
    known = {field.alias or name for name, field in parameters.model_fields.items()} | {"from", "to"}
    assert set(query) <= known


def test_money_is_shown_by_day_and_model() -> None:
    query = parse_qs(urlsplit(evidence_path(Metric.SPEND, "a", SEEN, None)).query, strict_parsing=True)
    assert query == {"group_by": ["day", "model"], "agent": ["a"]}
    known = {field.alias or name for name, field in CostParameters.model_fields.items()}
    assert set(query) <= known
