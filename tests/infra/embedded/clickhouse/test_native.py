"""The format Native of newer revisions, against the engine's own columns one by one."""

from collections.abc import Sequence
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from infra.embedded.clickhouse.native import RevisedBlocks, is_revised
from tests.infra.embedded.clickhouse.front import EmbeddedClickHouse
from tests.infra.embedded.clickhouse.test_native_bytes import text, varint

INFORMATION = b"\x01\x00\x02\xff\xff\xff\xff\x00"  # as `BlockInfo` is written: two numbered fields, and 0
REVISION = 54460
ROWS = 90
# The number of a row is `number`; the types are those of our tables, and every kind of nesting.
COLUMNS = {
    "UInt8": "toUInt8(number)",
    "Int256": "toInt256(number)",
    "Float64": "number / 7",
    "Decimal(38, 9)": "toDecimal128(number, 9)",
    "Bool": "CAST(number % 2, 'Bool')",
    "UUID": "toUUID('00000000-0000-0000-0000-000000000001')",
    "IPv6": "toIPv6('::1')",
    "Enum8('a' = 1, 'b' = 2)": "CAST(number % 2 + 1, 'Enum8(\\'a\\' = 1, \\'b\\' = 2)')",
    "Date": "toDate(number)",
    "DateTime64(3, 'UTC')": "toDateTime64(number, 3, 'UTC')",
    "FixedString(3)": "toFixedString('abc', 3)",
    "String": "repeat('ä', number * 3)",
    "Nullable(String)": "if(number % 3 = 0, NULL, concat('own', toString(number)))",
    "LowCardinality(String)": "toLowCardinality(toString(number % 5))",
    "LowCardinality(Nullable(String))": "toLowCardinality(if(number % 3 = 0, NULL, toString(number)))",
    "Array(String)": "arrayMap(x -> toString(x), range(number % 4))",
    "Array(Array(UInt16))": "arrayMap(x -> range(toUInt16(x)), range(number % 4))",
    "Array(LowCardinality(String))": "[toLowCardinality('x'), toLowCardinality(toString(number))]",
    "Array(Nothing)": "[]",
    "Map(LowCardinality(String), String)": "map(toLowCardinality('k'), toString(number))",
    "Map(String, Array(Nullable(UInt8)))": "map('k', [NULL, toNullable(toUInt8(number))])",
    "Tuple(a String, b LowCardinality(String), c LowCardinality(UInt32))": (
        "CAST(('x', 'y', number), 'Tuple(a String, b LowCardinality(String), c LowCardinality(UInt32))')"
    ),
    "SimpleAggregateFunction(max, Nullable(Float64))": (
        "CAST(number, 'SimpleAggregateFunction(max, Nullable(Float64))')"
    ),
}
SUSPICIOUS = {"allow_suspicious_low_cardinality_types": 1}


def engine_bytes(front: EmbeddedClickHouse, expressions: Sequence[str], rows: int, **arguments: int) -> bytes:
    selected = ", ".join(f"{expression} AS c{index}" for index, expression in enumerate(expressions))
    sql = f"SELECT {selected} FROM numbers({rows}) FORMAT Native"  # noqa: S608 - our own expressions
    answer = front.request(sql, None, {}, **SUSPICIOUS, **arguments)
    assert answer.status == 200, answer.data
    return answer.data


def column(front: EmbeddedClickHouse, expression: str, rows: int) -> tuple[bytes, bytes]:
    """Name and type, and the values, as the engine writes a block of this column alone."""
    data = engine_bytes(front, [expression], rows).removeprefix(varint(1) + varint(rows) + text("c0"))
    type_end = 1 + data[0]
    return data[:type_end], data[type_end:]


def test_each_type_is_passed_on_behind_its_name(clickhouse_front: EmbeddedClickHouse) -> None:
    expected = INFORMATION + varint(len(COLUMNS)) + varint(ROWS)
    for index, expression in enumerate(COLUMNS.values()):
        kind, values = column(clickhouse_front, expression, ROWS)
        expected += text(f"c{index}") + kind + b"\x00" + values
    sent = engine_bytes(clickhouse_front, [*COLUMNS.values()], ROWS, client_protocol_version=REVISION)
    assert sent == expected
    for name in COLUMNS:
        assert text(name) in sent


def test_it_does_not_matter_where_the_pieces_end(clickhouse_front: EmbeddedClickHouse) -> None:
    arguments = {"max_block_size": 40}
    given_bytes = engine_bytes(clickhouse_front, [*COLUMNS.values()], ROWS, **arguments)
    expected = engine_bytes(
        clickhouse_front, [*COLUMNS.values()], ROWS, client_protocol_version=REVISION, **arguments
    )
    assert expected.count(INFORMATION + varint(len(COLUMNS))) == 3

    @settings(max_examples=30)
    @given(st.lists(st.integers(1, len(given_bytes) - 1), max_size=200))
    def in_pieces(cuts: list[int]) -> None:
        blocks = RevisedBlocks()
        ends = sorted({0, len(given_bytes), *cuts})
        pieces = [blocks.rewrite(given_bytes[begin:end]) for begin, end in pairwise(ends)]
        assert b"".join(pieces) == expected

    in_pieces()
    blocks = RevisedBlocks()
    assert b"".join(blocks.rewrite(bytes([byte])) for byte in given_bytes) == expected


def test_a_type_that_cannot_be_sent_is_refused_before_anything_is(
    clickhouse_front: EmbeddedClickHouse,
) -> None:
    sql = "SELECT countState() AS state FROM numbers(9) FORMAT Native"
    refused = clickhouse_front.request(sql, client_protocol_version=REVISION)
    assert refused.status == 501
    assert b"select toString(...) of it" in refused.data
    assert clickhouse_front.request(sql).status == 200


def test_who_expects_the_engines_blocks_gets_them() -> None:
    assert is_revised("Native", REVISION)
    assert not is_revised("Native", 54405), "clickhouse-connect's"
    assert not is_revised("Native", 0)
    assert not is_revised("JSON", REVISION)
