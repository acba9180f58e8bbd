"""Agents in the order of their trust: pages put together are the whole, and filters leave nobody else."""

from collections.abc import Mapping

from hypothesis import given
from hypothesis import strategies as st

from query_api.agent_ranking import AgentOrder, AgentSearch, rank
from query_api.cursors import RankCursor
from query_api.database import Row
from query_api.resources.status import StatusName
from schemas.derived import TrustLevel

IDS = ["a-1", "A-2", "b-1", "c"]
STATUSES = {"a-1": StatusName.ONLINE, "b-1": StatusName.OFFLINE}
SCORES: Mapping[str, Row] = {
    "a-1": {"score": 90.0, "level": "trusted"},
    "A-2": {"score": 20.0, "level": "restricted"},
    "b-1": {"score": 90.0, "level": "trusted"},
}


def names(wanted: AgentSearch, cursor: RankCursor | None = None) -> list[str]:
    return [place.name for place in rank(IDS, STATUSES, SCORES, wanted, cursor)]


def test_by_id_or_by_trust_and_those_without_a_score_last() -> None:
    assert names(AgentSearch()) == sorted(IDS)
    assert names(AgentSearch(order=AgentOrder.TRUST)) == ["A-2", "a-1", "b-1", "c"]
    assert names(AgentSearch(order=AgentOrder.TRUST_DESCENDING)) == ["a-1", "b-1", "A-2", "c"]


def test_filters() -> None:
    assert names(AgentSearch(text="A-")) == ["A-2", "a-1"]
    assert names(AgentSearch(statuses=frozenset({StatusName.UNKNOWN}))) == ["A-2", "c"]
    assert names(AgentSearch(statuses=frozenset({StatusName.ONLINE, StatusName.OFFLINE}))) == ["a-1", "b-1"]
    assert names(AgentSearch(levels=frozenset({TrustLevel.TRUSTED}), text="b")) == ["b-1"]


def test_labels_must_all_be_there() -> None:
    wanted = AgentSearch(labels=[("team", "a"), ("stage", "prod")])
    assert wanted.matches_labels({"team": "a", "stage": "prod", "more": "x"})
    assert not wanted.matches_labels({"team": "a"})
    assert AgentSearch().matches_labels({})


def test_all_have_to_be_known_only_where_more_than_ids_count() -> None:
    assert not AgentSearch(text="a").needs_all
    assert AgentSearch(order=AgentOrder.TRUST).needs_all
    assert AgentSearch(levels=frozenset({TrustLevel.WATCH})).needs_all


@given(
    st.dictionaries(st.text("abc", min_size=1, max_size=3), st.none() | st.sampled_from([0.0, 50.0, 99.9])),
    st.sampled_from(AgentOrder),
    st.integers(1, 3),
)
def test_pages_put_together_are_the_whole(
    agents: dict[str, float | None], order: AgentOrder, limit: int
) -> None:
    scores = {name: {"score": score, "level": "good"} for name, score in agents.items() if score is not None}
    wanted = AgentSearch(order=order)
    whole = rank(agents, {}, scores, wanted, None)
    found: list[RankCursor] = []
    while page := rank(agents, {}, scores, wanted, found[-1] if found else None)[:limit]:
        found += page
    assert found == whole
    assert {place.name for place in whole} == set(agents)
