"""Which statements find and remove what is erased, made from the tables as they are; pure."""

from collections.abc import Sequence
from dataclasses import dataclass

from query_api.erasing.columns import Column
from query_api.queries.query import Query
from schemas.erasures import ERASED, KEPT_OF_AGENTS, Erasure, ErasureMode, value_pattern

_IDS = frozenset({"tenant_id", "agent_id"})
_MAP = "Map(LowCardinality(String), String)"
_LIST = ("Array(String)", "Array(LowCardinality(String))")
_TEXT = ("String", "LowCardinality(String)", "Nullable(String)", "LowCardinality(Nullable(String))")


@dataclass(frozen=True, slots=True)
class TableErasure:
    """What is done in one table, and what counts the rows for which it is not done yet."""

    table: str
    count: Query
    alter: Query


def erasure_of(table: str, columns: Sequence[Column], erasure: Erasure) -> TableErasure | None:
    """What an erasure means for a table; None where it cannot hold anything of it."""
    names = {column.name for column in columns}
    if "tenant_id" not in names:
        return None
    if erasure.agent_id is not None:
        return None if "agent_id" not in names or table in KEPT_OF_AGENTS else _of_agent(table, erasure)
    return _of_value(table, columns, erasure)


def _of_agent(table: str, erasure: Erasure) -> TableErasure:
    where = "tenant_id = {tenant_id:String} AND agent_id = {agent_id:String}"
    parameters: dict[str, object] = {"tenant_id": erasure.tenant_id, "agent_id": erasure.agent_id}
    return TableErasure(table, _count(table, where, parameters), _delete(table, where, parameters))


def _of_value(table: str, columns: Sequence[Column], erasure: Erasure) -> TableErasure | None:
    erases = erasure.mode is ErasureMode.ERASE
    texts = [c for c in columns if c.name not in _IDS and _finds(c) and (erases or not c.is_key)]
    if not texts:
        return None
    where = f"tenant_id = {{tenant_id:String}} AND ({' OR '.join(filter(None, map(_finds, texts)))})"
    parameters: dict[str, object] = {
        "tenant_id": erasure.tenant_id,
        "pattern": value_pattern(erasure.value or ""),
    }
    count = _count(table, where, parameters)
    if erases:
        return TableErasure(table, count, _delete(table, where, parameters))
    changes = ", ".join(filter(None, map(_replaces, texts)))
    sql = f"ALTER TABLE {table} UPDATE {changes} WHERE {where}"
    return TableErasure(table, count, Query(sql, {**parameters, "erased": ERASED}))


def _count(table: str, where: str, parameters: dict[str, object]) -> Query:
    sql = f"SELECT count() AS rows FROM {table} WHERE {where}"  # noqa: S608 - names are the database's own
    return Query(sql, parameters)


def _delete(table: str, where: str, parameters: dict[str, object]) -> Query:
    return Query(f"ALTER TABLE {table} DELETE WHERE {where}", parameters)


def _finds(column: Column) -> str | None:
    name = f"`{column.name}`"
    if column.type in _TEXT:
        return f"ifNull(match({name}, {{pattern:String}}), false)"
    if column.type in _LIST:
        return f"arrayExists(x -> match(x, {{pattern:String}}), {name})"
    if column.type == _MAP:
        return (
            f"arrayExists(x -> match(x, {{pattern:String}}), arrayConcat(mapKeys({name}), mapValues({name})))"
        )
    return None


def _replaces(column: Column) -> str | None:
    name, erased = f"`{column.name}`", "{pattern:String}, {erased:String}"
    if column.type in _TEXT:
        return f"{name} = replaceRegexpAll({name}, {erased})"
    if column.type in _LIST:
        return f"{name} = arrayMap(x -> replaceRegexpAll(x, {erased}), {name})"
    if column.type == _MAP:
        both = f"(replaceRegexpAll(k, {erased}), replaceRegexpAll(v, {erased}))"
        return f"{name} = mapApply((k, v) -> {both}, {name})"
    return None
