"""What an agent has spent since midnight, UTC, of the log's clock, in the currencies that a policy caps.

What an agent says of when it spent does not count: back-dating would lead around the cap.
"""

from collections.abc import Iterator, Sequence

import msgspec

from policy_engine.facts import Facts
from policy_engine.findings import Finding
from policy_engine.policy_set import PolicySet
from schemas.messages.cost import cost_units
from stream_processors.rules.decay import DAY
from stream_processors.rules.evidence import CostRow
from stream_processors.rules.ledger import money_of


class DailySpend(msgspec.Struct, array_like=True):
    """Money spent on the day, counted from 1970, and which policies were found to be exceeded on it.

    Cost units by currency, as texts, because they have up to 90 bits and more; policies by id and version,
    so that each tells once a day, and again when it was changed.
    """

    day: int = 0
    spent: dict[str, str] = msgspec.field(default_factory=dict)
    exceeded: list[tuple[str, int]] = msgspec.field(default_factory=list)


def exceeded_caps(
    state: DailySpend, policies: PolicySet, now: int, rows: Sequence[CostRow]
) -> Iterator[tuple[int, Finding]]:
    """Add the entries of one segment as it is iterated; what each is the first to exceed, with its place."""
    day = now // DAY
    if day != state.day:
        state.day, state.spent, state.exceeded = day, {}, []
    spent = {currency: int(units) for currency, units in state.spent.items()}
    limits = _limits(state, policies)
    for seq, row in enumerate(rows):
        money, currency = money_of(row), row.currency
        if money is None or currency not in policies.capped_currencies:
            continue
        units = spent[currency] = spent.get(currency, 0) + cost_units(money)
        if currency not in limits or units <= limits[currency]:
            continue
        for finding in policies.findings_of_facts(Facts({currency: units})):
            exceeded = (finding.policy_id, finding.policy_version)
            if exceeded not in state.exceeded:
                state.exceeded.append(exceeded)
                yield seq, finding
        limits = _limits(state, policies)
    state.spent = {currency: str(units) for currency, units in spent.items()}


def _limits(state: DailySpend, policies: PolicySet) -> dict[str, int]:
    """Up to how many cost units of a currency no policy has anything new to say."""
    limits: dict[str, int] = {}
    for policy in policies.policies:
        cap = policy.daily_cost_cap
        if cap is not None and (policy.policy_id, policy.version) not in state.exceeded:
            limits[cap.currency] = min(cap.units, limits.get(cap.currency, cap.units))
    return limits


def budget_share(state: DailySpend, policies: PolicySet, now: int) -> float | None:
    """The largest share of a daily cap that is spent today; None where no policy caps anything."""
    spent = state.spent if now // DAY == state.day else {}
    shares = [
        int(spent.get(cap.currency, "0")) / cap.units
        for policy in policies.policies
        if (cap := policy.daily_cost_cap) is not None and cap.units
    ]
    return max(shares, default=None)
