"""What a partition reports of its totals into a tenant's home partition: what its budgets ask for; pure."""

from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from schemas.budgets import BudgetPeriod, BudgetScope
from schemas.totals_block import AnyTotalsRow, TotalsRow
from stream_processors.rules.budgets import Budgets, CompiledBudget
from stream_processors.rules.ledger import Ledger, Sum
from stream_processors.rules.partition_totals import PartitionTotals, TotalKey
from stream_processors.rules.state import AgentState


class Subject(NamedTuple):
    """What one figure of a report is about."""

    tenant_id: str
    scope: BudgetScope
    name: str
    period: BudgetPeriod
    number: int
    currency: str


class Report(NamedTuple):
    """Rows for the partition that the tenant's id leads to; `made_at` in milliseconds."""

    tenant_id: str
    made_at: int
    rows: list[AnyTotalsRow]


def reports_of(
    partition: int, totals: PartitionTotals, agents: Mapping[str, AgentState], budgets: Budgets, before: int
) -> list[Report]:
    """What is to be reported at the totals' moment, by tenant.

    Of a tenant whose budgets changed since the moment `before` all totals are, of others those that changed.
    """
    moment = totals.moment
    tenants = budgets.tenants()
    if not tenants:
        return []
    touched, touched_agents = totals.touched()
    spending = {key.tenant_id for key in touched}
    reports = []
    for tenant_id in sorted(tenants):
        anew = before < budgets.newest(tenant_id) <= moment.offset
        if not anew and tenant_id not in spending:
            continue
        wanted = list(budgets.in_force(tenant_id, moment.offset))
        figures = dict(_of_tenant(tenant_id, totals.sums, wanted, None if anew else touched))
        some = None if anew else touched_agents
        figures |= dict(_of_agents(tenant_id, agents, wanted, some))
        rows: list[AnyTotalsRow] = [
            TotalsRow(tenant_id, partition, moment.offset, *subject[1:], str(units))
            for subject, units in sorted(figures.items())
        ]
        if rows:
            reports.append(Report(tenant_id, moment.clock, rows))
    return reports


def _of_tenant(
    tenant_id: str,
    sums: Mapping[TotalKey, Mapping[tuple[str, int], Sum]],
    wanted: Iterable[CompiledBudget],
    touched: Mapping[TotalKey, int] | None,
) -> Iterator[tuple[Subject, int]]:
    """Figures of the whole tenant, and of cost centres that have a budget; None touched: of all periods."""
    centers = {one.budget.terms.name for one in wanted if one.budget.terms.scope is BudgetScope.COST_CENTER}
    changed = {(key.period, key.number) for key in touched if key.tenant_id == tenant_id} if touched else None
    figures: dict[Subject, int] = {}
    for key, of in sums.items():
        if key.tenant_id != tenant_id or (changed is not None and (key.period, key.number) not in changed):
            continue
        names = [(BudgetScope.TENANT, "")]
        if key.cost_center in centers:
            names.append((BudgetScope.COST_CENTER, key.cost_center))
        for (currency, _), total in of.items():
            for scope, name in names:
                subject = Subject(tenant_id, scope, name, key.period, key.number, currency)
                figures[subject] = figures.get(subject, 0) + total.money
    yield from ((subject, units) for subject, units in figures.items() if subject.currency)


def _of_agents(
    tenant_id: str,
    agents: Mapping[str, AgentState],
    wanted: Iterable[CompiledBudget],
    touched: Mapping[str, int] | None,
) -> Iterator[tuple[Subject, int]]:
    """Figures of the agents that have a budget; None touched: of all of them."""
    names = {one.budget.terms.name for one in wanted if one.budget.terms.scope is BudgetScope.AGENT}
    for name in sorted(names):
        key = f"{tenant_id}/{name}"
        state = agents.get(key)
        if state is not None and state.ledger is not None and (touched is None or key in touched):
            yield from _of_ledger(tenant_id, name, state.ledger)


def _of_ledger(tenant_id: str, name: str, ledger: Ledger) -> Iterator[tuple[Subject, int]]:
    for period, kept in ((BudgetPeriod.DAY, ledger.days), (BudgetPeriod.MONTH, ledger.months)):
        figures: dict[Subject, int] = {}
        for one in kept:
            for line in one.lines:
                if line.currency:
                    subject = Subject(tenant_id, BudgetScope.AGENT, name, period, one.number, line.currency)
                    figures[subject] = figures.get(subject, 0) + int(line.money)
        yield from figures.items()
