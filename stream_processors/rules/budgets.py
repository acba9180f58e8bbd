"""Budgets of a tenant, and what is to be said when a share of one is spent; pure."""

from typing import NamedTuple

from schemas.budgets import Budget, BudgetPeriod
from schemas.messages.cost import cost_units, units_text
from schemas.messages.values import Severity
from schemas.topics import Topic
from stream_processors.rules.control_history import ControlHistory

# Where a budget is spent whole it is exceeded; before, somebody may still do something.
_WHOLE = 1.0


class CompiledBudget(NamedTuple):
    """A budget made ready: the amount in cost units, thresholds in cost units, rising."""

    budget: Budget
    units: int
    thresholds: tuple[int, ...]


class Budgets(ControlHistory[Budget, CompiledBudget]):
    """The budgets of a partition's tenants."""

    topic = Topic.BUDGETS
    data_type = Budget

    def prepare(self, data: Budget) -> CompiledBudget | None:
        """The budget compiled; one that is deleted is none."""
        if data.deleted:
            return None
        units = cost_units(data.terms.amount)
        # A share is a binary fraction, and thousandths are as fine as anybody asks.
        shares = (round(share * 1000) for share in data.terms.thresholds)
        return CompiledBudget(data, units, tuple(units * share // 1000 for share in shares))


class Crossing(NamedTuple):
    """How many thresholds are crossed, how severe that is, and what is to be said.

    `share` is what is spent of the amount, `threshold` the last one that is crossed, or else the first.
    """

    crossed: int
    severity: Severity
    share: float
    threshold: float | None
    summary: str


def crossing_of(budget: CompiledBudget, spent: int) -> Crossing:
    """Where spending, in cost units, stands against a budget."""
    terms = budget.budget.terms
    crossed = len([threshold for threshold in budget.thresholds if spent >= threshold])
    exceeded = bool(crossed) and terms.thresholds[crossed - 1] >= _WHOLE
    threshold = float(terms.thresholds[max(crossed, 1) - 1]) if terms.thresholds else None
    # Whole numbers divided are rounded the same way everywhere.
    share = spent / budget.units if budget.units else 1.0
    percent = 100 * spent // budget.units if budget.units else 100
    until = "today" if terms.period is BudgetPeriod.DAY else "this month"
    amount = f"{units_text(spent)} of {terms.amount:f} {terms.currency}"
    summary = f"{percent} % of the budget {budget.budget.budget_id} is spent {until}: {amount}"
    severity = Severity.HIGH if exceeded else Severity.MEDIUM
    return Crossing(crossed, severity, share, threshold, summary)
