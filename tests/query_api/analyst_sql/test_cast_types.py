"""Types behind CAST."""

import pytest

from query_api.analyst_sql.refusal import RefusedSqlError
from tests.query_api.analyst_sql.compiled import expression


@pytest.mark.parametrize(
    "name",
    [
        *(
            "Int8",
            "UInt64",
            "Float64",
            "String",
            "Bool",
            "Date32",
            "UUID",
            "IPv4",
            "DateTime",
            "DateTime64(3)",
        ),
        *("DateTime64(3, 'UTC')", "Decimal(38, 12)", "FixedString(16)", "Nullable(String)"),
        *("Array(Nullable(UInt8))", "Map(String, Array(UInt64))", "LowCardinality(String)"),
        "Tuple(`a` String, `b` UInt8)",
    ],
)
def test_plain_types_stay_as_they_are(name: str) -> None:
    assert expression(f"CAST(x AS {name})") == f"CAST(`x` AS {name})"


@pytest.mark.parametrize(
    "name",
    [
        *(
            "AggregateFunction(sum, UInt64)",
            "Nested(a UInt8)",
            "Dynamic",
            "JSON",
            "Enum8('a' = 1)",
            "Object('json')",
        ),
        *("Array(AggregateFunction(sum, UInt64))", "FixedString(x)", "made_up", "Variant(String, UInt8)"),
    ],
)
def test_other_types_are_refused(name: str) -> None:
    with pytest.raises(RefusedSqlError):
        expression(f"CAST(x AS {name})")
