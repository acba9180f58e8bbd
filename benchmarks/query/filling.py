# ruff: noqa: S608 - names from schemas and numbers of the command line
"""SQL that fills the tables with a month of a fleet's rows, made inside ClickHouse; pure."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from schemas.tables import Resolution, Table, roll_up

DAYS = 30
_DAYS_OF_MINUTES = 2
_FILLED = (Table.AGENT_LOGS, Table.AGENT_METRICS, Table.COST_LEDGER)
TENANT = "default"
# Words of the messages, and how many of a million rows have them.
RARE_WORD, COMMON_WORD = "deadlock", "timeout"
RARE_PER_MILLION, COMMON_PER_MILLION = 10, 50_000
# Numbers that stand among the steps and milliseconds of one message in 430, and in 3,000.
OFTEN_WORD, SELDOM_WORD = "77", "2977"

_MODELS = "['gpt-large', 'gpt-small', 'claude-large', 'claude-small']"
_WHO = f"'{TENANT}' AS tenant_id, concat('agent-', leftPad(toString(h % {{agents}}), 5, '0')) AS agent_id"
_STAMPS = "received_at, generateUUIDv4() AS batch_id, 0 AS seq, received_at AS timestamp"
_DAY = "toStartOfDay(now()) - INTERVAL {day} DAY"
# The present day's rows are spread over what there is of it.
_SECONDS = f"greatest(1, least(86400, dateDiff('second', {_DAY}, now()) - 5))"
_AT = f"toDateTime64({_DAY} + (h2 % {_SECONDS}), 3, 'UTC') AS received_at"
_HASHES = "cityHash64(number, {day}, 1) AS h, cityHash64(number, {day}, 2) AS h2, cityHash64(number, 3) AS h3"

_MESSAGE = f"""concat(
    ['tool call finished', 'request sent to model', 'plan step chosen', 'document read', 'cache missed',
     'answer checked', 'memory updated', 'retry scheduled'][h3 % 8 + 1],
    ' step ', toString(h2 % 500), ' in ', toString(h % 3000), ' ms item ', toString(h3 % 100000),
    if(h3 % 1000000 < {COMMON_PER_MILLION}, ' {COMMON_WORD} while waiting', ''),
    if(h2 % 1000000 < {RARE_PER_MILLION}, ' {RARE_WORD} detected', ''))"""

_LOGS = f"""INSERT INTO {Table.AGENT_LOGS}
    (tenant_id, agent_id, received_at, batch_id, seq, timestamp, level, message, context)
SELECT {_WHO}, {_STAMPS},
    multiIf(h3 % 100 < 2, 'error', h3 % 100 < 7, 'warn', h3 % 100 < 80, 'info', 'debug') AS level,
    {_MESSAGE} AS message,
    if(h2 % 4 = 0, concat('{{{{"tool":"search","attempt":', toString(h2 % 3), '}}}}'), '') AS context
FROM (SELECT {_HASHES}, {_AT} FROM numbers({{rows}}))"""

_METRICS = f"""INSERT INTO {Table.AGENT_METRICS}
    (tenant_id, agent_id, received_at, batch_id, seq, timestamp, interactions, response_time_ms,
     violations_count)
SELECT {_WHO}, {_STAMPS}, h2 % 50 AS interactions, 50 + h3 % 900 AS response_time_ms,
    h3 % 200 = 0 AS violations
FROM (SELECT {_HASHES}, {_AT} FROM numbers({{rows}}))"""

_COSTS = f"""INSERT INTO {Table.COST_LEDGER}
    (tenant_id, agent_id, received_at, batch_id, seq, timestamp, metric_type, amount, currency, cost,
     provider, model, cost_center)
SELECT {_WHO}, {_STAMPS}, 'tokens_in' AS metric_type, h2 % 4000 AS amount, 'USD' AS currency,
    toDecimal128(h2 % 4000, 12) / 1000000 AS cost, 'provider' AS provider, {_MODELS}[h3 % 4 + 1] AS model,
    concat('team-', toString(h % 20)) AS cost_center
FROM (SELECT {_HASHES}, {_AT} FROM numbers({{rows}}))"""

_TRUST = f"""INSERT INTO {Table.TRUST_SCORES}
    (event_id, event_time, tenant_id, agent_id, score, level, status, confidence, low, high, as_of,
     reasons)
SELECT toString(generateUUIDv4()), received_at, {_WHO}, 50 + h3 % 50 AS score, 'good', 'active', 0.9,
    score - 5, score + 5, received_at, '[{{{{"code":"errors","points":12.5,"events":[]}}}}]'
FROM (SELECT {_HASHES}, {_AT} FROM numbers({{rows}}))"""

_STATUS = f"""INSERT INTO {Table.AGENT_STATUS}
    (event_id, event_time, tenant_id, agent_id, status, reason, last_seen_at)
SELECT toString(generateUUIDv4()), received_at, {_WHO}, ['online', 'offline'][h3 % 2 + 1], 'heartbeat',
    received_at
FROM (SELECT {_HASHES}, {_AT} FROM numbers({{rows}}))"""


@dataclass(frozen=True, slots=True)
class Sizes:
    """How many rows in all, over thirty days, of how many agents."""

    logs: int
    metrics: int
    agents: int

    @property
    def costs(self) -> int:
        """Of the ledger: a tenth of the metrics."""
        return self.metrics // 10

    @property
    def scores(self) -> int:
        """Of published scores: about twenty a day and agent at the full size."""
        return self.metrics // 8


def day_of_rows(sizes: Sizes, day: int, selects: Mapping[str, str]) -> Iterator[str]:
    """Statements that make the rows that arrived `day` days ago, and their part of the roll-ups."""
    statements = (
        (_LOGS, sizes.logs),
        (_METRICS, sizes.metrics),
        (_COSTS, sizes.costs),
        (_TRUST, sizes.scores),
        (_STATUS, sizes.agents * 20),
    )
    for statement, rows in statements:
        yield statement.format(day=day, rows=rows // DAYS, agents=sizes.agents)
    yield from _roll_ups(selects, day)


def _roll_ups(selects: Mapping[str, str], day: int) -> Iterator[str]:
    """As the views `selects`, by the tables that they feed, would have.

    The views are away while the rows are made: rows that come as they do in life cost them little, these
    would cost as much as all else. Minutes are filled for the last two days: nothing longer is read in them.
    """
    arrived = f"WHERE toDate(received_at) = today() - {day} GROUP BY"
    for table in _FILLED:
        minute, hour, daily = (roll_up(table, resolution) for resolution in Resolution)
        of_hours = selects[minute].replace("toStartOfMinute", "toStartOfHour")
        if day < _DAYS_OF_MINUTES:
            yield f"INSERT INTO {minute} {selects[minute].replace('GROUP BY', arrived)}"
        yield f"INSERT INTO {hour} {of_hours.replace('GROUP BY', arrived)}"
        hours_of_day = selects[daily].replace("GROUP BY", f"WHERE day = today() - {day} GROUP BY")
        yield f"INSERT INTO {daily} {hours_of_day}"
