"""The demo's last words: a line for each agent, and whether what was sent is what is stored; pure."""

from collections import Counter
from collections.abc import Sequence

from rich import box
from rich.table import Table
from rich.text import Text

from infra.demo.delivery import RouteCounts, sum_of
from infra.demo.plan import Conduct
from infra.demo.results import AgentResult, Findings
from schemas.derived import AlertState, OnlineStatus, TrustStatus

_COLUMNS = (
    "agent",
    "conduct",
    "jobs",
    "failed",
    "refused",
    "sent",
    "accepted",
    "stored",
    "trust",
    "lowest",
    "level",
    "status",
    "violations",
    "alerts",
)
_NUMBERS = frozenset(_COLUMNS[2:10])
_LEVEL_STYLES = {"trusted": "green", "good": "green", "watch": "yellow"}


def results_table(prefix: str, results: Sequence[AgentResult]) -> Table:
    """The table; agents are named by what follows `prefix`."""
    title = f"Agents {prefix}-…, as the query API shows them"
    # Narrow, so that it fits a terminal.
    table = Table(title=title, title_justify="left", box=box.SIMPLE_HEAD, padding=0)
    for column in _COLUMNS:
        table.add_column(column, justify="right" if column in _NUMBERS else "left")
    for result in results:
        table.add_row(*_cells(prefix, result))
    return table


def totals(results: Sequence[AgentResult], requests: int, repeats: int) -> list[str]:
    """The closing lines."""
    reports = sum_of([result.reports for result in results])
    stored = sum(result.stored for result in results)
    alerts = [alert for result in results for alert in result.findings.alerts]
    resolved = sum(alert.state is AlertState.RESOLVED for alert in alerts)
    done = sum(result.jobs.done for result in results)
    failed = sum(result.jobs.failed for result in results)
    refused = sum(result.jobs.refused for result in results)
    violations = sum(len(result.findings.violations) for result in results)
    lines = [
        equation(reports, stored),
        f"requests: {requests:,}, of which {repeats:,} were repeats under the same key",
        f"jobs: {done:,} done, {failed:,} failed, {refused:,} refused",
        f"violations: {violations:,}; alerts: {len(alerts):,} fired, {resolved:,} of them resolved",
    ]
    lost = {"refused": reports.refused, "dropped": reports.dropped, "without an answer": reports.unanswered}
    return lines + [f"events {what}: {count:,}" for what, count in lost.items() if count]


def equation(reports: RouteCounts, stored: int) -> str:
    """Whether sent, accepted and stored are one number."""
    sent = reports.reported - reports.dropped
    left = "=" if sent == reports.accepted else "≠"
    right = "=" if reports.accepted == stored else "≠"
    return f"sent {sent:,} {left} accepted {reports.accepted:,} {right} stored {stored:,}"


def _cells(prefix: str, result: AgentResult) -> list[str | Text]:
    jobs, reports, findings = result.jobs, result.reports, result.findings
    trust = findings.trust
    good = result.plan.conduct is Conduct.GOOD
    return [
        result.agent_id.removeprefix(f"{prefix}-"),
        Text(result.plan.conduct, style="" if good else "red"),
        f"{jobs.done:,}",
        _count(jobs.failed),
        _count(jobs.refused),
        f"{reports.reported - reports.dropped:,}",
        f"{reports.accepted:,}",
        Text(f"{result.stored:,}", style="green" if result.stored == reports.accepted else "bold red"),
        "" if trust is None else f"{trust.score:.1f}",
        "" if findings.lowest_trust is None else f"{findings.lowest_trust:.1f}",
        "" if trust is None else Text(trust.level, style=_LEVEL_STYLES.get(trust.level, "red")),
        _status(findings),
        _violations(findings),
        "\n".join(f"{alert.rule} {alert.state}" for alert in findings.alerts),
    ]


def _status(findings: Findings) -> str:
    """An orderly stop is no absence."""
    stopped = findings.trust is not None and findings.trust.status is TrustStatus.STOPPED
    return "stopped" if stopped and findings.status == OnlineStatus.OFFLINE else findings.status


def _violations(findings: Findings) -> str:
    counts = Counter(violation.severity for violation in findings.violations)
    return ", ".join(f"{count} {severity}" for severity, count in counts.items())


def _count(number: int) -> str:
    return f"{number:,}" if number else ""
