"""What a failed statement becomes, and the turns of tenants."""

import contextlib
from collections.abc import AsyncIterator

import pytest

from query_api import errors
from query_api.analyst_queries import AnalystQueries, as_problem
from query_api.analyst_sql.engine_settings import Limits
from runtime.problems import ErrorKind, ProblemError
from runtime.settings import parse_clickhouse_url
from tests.ports import unused

LIMITS = Limits(seconds=3, memory=64 << 20, rows=1000, result=1 << 20)
TEXT = "Code: 60. DB::Exception: Unknown table x. (UNKNOWN_TABLE) (version 26.9.2.1)\n"


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        (159, errors.QUERY_TIMEOUT),
        (394, errors.QUERY_TIMEOUT),
        (202, errors.SQL_BUSY),
        (241, errors.SQL_LIMIT),
        (396, errors.SQL_LIMIT),
        (None, errors.CLICKHOUSE_AWAY),
        (516, errors.CLICKHOUSE_AWAY),
        (60, errors.SQL_FAILED),
        (6, errors.SQL_FAILED),
    ],
)
def test_each_code_has_its_kind(code: int | None, kind: ErrorKind) -> None:
    assert as_problem(code, TEXT, LIMITS).kind is kind


def test_the_engines_words_come_without_their_frame() -> None:
    assert as_problem(60, TEXT, LIMITS).detail == "Unknown table x. (UNKNOWN_TABLE)"
    scope = " In scope SELECT x FROM y WHERE (z). (UNKNOWN_TABLE)"
    with_scope = TEXT.replace(" (UNKNOWN_TABLE)", scope)
    assert as_problem(60, with_scope, LIMITS).detail == "Unknown table x. (UNKNOWN_TABLE)"
    assert len(as_problem(60, "x" * 5_000, LIMITS).detail) == 1_001


@contextlib.asynccontextmanager
async def queries_at(url: str) -> AsyncIterator[AnalystQueries]:
    queries = AnalystQueries(parse_clickhouse_url(url), LIMITS, at_once=3)
    try:
        yield queries
    finally:
        await queries.close()


@pytest.mark.integration
async def test_a_tenant_cannot_take_all_turns(clickhouse_url: str) -> None:
    async with queries_at(clickhouse_url) as queries, queries.run("SELECT 1", "acme", "TSV") as first:
        with pytest.raises(ProblemError) as busy:
            async with queries.run("SELECT 2", "acme", "TSV"):
                pass
        assert busy.value.kind is errors.SQL_BUSY
        async with queries.run("SELECT 3", "other", "TSV") as others:
            assert [piece async for piece in others.pieces] == [b"3\n"]
        assert [piece async for piece in first.pieces] == [b"1\n"]
        assert first.rows == 1


@pytest.mark.integration
async def test_a_turn_comes_back_when_the_statement_failed(clickhouse_url: str) -> None:
    async with queries_at(clickhouse_url) as queries:
        for _ in range(3):
            with pytest.raises(ProblemError):
                async with queries.run("SELECT nothing", "acme", "TSV"):
                    pass
        assert queries.database == "promethios"
        assert not queries._running


async def test_turns_of_all_tenants_have_an_end() -> None:
    async with queries_at("http://a:b@127.0.0.1:1/promethios") as queries:
        with contextlib.ExitStack() as turns:
            for tenant in ("a", "b", "c"):
                turns.enter_context(queries._turn(tenant))
            with pytest.raises(ProblemError), queries._turn("d"):
                pass
        assert not queries._running


async def test_clickhouse_that_is_away_is_said_to_be() -> None:
    async with queries_at(f"http://a:b@127.0.0.1:{unused()}/promethios") as queries:
        with pytest.raises(ProblemError) as away:
            async with queries.run("SELECT 1", "acme", "TSV"):
                pass
    assert away.value.kind is errors.CLICKHOUSE_AWAY


@pytest.mark.integration
async def test_a_wrong_password_is_no_fault_of_the_analyst(clickhouse_url: str) -> None:
    port = parse_clickhouse_url(clickhouse_url).port
    async with queries_at(f"http://promethios:wrong@127.0.0.1:{port}/promethios") as queries:
        with pytest.raises(ProblemError) as away:
            async with queries.run("SELECT 1", "acme", "TSV"):
                pass
    assert away.value.kind is errors.CLICKHOUSE_AWAY
