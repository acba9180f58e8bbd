"""Creates, changes and deletes alert rules and silences."""

from alert_engine.defaults import DEFAULT_TERMS
from query_api import errors
from query_api.directory import Directory
from query_api.records import Records
from query_api.terms_registrar import Kind, TermsRegistrar
from runtime.problems import ProblemError
from schemas.alert_rules import (
    AlertRule,
    AlertRuleTerms,
    AlertSilence,
    Metric,
    ScopeKind,
    SilenceTerms,
    Threshold,
)

# What has to be counted and asked for each agent grows with them.
MAX_RULES = 100
# Of these over many agents together: their sums are reported every few seconds.
MAX_TOTAL_RULES = 20
# Those that are over count, until they are deleted.
MAX_SILENCES = 500

_NO_RULE = AlertRuleTerms(Metric.EVENTS, Threshold(0), enabled=False)
_NO_SILENCE = SilenceTerms(0, 0)


class AlertRuleRegistrar(TermsRegistrar[AlertRule, AlertRuleTerms]):
    """A tenant's own alert rules, and what it has put in the place of defaults."""

    def __init__(self, directory: Directory, records: Records) -> None:
        """Decide by what has been read into `directory`."""
        kind = Kind(
            AlertRule, "an alert rule", "alert rules", MAX_RULES, _NO_RULE, lambda name: name in DEFAULT_TERMS
        )
        super().__init__(kind, records, lambda tenant_id: len(directory.alert_rules(tenant_id)))
        self._directory = directory

    async def create(
        self, tenant_id: str, name: str, terms: AlertRuleTerms, *, by: str
    ) -> tuple[AlertRule, dict[str, int]]:
        """Create a rule.

        Raises:
            ProblemError: as any, and CONFLICT when the tenant has as many over many agents as it may.
        """
        self._check_totals(tenant_id, name, terms)
        return await super().create(tenant_id, name, terms, by=by)

    async def replace(
        self, record: AlertRule, terms: AlertRuleTerms, *, by: str, version: int | None
    ) -> tuple[AlertRule, dict[str, int]]:
        """Put other terms in the place of a rule's.

        Raises:
            ProblemError: as any, and CONFLICT when the tenant has as many over many agents as it may.
        """
        self._check_totals(record.tenant_id, record.rule_id, terms)
        return await super().replace(record, terms, by=by, version=version)

    def _check_totals(self, tenant_id: str, rule_id: str, terms: AlertRuleTerms) -> None:
        if terms.scope.kind is not ScopeKind.TOTAL:
            return
        rules = self._directory.alert_rules(tenant_id)
        others = [
            one
            for one in rules.values()
            if one.rule_id != rule_id and one.terms.scope.kind is ScopeKind.TOTAL
        ]
        if len(others) >= MAX_TOTAL_RULES:
            detail = f"The tenant {tenant_id} has {len(others)} rules over many agents, more it cannot have."
            raise ProblemError(errors.CONFLICT, detail)


class SilenceRegistrar(TermsRegistrar[AlertSilence, SilenceTerms]):
    """A tenant's silences."""

    def __init__(self, directory: Directory, records: Records) -> None:
        """Decide by what has been read into `directory`."""
        kind = Kind(AlertSilence, "a silence", "silences", MAX_SILENCES, _NO_SILENCE)
        super().__init__(kind, records, lambda tenant_id: len(directory.silences(tenant_id)))
