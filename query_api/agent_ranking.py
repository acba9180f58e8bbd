"""Agents chosen by what is known of them and ordered by their trust, page by page; pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from query_api.cursors import RankCursor
from query_api.database import Row
from query_api.resources.status import StatusName
from schemas.derived import TrustLevel


class AgentOrder(StrEnum):
    """By id; or by trust, the lowest or the highest first, and agents without a score last."""

    ID = "agent_id"
    TRUST = "trust"
    TRUST_DESCENDING = "-trust"


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentSearch:
    """Which agents: a part of the id in any case, all labels (name, value), any of the statuses and levels.

    Empty means any.
    """

    text: str = ""
    labels: Sequence[Sequence[str]] = ()
    statuses: frozenset[StatusName] = frozenset()
    levels: frozenset[TrustLevel] = frozenset()
    order: AgentOrder = AgentOrder.ID

    @property
    def needs_all(self) -> bool:
        """Whether status and trust of all agents have to be known to choose a page."""
        return bool(self.statuses or self.levels or self.order is not AgentOrder.ID)

    def matches_labels(self, labels: Mapping[str, str]) -> bool:
        """Whether they are among an agent's."""
        return all(labels.get(name) == value for name, value in self.labels)

    def matches_id(self, agent_id: str) -> bool:
        """Whether the id has the text in it."""
        return self.text.lower() in agent_id.lower()


def rank(
    agent_ids: Iterable[str],
    statuses: Mapping[str, StatusName],
    scores: Mapping[str, Row],
    wanted: AgentSearch,
    cursor: RankCursor | None,
) -> list[RankCursor]:
    """The places of the agents that are wanted, in their order, those after the cursor."""
    places = [
        RankCursor(scores[agent_id]["score"] if agent_id in scores else None, agent_id)
        for agent_id in agent_ids
        if _is_wanted(agent_id, statuses.get(agent_id), scores.get(agent_id), wanted)
    ]
    places.sort(key=lambda place: _key(place, wanted.order))
    if cursor is None:
        return places
    after = _key(cursor, wanted.order)
    return [place for place in places if _key(place, wanted.order) > after]


def _is_wanted(agent_id: str, status: StatusName | None, score: Row | None, wanted: AgentSearch) -> bool:
    if not wanted.matches_id(agent_id):
        return False
    if wanted.statuses and (status or StatusName.UNKNOWN) not in wanted.statuses:
        return False
    return not wanted.levels or (score is not None and score["level"] in wanted.levels)


def _key(place: RankCursor, order: AgentOrder) -> tuple[bool, float, str]:
    if order is AgentOrder.ID:
        return False, 0.0, place.name
    score = place.score or 0.0
    return place.score is None, -score if order is AgentOrder.TRUST_DESCENDING else score, place.name
