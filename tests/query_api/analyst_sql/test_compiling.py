"""The whole way: hostile statements are refused, all tables are filtered, nonsense raises nothing else."""

import re
import statistics
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from query_api.analyst_sql.compiling import compile_sql
from query_api.analyst_sql.refusal import RefusedSqlError
from tests.query_api.analyst_sql.compiled import compiled
from tests.query_api.analyst_sql.corpus import REFUSED, SCOPED, honest

_SCRAPS = sorted({scrap for text in [*REFUSED, *SCOPED, *honest()] for scrap in re.findall(r"\w+|\W", text)})


def outcome(text: str) -> str:
    """What is run, or why nothing is; any other error is one."""
    try:
        return compiled(text)
    except RefusedSqlError as refused:
        return refused.detail


def test_the_corpora_are_as_large_as_they_should_be() -> None:
    assert len(set(REFUSED)) >= 200
    assert len(set(SCOPED)) >= 50
    assert len(set(honest())) >= 50


@pytest.mark.parametrize("text", REFUSED)
def test_hostile_statements_are_refused(text: str) -> None:
    with pytest.raises(RefusedSqlError):
        compiled(text)


@pytest.mark.parametrize("text", [*SCOPED, *honest()])
def test_every_table_is_read_behind_its_filter(text: str) -> None:
    sql = compile_sql(text, "acme", "promethios")
    read = re.findall(r"`promethios`\.`\w+` AS (\S+) ", sql)
    filters = re.findall(r"(?:PREWHERE|WHERE) __source\.tenant_id = 'acme'\) AS `", sql)
    assert len(read) == len(filters)
    assert set(read) <= {"__source"}


@pytest.mark.parametrize("tenant", ["", "a'b", "a b", "__all__"])
def test_a_tenant_that_is_none_is_refused(tenant: str) -> None:
    with pytest.raises(RefusedSqlError):
        compile_sql("SELECT 1", tenant, "promethios")


@given(st.lists(st.sampled_from(_SCRAPS), max_size=40), st.sampled_from(["SELECT ", "WITH ", ""]))
def test_nonsense_is_refused_and_nothing_else(scraps: list[str], begin: str) -> None:
    assert outcome(begin + "".join(scraps))


@given(st.text())
def test_any_text_is_refused_or_compiled(text: str) -> None:
    assert outcome(text)


def test_what_was_compiled_means_the_same_when_it_is_compiled_again() -> None:
    for text in honest():
        once = compiled(text)
        assert "--" not in once
        assert ";" not in re.sub(r"'(?:[^'\\]|\\.)*'", "", once)


def test_compiling_takes_no_time_to_speak_of() -> None:
    took = []
    for text in honest():
        began = time.thread_time()
        compiled(text)
        took.append(time.thread_time() - began)
    assert statistics.mean(took) < 0.05
