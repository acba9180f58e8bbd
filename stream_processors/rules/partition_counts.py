"""What the agents of a partition have added together to the alert rules over many agents.

As with money, the sum of what stands in their own states, made anew from them at a recovery, and reported
into the tenants' home partitions at the moments at which totals are published.
"""

from collections.abc import Mapping

from alert_engine.shares import Amounts, keys_of
from schemas.totals_block import AnyTotalsRow, CountsRow
from stream_processors.rules.counts import add_to, count, stretch_of
from stream_processors.rules.partition_totals import Moment
from stream_processors.rules.reports import Report
from stream_processors.rules.state import AgentState

# A tenant's id, and the number of the stretch of the partition's log; plain, as one is made for each request.
CountsKey = tuple[str, int]


class PartitionCounts:
    """Kept up to date with the agents' states; `sums` are by the rules that they were added to."""

    def __init__(self) -> None:
        """Begin with no agent."""
        self.sums: dict[CountsKey, dict[str, Amounts]] = {}
        # As rules stood in the last report; not stored, as to report the same again changes nothing.
        self._reported: dict[tuple[CountsKey, str], Amounts] = {}

    def restore(self, state: AgentState) -> None:
        """Add what the restored state of an agent holds."""
        if state.counts is not None:
            sums = self._sums((state.tenant_id, state.counts.stretch))
            for membership, amounts in state.counts.amounts.items():
                add_to(sums, membership, amounts)

    def absorb(self, state: AgentState, membership: str, added: Amounts | None, offset: int) -> None:
        """Add what an agent's request brings, to the agent's own counts and to the totals alike."""
        if added is None:
            return
        state.counts = count(state.counts, membership, added, offset)
        add_to(self._sums((state.tenant_id, state.counts.stretch)), membership, added)

    def forget(self, state: AgentState) -> None:
        """An agent is no more; if it was erased in a stretch that is not over, its part of that is gone."""
        if state.counts is None:
            return
        sums = self.sums.get((state.tenant_id, state.counts.stretch), {})
        for membership, amounts in state.counts.amounts.items():
            if membership in sums:
                sums[membership] = sums[membership].less(amounts)

    def report(self, partition: int, moment: Moment, before: int) -> list[Report]:
        """What changed since the moment at `before`, by tenant; stretches that are over are let go then."""
        # What is left of a stretch that was over by then is of those who have been silent since.
        since, now = stretch_of(before), stretch_of(moment.offset)
        reports, reported = [], {}
        for tenant_id in sorted({tenant_id for tenant_id, _ in self.sums}):
            rows: list[AnyTotalsRow] = []
            for stretch in range(max(since, 0), now + 1):
                key = (tenant_id, stretch)
                for rule, amounts in sorted(_by_rule(self.sums.get(key, {})).items()):
                    reported[key, rule] = amounts
                    if amounts != self._reported.get((key, rule)):
                        rows.append(
                            CountsRow(
                                tenant_id,
                                partition,
                                moment.offset,
                                rule,
                                stretch,
                                amounts.counters,
                                amounts.money,
                            )
                        )
            if rows:
                reports.append(Report(tenant_id, moment.clock, rows))
        self._reported = reported
        self.sums = {key: sums for key, sums in self.sums.items() if key[1] >= now}
        return reports

    def _sums(self, key: CountsKey) -> dict[str, Amounts]:
        sums = self.sums.get(key)
        if sums is None:
            sums = self.sums[key] = {}
        return sums


def _by_rule(sums: Mapping[str, Amounts]) -> dict[str, Amounts]:
    """What was added to each rule, whatever else it was added to."""
    found: dict[str, Amounts] = {}
    for membership, amounts in sums.items():
        for rule in keys_of(membership):
            add_to(found, rule, amounts)
    return found
