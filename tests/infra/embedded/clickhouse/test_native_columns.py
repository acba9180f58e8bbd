"""Types: those whose values' length is known, and those that are refused by name."""

import pytest

from infra.embedded.clickhouse.errors import NOT_IMPLEMENTED, ClickHouseError
from infra.embedded.clickhouse.native_bytes import NativeBytes
from infra.embedded.clickhouse.native_columns import column_type, skip_column


@pytest.mark.parametrize(
    "name",
    [
        "AggregateFunction(count, UInt8)",
        "Array(Tuple(a String, b AggregateFunction(count, UInt8)))",
        "Dynamic",
        "JSON",
        "Map(String, Variant(String, UInt8))",
        "TypeOfTomorrow",
    ],
)
def test_what_cannot_be_measured_is_refused(name: str) -> None:
    with pytest.raises(ClickHouseError, match=r"select toString\(\.\.\.\) of it") as refused:
        column_type(name)
    assert refused.value.code == NOT_IMPLEMENTED


def test_an_array_is_as_long_as_its_last_offset_says() -> None:
    source = NativeBytes()
    array = b"".join(end.to_bytes(8, "little") for end in (1, 3)) + bytes(2 * 3)
    source.add(array + b"next")
    assert list(skip_column(source, column_type("Array(UInt16)"), 2)) == []
    assert source.take() == array
