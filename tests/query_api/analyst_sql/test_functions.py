"""Functions: those of the list, aggregates with combinators, and no others; and the list is the engine's."""

import pytest

from query_api.analyst_sql.functions import _SECTIONS, function_name
from query_api.analyst_sql.refusal import RefusedSqlError
from tests.infra.embedded.clickhouse.front import EmbeddedClickHouse


@pytest.mark.parametrize(
    "name",
    [
        "count",
        "COUNT",
        "toStartOfHour",
        "sumIf",
        "uniqExactArrayIf",
        "quantilesTDigestMerge",
        "if",
        "arrayJoin",
    ],
)
def test_known_functions_pass_as_they_are_written(name: str) -> None:
    assert function_name(name) == name


@pytest.mark.parametrize(
    "name",
    [
        *(
            "file",
            "FILE",
            "sleep",
            "dictGet",
            "joinGet",
            "getSetting",
            "in",
            "notIn",
            "throwIf",
            "view",
            "url",
        ),
        *(
            "sleepIf",
            "fileArray",
            "IfIf",
            "sumX",
            "sumIfIfIfIfIf",
            "",
            "count ",
            "arrayReduce",
            "currentUser",
        ),
    ],
)
def test_all_others_are_refused(name: str) -> None:
    with pytest.raises(RefusedSqlError, match="not among those that analysts may call"):
        function_name(name)


@pytest.mark.integration
def test_the_list_names_functions_of_the_engine(two_tenants: EmbeddedClickHouse) -> None:
    known = set(two_tenants.query("SELECT lower(name) FROM system.functions").split())
    grammar_of_the_engine = {"grouping", "intervallengthsum"}
    combined = {"summap", "minmap", "maxmap"}
    listed = set().union(*_SECTIONS.values())
    assert listed - known - grammar_of_the_engine - combined == set()


@pytest.mark.integration
def test_no_listed_function_has_a_dangerous_family(two_tenants: EmbeddedClickHouse) -> None:
    families = "('AI', 'Dictionary', 'Embedded Dictionary', 'Encryption', 'Internal', 'Introspection')"
    sql = f"SELECT lower(name) FROM system.functions WHERE categories IN {families}"  # noqa: S608 - constants
    assert set(two_tenants.query(sql).split()).isdisjoint(set().union(*_SECTIONS.values()))
