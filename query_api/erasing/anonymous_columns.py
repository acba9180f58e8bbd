"""What takes the place of each column of an agent that becomes anonymous: figures stay, texts go; pure.

A text that nobody has listed here is emptied, so that a column that a release adds gives nobody away.
"""

import re
from collections.abc import Sequence

from query_api.erasing.columns import Column
from schemas.erasures import ERASED

# Words of a closed list, whoever the agent is.
_WORDS = frozenset({
    "tenant_id", "ceilings", "change", "currency", "event_type", "level", "metric_type", "outcome", "reason",
    "severity", "source", "span_kind", "state", "status", "temporality",
})  # fmt: skip

# What figures are counted by. Clients and operators choose them, so the agent's id may be among them.
_NAMES = frozenset({
    "cost_center", "decision", "error_type", "metric", "metric_name", "model", "policy_id", "project_id",
    "provider", "rule", "scope_name", "severity_text", "silenced_by", "tool_name", "unit", "version",
    "violation_type", "webhook_id",
})  # fmt: skip

# They lead to the log, to clients and to others' traces; the same before are the same afterwards.
_LINKS = frozenset({
    "conversation_id", "entry_id", "event_id", "fingerprint", "notification_id", "parent_span_id", "run_id",
    "span_id", "trace_id",
})  # fmt: skip

# Whoever reads them expects JSON.
_EMPTY = {"reasons": "'[]'"}

_HASH = "sipHash128Keyed(({key_high:UInt64}, {key_low:UInt64}), %s)"
_MAY_HOLD_TEXT = re.compile(r"String|JSON|Object|Dynamic|Variant|IPv[46]")


def replacement(column: Column) -> str:
    """The expression whose value a copy of a row has in this column.

    Its parameters are `pseudonym`, `id_pattern`, `key_high` and `key_low`, a random key of 128 bits.
    """
    name = f"`{column.name}`"
    if column.name == "agent_id":
        return "{pseudonym:String}"
    if column.type == "UUID":
        return f"reinterpretAsUUID({_HASH % f'toString({name})'})"
    if not _MAY_HOLD_TEXT.search(column.type) or column.name in _WORDS:
        return name
    if column.name in _NAMES:
        return f"if(match({name}, {{id_pattern:String}}), '{ERASED}', {name})"
    if column.name in _LINKS:
        return f"if({name} = '', '', lower(hex({_HASH % name})))"
    return _EMPTY.get(column.name, f"defaultValueOfTypeName({_quoted(column.type)})")


def id_pattern(agent_id: str) -> str:
    """What finds the id in a name, as a word of its own."""
    return f"(?i)(^|[^a-z0-9]){re.escape(agent_id)}([^a-z0-9]|$)"


def figures(columns: Sequence[Column]) -> str:
    """What must be the same of the rows before and after, however the engine has merged either."""
    sums = [column.name for column in columns if _is_exact_sum(column)]
    if sums:
        return ", ".join(f"sum(`{name}`) AS `sum of {name}`" for name in sums)
    if any(column.name == "event_id" and column.is_key for column in columns):
        return "uniqExact(event_id) AS events"
    return "count() AS rows"


def _is_exact_sum(column: Column) -> bool:
    return re.match(r"SimpleAggregateFunction\(sum, (U?Int|Decimal)", column.type) is not None


def _quoted(text: str) -> str:
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"
