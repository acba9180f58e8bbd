"""From an analyst's text to the statement that is run for one tenant."""

from query_api.analyst_sql.grammar import nested_too_deeply, parse
from query_api.analyst_sql.queries import query
from query_api.analyst_sql.refusal import forbidden
from query_api.analyst_sql.scope import Scope
from schemas.identity import is_valid_id


def compile_sql(text: str, tenant_id: str, database: str) -> str:
    """The statement to run: what `text` asks for, of the rows of `tenant_id` alone.

    Raises:
        RefusedSqlError: the text is no single query, too large, or does what is not known to be safe.
    """
    if not is_valid_id(tenant_id):
        raise forbidden("A tenant's id is missing.")
    tree = parse(text)
    try:
        return query(tree, Scope(tenant_id, database, query))
    except RecursionError:
        raise nested_too_deeply() from None
