"""Generated queries over our tables on the real engine: no row, and no error, tells of another tenant."""

from typing import Any

import pytest
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st

from query_api.analyst_sql.compiling import compile_sql
from query_api.analyst_sql.engine_settings import Limits, engine_settings
from schemas.tables import DATABASE
from tests.infra.embedded.clickhouse.front import EmbeddedClickHouse
from tests.query_api.analyst_sql.two_tenants import OTHER, SECRET
from tests.query_api.api_process import TENANT

pytestmark = pytest.mark.integration

_LIMITS = Limits(seconds=10, memory=1 << 30, rows=100_000, result=1 << 26)
_TABLES = ("agent_logs", "agent_events", "trust_scores FINAL", "policy_violations", "cost_ledger")
_VIEWS = (
    "trust_timeline",
    "violations",
    "current_alerts",
    "fleet_health",
    "spend_by_agent_day",
    "agent_runs",
)

# What all sources have: texts in which the other tenant's rows are marked.
_texts = st.recursive(
    st.sampled_from(["agent_id", "x.agent_id", "'agent-1'", "'7'", "toString(tenant_id)"]),
    lambda text: st.one_of(
        st.builds("lower({})".format, text),
        st.builds("concat({}, {})".format, text, text),
        st.builds("substring({}, 7)".format, text),
        st.builds("if({} = {}, {}, {})".format, text, text, text, text),
    ),
    max_leaves=4,
)
_numbers = st.recursive(
    st.one_of(
        st.sampled_from(["1", "0", "2.5", "NULL"]),
        st.builds("length({})".format, _texts),
        st.builds("toUInt64({})".format, _texts),
        st.builds("toUInt64(substring({}, 7))".format, _texts),
        st.builds("cityHash64({})".format, _texts),
    ),
    lambda number: st.one_of(
        st.builds("({} + {})".format, number, number),
        st.builds("intDiv({}, {})".format, number, number),
        st.builds("multiIf({} > 1, {}, {})".format, number, number, number),
    ),
    max_leaves=4,
)
_conditions = st.recursive(
    st.one_of(
        st.sampled_from(
            [
                f"tenant_id = '{OTHER}'",
                f"x.tenant_id != '{TENANT}'",
                "1",
                # Holds for each of our rows, and fails on each of theirs with their value in the error.
                "toUInt64(substring(agent_id, 7)) >= 0",
                "toUInt64(substring(x.agent_id, 7)) >= 0",
                f"tenant_id IN ('{OTHER}', '{TENANT}')",
                "agent_id IN (SELECT agent_id FROM agent_logs)",
                f"EXISTS(SELECT 1 FROM alerts WHERE tenant_id = '{OTHER}')",  # noqa: S608 - constants
            ]
        ),
        st.builds("{} LIKE '%-%'".format, _texts),
        st.builds("{} > {}".format, _numbers, _numbers),
        st.builds("{} = {}".format, _texts, _texts),
    ),
    lambda condition: st.one_of(
        st.builds("({} AND {})".format, condition, condition),
        st.builds("({} OR {})".format, condition, condition),
        st.builds("NOT {}".format, condition),
    ),
    max_leaves=4,
)


def _with_alias(source: str) -> str:
    name, _, final = source.partition(" ")
    return f"{name} AS x {final}".strip()


_plain_sources = st.sampled_from([*_TABLES, *_VIEWS]).map(_with_alias)
_joins = st.sampled_from(["JOIN", "LEFT JOIN", "ANY LEFT JOIN", "SEMI LEFT JOIN", "CROSS JOIN"])


def _join(source: str, word: str, other: str) -> str:
    limited = f"(SELECT agent_id AS its_agent FROM {other} LIMIT 3) AS y"  # noqa: S608 - generated
    return f"{source} {word} {limited}" + ("" if word == "CROSS JOIN" else " ON x.agent_id = y.its_agent")


def _selects(sources: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    rows = st.builds(
        "SELECT x.tenant_id AS tenant, agent_id, tenant_id, {} AS a, {} AS b FROM {} WHERE {} "
        "ORDER BY ALL LIMIT 50".format,
        _texts,
        _numbers,
        sources,
        _conditions,
    )
    groups = st.builds(
        "SELECT any(x.tenant_id) AS tenant, agent_id, tenant_id, groupUniqArray({}) AS a, "
        "sum({}) AS b FROM {} WHERE {} GROUP BY tenant_id, agent_id ORDER BY ALL".format,
        _texts,
        _numbers,
        sources,
        _conditions,
    )
    return st.one_of(rows, groups)


_joined = st.one_of(_plain_sources, st.builds(_join, _plain_sources, _joins, st.sampled_from(_VIEWS)))
_simple = _selects(_joined)
_nested = _selects(st.builds("({}) AS x".format, _simple))
_with = st.builds("WITH w AS ({}) {}".format, _simple, _selects(st.just("w AS x")))
_unions = st.builds(
    "SELECT tenant, b FROM ({}) UNION ALL SELECT tenant, b FROM ({})".format, _simple, _nested
)
_statements = st.one_of(_simple, _nested, _with, _unions)


@given(_statements)
@settings(
    max_examples=150,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_no_generated_query_tells_of_another_tenant(two_tenants: EmbeddedClickHouse, text: str) -> None:
    arguments: dict[str, Any] = engine_settings(TENANT, DATABASE, _LIMITS)
    answer = two_tenants.request(compile_sql(text, TENANT, DATABASE), default_format="TSV", **arguments)
    event("rows" if answer.status == 200 else answer.headers["x-clickhouse-exception-code"])
    assert SECRET.encode() not in answer.data, text
    if answer.status == 200:
        assert OTHER.encode() not in answer.data, text
