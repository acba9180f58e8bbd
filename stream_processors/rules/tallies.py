"""What is counted for alert rules while a request is absorbed: little, and only what a rule reads."""

from collections.abc import Sequence
from decimal import Decimal

from alert_engine.agent_alerts import GRAIN, AgentAlerts, Tally, carry_over
from alert_engine.counters import (
    CRITICALS,
    DENIED,
    EVENTS,
    FAILURES,
    LOG_ERRORS,
    MONEY,
    MONEY_UNITS,
    OUTCOMES,
    SLOW,
    TOKENS,
    VIOLATIONS,
    money_name,
)
from alert_engine.looking import REFRESH, wake_at
from alert_engine.series import class_of
from alert_engine.watch import Watch
from schemas.messages.cost import CostMetric
from schemas.messages.values import LogLevel, Severity
from schemas.totals_block import MOST
from stream_processors.rules.context import Context
from stream_processors.rules.detected_violations import Detected
from stream_processors.rules.evidence import CostRow, LogRow, ViolationRow
from stream_processors.rules.judging import EventJudgement
from stream_processors.rules.latency import Timed
from stream_processors.rules.ledger import money_of

# Of each kind of evidence, the events that an alert names.
_KEPT_EVIDENCE = 5

# Of a request's calls, so many durations at most are counted, evenly spread: more would tell no more.
_MOST_DURATIONS = 16

_NOTHING = Decimal(0)
_ERROR = LogLevel.ERROR.value
_TOKENS = frozenset({CostMetric.TOKENS_IN.value, CostMetric.TOKENS_OUT.value})


def begin_tally(alerts: AgentAlerts, watch: Watch, clock: int, rows: int) -> None:
    """Count a request's rows, having carried over what came in the grain before."""
    tally, grain = alerts.tally, clock // GRAIN
    if tally.grain != grain:
        carry_over(alerts, watch)
        tally = alerts.tally
        tally.grain = grain
    tally.counters[EVENTS] += rows
    if watch.eager:
        wake_at(alerts, clock + REFRESH)


def tally_logs(alerts: AgentAlerts, context: Context, rows: Sequence[LogRow]) -> None:
    """Count errors, of which there is one at least."""
    if context.watch.counted[LOG_ERRORS]:
        errors = [seq for seq, row in enumerate(rows) if row.word == _ERROR]
        if errors:
            _count_bad(alerts, context, LOG_ERRORS, errors)


def tally_events(alerts: AgentAlerts, context: Context, found: EventJudgement, *, bad: bool) -> None:
    """Count outcomes, failures, denials and durations; there is no failure unless it is `bad`."""
    watch = context.watch
    if found.judged:
        alerts.tally.counters[OUTCOMES] += len(found.judged)
        alerts.fresh |= 1 << OUTCOMES
        if bad and watch.counted[FAILURES]:
            failed = [judged[0] for judged in found.judged if not judged[2]]
            if failed:
                _count_bad(alerts, context, FAILURES, failed)
    if found.decided and watch.counted[DENIED]:
        denied = [seq for seq, allowed in found.decided if not allowed]
        if denied:
            _count_bad(alerts, context, DENIED, denied)
    if found.timed and watch.durations:
        _tally_durations(alerts, context, found.timed)


def tally_costs(alerts: AgentAlerts, context: Context, rows: Sequence[CostRow]) -> None:
    """Count tokens, and money in the currencies that a rule reads."""
    currencies, tally = context.watch.currencies, alerts.tally
    money_seq, tokens = -1, _NOTHING
    spent: dict[str, Decimal] = {}
    for seq, row in enumerate(rows):
        if row.metric_type in _TOKENS:
            tokens += row.amount
        money = money_of(row)
        if money:
            money_seq = seq
            if row.currency in currencies:
                spent[row.currency] = spent.get(row.currency, _NOTHING) + money
    if tokens:
        tally.counters[TOKENS] = min(MOST, tally.counters[TOKENS] + int(tokens))
        alerts.fresh |= 1 << TOKENS
    if spent:
        _add_money(tally, spent)
    if money_seq >= 0:
        alerts.fresh |= 1 << MONEY
        _keep(alerts, context, MONEY, money_seq)


def _add_money(tally: Tally, spent: dict[str, Decimal]) -> None:
    if tally.money is None:
        tally.money = {}
    for currency, money in spent.items():
        name = money_name(currency)
        tally.money[name] = min(MOST, tally.money.get(name, 0) + int(money * MONEY_UNITS))


def tally_reported(alerts: AgentAlerts, context: Context, rows: Sequence[ViolationRow]) -> None:
    """Count violations that the agent reported."""
    for seq, row in enumerate(rows):
        _tally_violations(alerts, context, row.severity, (seq,))


def tally_detected(alerts: AgentAlerts, context: Context, detected: Sequence[Detected]) -> None:
    """Count violations that policies found, each event for itself."""
    for found in detected:
        seqs = [event.seq for event in found.events]
        _tally_violations(alerts, context, found.finding.severity, seqs)


def _tally_violations(alerts: AgentAlerts, context: Context, severity: Severity, seqs: Sequence[int]) -> None:
    if context.watch.counted[VIOLATIONS]:
        _count_bad(alerts, context, VIOLATIONS, seqs)
    if severity is Severity.CRITICAL and context.watch.counted[CRITICALS]:
        _count_bad(alerts, context, CRITICALS, seqs)


def _tally_durations(alerts: AgentAlerts, context: Context, timed: Sequence[Timed]) -> None:
    durations = alerts.tally.durations
    if durations is None:
        durations = alerts.tally.durations = {}
    slow = -1
    if len(timed) > _MOST_DURATIONS:
        timed = timed[:: 1 + (len(timed) - 1) // _MOST_DURATIONS]
    slow_from = context.watch.slow_from
    for seq, _, milliseconds in timed:
        number = class_of(milliseconds)
        durations[number] = durations.get(number, 0) + 1
        if milliseconds >= slow_from:
            slow = seq
    alerts.fresh |= 1 << SLOW
    if slow >= 0:
        _keep(alerts, context, SLOW, slow)
        wake_at(alerts, context.clock)


def _count_bad(alerts: AgentAlerts, context: Context, place: int, seqs: Sequence[int]) -> None:
    """Bad news is looked at with the next tick."""
    alerts.tally.counters[place] += len(seqs)
    alerts.fresh |= 1 << place
    wake_at(alerts, context.clock)
    _keep(alerts, context, place, seqs[-1])


def _keep(alerts: AgentAlerts, context: Context, place: int, seq: int) -> None:
    """One event of each request, so that an alert names several requests."""
    kept = alerts.evidence.setdefault(place, [])
    kept.append((context.batch_id, seq))
    del kept[:-_KEPT_EVIDENCE]
