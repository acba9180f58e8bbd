"""Types that a CAST may name."""

from sqlglot import exp
from sqlglot.expressions import DType

from query_api.analyst_sql import words
from query_api.analyst_sql.refusal import forbidden

_PLAIN = {
    DType.TINYINT: "Int8",
    DType.SMALLINT: "Int16",
    DType.INT: "Int32",
    DType.BIGINT: "Int64",
    DType.INT128: "Int128",
    DType.INT256: "Int256",
    DType.UTINYINT: "UInt8",
    DType.USMALLINT: "UInt16",
    DType.UINT: "UInt32",
    DType.UBIGINT: "UInt64",
    DType.UINT128: "UInt128",
    DType.UINT256: "UInt256",
    DType.FLOAT: "Float32",
    DType.DOUBLE: "Float64",
    DType.TEXT: "String",
    DType.VARCHAR: "String",
    DType.BOOLEAN: "Bool",
    DType.DATE: "Date",
    DType.DATE32: "Date32",
    DType.UUID: "UUID",
    DType.IPV4: "IPv4",
    DType.IPV6: "IPv6",
}
_WITH_LITERALS = {
    DType.DECIMAL: "Decimal",
    DType.DECIMAL32: "Decimal32",
    DType.DECIMAL64: "Decimal64",
    DType.DECIMAL128: "Decimal128",
    DType.DECIMAL256: "Decimal256",
    DType.FIXEDSTRING: "FixedString",
    DType.DATETIME: "DateTime",
    DType.TIMESTAMP: "DateTime",
    DType.DATETIME64: "DateTime64",
}
_OF_TYPES = {
    DType.ARRAY: "Array",
    DType.MAP: "Map",
    DType.STRUCT: "Tuple",
    DType.LOWCARDINALITY: "LowCardinality",
}


def type_name(wanted: exp.Expr) -> str:
    """A type as ClickHouse writes it.

    Raises:
        RefusedSqlError: it is none of the plain ones and what is made of them.
    """
    if not isinstance(wanted, exp.DataType):
        raise forbidden("A CAST may name plain types, and arrays, maps and tuples of them.")
    written = _not_nullable(wanted)
    return f"Nullable({written})" if wanted.args.get("nullable") is True else written


def _not_nullable(wanted: exp.DataType) -> str:
    kind, inner = wanted.this, wanted.expressions
    if kind in _PLAIN and not inner:
        return _PLAIN[kind]
    if kind in _WITH_LITERALS:
        literals = ", ".join(_literal(parameter) for parameter in inner)
        return _WITH_LITERALS[kind] + (f"({literals})" if literals else "")
    if kind in _OF_TYPES and inner:
        return f"{_OF_TYPES[kind]}({', '.join(_element(part) for part in inner)})"
    raise forbidden(f"A CAST to {getattr(kind, 'value', kind)} is not allowed.")


def _literal(parameter: exp.Expr) -> str:
    value = parameter.this if isinstance(parameter, exp.DataTypeParam) else parameter
    if not isinstance(value, exp.Literal):
        raise forbidden("What stands behind a type must be a number or a string.")
    return words.string(value.this) if value.is_string else words.number(value.this)


def _element(part: exp.Expr) -> str:
    if isinstance(part, exp.ColumnDef) and isinstance(part.kind, exp.DataType):
        return f"{words.name(part.this)} {type_name(part.kind)}"
    return type_name(part)
