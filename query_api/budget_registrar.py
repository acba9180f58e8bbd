"""Creates, changes and deletes budgets."""

from decimal import Decimal

from query_api.directory import Directory
from query_api.records import Records
from query_api.terms_registrar import Kind, TermsRegistrar
from schemas.budgets import Budget, BudgetTerms

# What each partition reports of a tenant grows with them.
MAX_BUDGETS = 100

_NO_BUDGET = BudgetTerms(Decimal(0), "", thresholds=())


class BudgetRegistrar(TermsRegistrar[Budget, BudgetTerms]):
    """A tenant's budgets."""

    def __init__(self, directory: Directory, records: Records) -> None:
        """Decide by what has been read into `directory`."""
        kind = Kind(Budget, "a budget", "budgets", MAX_BUDGETS, _NO_BUDGET)
        super().__init__(kind, records, lambda tenant_id: len(directory.budgets(tenant_id)))
