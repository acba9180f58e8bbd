"""Which jobs an agent takes: its trade's, those that fail, those that its scope refuses."""

from pathlib import Path

import pytest

from infra.demo.jobs import CallRoute, HashFile, Job, RunQuery
from infra.demo.plan import AgentPlan, Conduct, Trade
from infra.demo.scope import refusal_of
from infra.demo.work import WorkList
from schemas.messages.values import Severity

FOLDER = Path(__file__).parent
FILES = sorted(FOLDER.glob("*.py"))


def take(trade: Trade, conduct: Conduct, count: int = 60, seed: int = 1) -> list[Job]:
    work_list = WorkList(AgentPlan(1, trade, seed, None), FILES)
    return [work_list.next(conduct) for _ in range(count)]


def refused(jobs: list[Job]) -> list[Severity]:
    found = (refusal_of(job, [FOLDER]) for job in jobs)
    return [refusal.severity for refusal in found if refusal]


@pytest.mark.parametrize("trade", Trade)
def test_jobs_are_of_the_trade_allowed_and_repeatable(trade: Trade) -> None:
    jobs = take(trade, Conduct.GOOD)
    assert {job.trade for job in jobs} == {trade}
    assert refused(jobs) == []
    assert jobs == take(trade, Conduct.GOOD)
    assert jobs != take(trade, Conduct.GOOD, seed=2)
    assert len(set(jobs)) > 2


@pytest.mark.parametrize("trade", Trade)
def test_a_burst_is_of_jobs_that_are_allowed_and_cannot_succeed(trade: Trade) -> None:
    jobs = take(trade, Conduct.ERROR_BURST)
    assert {job.trade for job in jobs} == {trade}
    assert refused(jobs) == []
    for job in jobs:
        match job:
            case HashFile(path=path):
                assert not path.exists()
            case RunQuery(sql=sql):
                assert "no_such" in sql or sql.count("(") != sql.count(")")
            case CallRoute(path=path):
                assert path.startswith("/no-such-route/")


@pytest.mark.parametrize("trade", Trade)
def test_the_critical_breach_comes_once(trade: Trade) -> None:
    assert refused(take(trade, Conduct.CRITICAL_BREACH)) == [Severity.CRITICAL]


@pytest.mark.parametrize("trade", Trade)
def test_medium_breaches_repeat_between_good_jobs(trade: Trade) -> None:
    severities = refused(take(trade, Conduct.REPEATED_BREACHES))
    assert set(severities) == {Severity.MEDIUM}
    assert 10 < len(severities) < 50
