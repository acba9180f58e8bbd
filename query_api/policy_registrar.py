"""Creates, changes and deletes policies."""

from query_api.directory import Directory
from query_api.records import Records
from query_api.terms_registrar import Kind, TermsRegistrar
from schemas.policy import Policy, PolicyTerms

# What is asked of one call grows with them.
MAX_POLICIES = 100


class PolicyRegistrar(TermsRegistrar[Policy, PolicyTerms]):
    """A tenant's policies."""

    def __init__(self, directory: Directory, records: Records) -> None:
        """Decide by what has been read into `directory`."""
        kind = Kind(Policy, "a policy", "policies", MAX_POLICIES, PolicyTerms())
        super().__init__(kind, records, lambda tenant_id: len(directory.policies(tenant_id)))
