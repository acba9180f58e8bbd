"""What share of their daily caps agents had spent at each moment, of what is stored; pure."""

from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from itertools import groupby
from operator import itemgetter

from alert_engine.trial import Point
from policy_engine.compiled import CompiledPolicy
from policy_engine.deciding import policies_for
from query_api.database import Row
from schemas.messages.cost import cost_units

DAY = 86_400_000


def shares(
    rows: Iterable[Row], policies: Sequence[CompiledPolicy], end: int
) -> Iterator[tuple[str, list[Point]]]:
    """Agents that a policy caps, and how their largest share went up to `end` (ms), by today's policies.

    Rows (who, moment, currency, money) come by agent and moment; a row is of one day of UTC.
    """
    for agent_id, of_agent in groupby(rows, key=itemgetter("who")):
        caps = _caps(policies_for(agent_id, policies))
        points = list(_shares_of(of_agent, caps, end)) if caps else []
        if points:
            yield agent_id, points


def _caps(policies: Sequence[CompiledPolicy]) -> dict[str, int]:
    """The least cap of each currency, in cost units; of a cap of nothing there is no share."""
    caps: dict[str, int] = {}
    for policy in policies:
        cap = policy.daily_cost_cap
        if cap is not None and cap.units:
            caps[cap.currency] = min(cap.units, caps.get(cap.currency, cap.units))
    return caps


def _shares_of(rows: Iterable[Row], caps: dict[str, int], end: int) -> Iterator[Point]:
    day, spent = -1, dict.fromkeys(caps, 0)
    for row in rows:
        if row["currency"] not in caps:
            continue
        if row["moment"] // DAY != day:
            yield from _midnight(day, row["moment"])
            day, spent = row["moment"] // DAY, dict.fromkeys(caps, 0)
        spent[row["currency"]] += cost_units(Decimal(row["money"]))
        yield Point(row["moment"], max(spent[currency] / units for currency, units in caps.items()))
    yield from _midnight(day, end)


def _midnight(day: int, until: int) -> Iterator[Point]:
    """The end of a day on which something was spent, if it is past."""
    if day >= 0 and (day + 1) * DAY <= until:
        yield Point((day + 1) * DAY, 0.0)
