"""The closing table and lines."""

import io

from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from infra.demo.agent import WorkCounts
from infra.demo.delivery import RouteCounts
from infra.demo.plan import AgentPlan, Conduct, Episode, Trade
from infra.demo.query_client import AlertFound, TrustPoint, ViolationFound
from infra.demo.results import AgentResult, Findings
from infra.demo.table import equation, results_table, totals
from schemas.derived import AlertState, TrustStatus


def alert(state: AlertState) -> AlertFound:
    return AlertFound("x", "agent_offline", state, "high", "gone")


def result(
    number: int, conduct: Conduct = Conduct.GOOD, *, accepted: int = 10, stored: int = 10
) -> AgentResult:
    episode = None if conduct is Conduct.GOOD else Episode(conduct, 1, 2)
    bad = conduct is not Conduct.GOOD
    findings = Findings(
        status="offline",
        trust=TrustPoint(34.5 if bad else 60.0, "restricted" if bad else "watch", TrustStatus.STOPPED),
        lowest_trust=30.25 if bad else 60.0,
        violations=[ViolationFound("r", "medium")] * 2 if bad else [],
        alerts=[alert(AlertState.RESOLVED), alert(AlertState.FIRING)] if bad else [],
    )
    return AgentResult(
        agent_id=f"demo-x-{number:02d}-hash",
        plan=AgentPlan(number, Trade.HASHING, 1, episode),
        jobs=WorkCounts(done=8, failed=1, refused=int(bad)),
        reports=RouteCounts(reported=10, accepted=accepted),
        stored=stored,
        findings=findings,
    )


def rendered(results: list[AgentResult]) -> str:
    file = io.StringIO()
    Console(file=file, width=130).print(results_table("demo-x", results))
    return file.getvalue()


def test_the_table_has_a_line_for_each_agent_and_fits_a_wide_terminal() -> None:
    text = rendered([result(1), result(2, Conduct.REPEATED_BREACHES)])
    good, bad, more = text.splitlines()[-4:-1]
    assert len(text.splitlines()) == 8
    assert good.split() == ["01-hash", "good", "8", "1", "10", "10", "10", "60.0", "60.0", "watch", "stopped"]
    assert "repeated" in bad
    assert "2 medium" in bad
    assert "agent_offline resolved" in bad
    assert "agent_offline firing" in more


def test_an_agent_of_whom_nothing_is_known_is_shown_too() -> None:
    unknown = Findings("unknown", None, None, [], [])
    plain = result(1)
    line = rendered([AgentResult("demo-x-01-hash", plain.plan, plain.jobs, plain.reports, 0, unknown)])
    assert "unknown" in line


def test_the_totals_add_up() -> None:
    lines = totals([result(1), result(2, Conduct.SILENCE)], requests=12, repeats=1)
    assert lines == [
        "sent 20 = accepted 20 = stored 20",
        "requests: 12, of which 1 were repeats under the same key",
        "jobs: 16 done, 2 failed, 1 refused",
        "violations: 2; alerts: 2 fired, 1 of them resolved",
    ]


def test_the_totals_name_what_did_not_arrive() -> None:
    lines = totals([result(1, accepted=7, stored=6)], requests=1, repeats=0)
    assert lines[0] == "sent 10 ≠ accepted 7 ≠ stored 6"
    assert lines[-1] == "events without an answer: 3"


@given(st.integers(0, 100), st.integers(0, 100), st.integers(0, 100))
def test_the_equation_tells_the_truth(sent: int, accepted: int, stored: int) -> None:
    text = equation(RouteCounts(reported=sent, accepted=accepted), stored)
    assert ("≠" not in text) == (sent == accepted == stored)
