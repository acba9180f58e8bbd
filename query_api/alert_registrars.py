"""Creates, changes and deletes alert rules and silences."""

from alert_engine.defaults import DEFAULT_TERMS
from query_api.directory import Directory
from query_api.records import Records
from query_api.terms_registrar import Kind, TermsRegistrar
from schemas.alert_rules import (
    AlertRule,
    AlertRuleTerms,
    AlertSilence,
    Metric,
    SilenceTerms,
    Threshold,
)

# What has to be counted and asked for each agent grows with them.
MAX_RULES = 100
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


class SilenceRegistrar(TermsRegistrar[AlertSilence, SilenceTerms]):
    """A tenant's silences."""

    def __init__(self, directory: Directory, records: Records) -> None:
        """Decide by what has been read into `directory`."""
        kind = Kind(AlertSilence, "a silence", "silences", MAX_SILENCES, _NO_SILENCE)
        super().__init__(kind, records, lambda tenant_id: len(directory.silences(tenant_id)))
