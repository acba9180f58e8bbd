"""How long a column is in the format Native: moving over its values by its type.

The layouts are those of ClickHouse's classes `SerializationArray`, `SerializationLowCardinality` and so on.
"""

from clickhouse_connect.datatypes.base import ClickHouseType
from clickhouse_connect.datatypes.container import Array, Map, Nested, Tuple
from clickhouse_connect.datatypes.registry import get_from_name
from clickhouse_connect.datatypes.special import Nothing, SimpleAggregateFunction
from clickhouse_connect.datatypes.string import String
from clickhouse_connect.driver.exceptions import Error

from infra.embedded.clickhouse.errors import NOT_IMPLEMENTED, ClickHouseError
from infra.embedded.clickhouse.native_bytes import NativeBytes, Waiting

_INDEX_SIZE = 0xFF  # of the flags of a dictionary: 0 to 3 for indexes of 1, 2, 4, 8 bytes
_OWN_DICTIONARY = 1 << 9


def column_type(name: str) -> ClickHouseType:
    """The type with that name.

    Raises:
        ClickHouseError: its values' length cannot be told.
    """
    try:
        found = get_from_name(name)
    except Error as error:
        raise _unknown(name) from error
    _check(found, name)
    return found


def skip_column(source: NativeBytes, kind: ClickHouseType, rows: int) -> Waiting:
    """Move over the `rows` values of a column, at least one."""
    yield from source.skip(8 * _dictionaries(kind))  # the version of each dictionary's format
    yield from _skip(source, kind, rows)


def _parts(kind: ClickHouseType) -> tuple[ClickHouseType, ...] | None:
    if isinstance(kind, SimpleAggregateFunction | Array):
        return (kind.element_type,)
    if isinstance(kind, Map):
        return (kind.key_type, kind.value_type)
    if isinstance(kind, Tuple):
        return tuple(kind.element_types)
    if isinstance(kind, Nested):
        return (kind.tuple_array,)
    return None


def _check(kind: ClickHouseType, name: str) -> None:
    parts = _parts(kind)
    if parts is None and not (isinstance(kind, String | Nothing) or kind.byte_size):
        raise _unknown(name)
    for part in parts or ():
        _check(part, name)


def _dictionaries(kind: ClickHouseType) -> int:
    return 1 if kind.low_card else sum(map(_dictionaries, _parts(kind) or ()))


def _skip(source: NativeBytes, kind: ClickHouseType, rows: int) -> Waiting:
    if not rows:
        return
    if kind.low_card:
        yield from _skip_dictionary(source, kind)
        return
    if kind.nullable:
        yield from source.skip(rows)
    yield from _skip_values(source, kind, rows)


def _skip_values(source: NativeBytes, kind: ClickHouseType, rows: int) -> Waiting:
    parts = _parts(kind)
    if isinstance(kind, Array | Map):
        yield from source.skip(8 * (rows - 1))
        rows = yield from source.number(8)
    if parts is not None:
        for part in parts:
            yield from _skip(source, part, rows)
    elif isinstance(kind, String):
        yield from source.skip_strings(rows)
    else:
        yield from source.skip(rows * (kind.byte_size or 1))


def _skip_dictionary(source: NativeBytes, kind: ClickHouseType) -> Waiting:
    flags = yield from source.number(8)
    if flags & _OWN_DICTIONARY:
        keys = yield from source.number(8)
        if keys:
            yield from _skip_values(source, kind, keys)
    rows = yield from source.number(8)
    yield from source.skip(rows << (flags & _INDEX_SIZE))


def _unknown(name: str) -> ClickHouseError:
    return ClickHouseError.of(
        NOT_IMPLEMENTED,
        f"The embedded ClickHouse cannot send the type {name} in the format Native to a client that speaks "
        "ClickHouse's binary protocol: select toString(...) of it",
    )
