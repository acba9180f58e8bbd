"""Which job an agent takes next: its trade's usual ones, or those of its misconduct; pure."""

import random
from collections.abc import Sequence
from pathlib import Path

from infra.demo.jobs import CallRoute, HashFile, Job, RunQuery, TargetService
from infra.demo.plan import AgentPlan, Conduct, Trade
from schemas.tables import TELEMETRY_TABLES, Table

_QUERIES = (
    *(f"SELECT count() FROM {telemetry.table}" for telemetry in TELEMETRY_TABLES.values()),  # noqa: S608 - names from schemas
    f"SELECT uniq(agent_id), max(received_at) FROM {Table.HEARTBEATS}",  # noqa: S608 - as above
    f"SELECT level, count() FROM {Table.AGENT_LOGS} GROUP BY level ORDER BY level",  # noqa: S608 - as above
    f"SELECT quantile(0.5)(response_time_ms), quantile(0.95)(response_time_ms) FROM {Table.AGENT_METRICS}",  # noqa: S608 - as above
    "SELECT name, total_rows FROM system.tables WHERE database = currentDatabase() ORDER BY name",
)
_WRONG_QUERIES = (
    f"SELECT no_such_column FROM {Table.AGENT_LOGS}",  # noqa: S608 - names from schemas
    "SELECT count() FROM no_such_table",
    "SELECT count( FROM system.one",
)
# Harmless even if a guard failed to stop it.
_FORBIDDEN_STATEMENT = "DROP TABLE IF EXISTS no_such_table_of_the_demo"
_FORBIDDEN_FILE = Path("/etc/hostname")
_BREACH_SHARE = 0.5

_ROUTES = tuple(CallRoute(service, path) for service in TargetService for path in ("/healthz", "/readyz"))


class WorkList:
    """The endless jobs of one agent; the same plan and conduct give the same jobs."""

    def __init__(self, plan: AgentPlan, files: Sequence[Path]) -> None:
        """`files` are the files that may be hashed, at least one."""
        self._plan = plan
        self._files = files
        self._source = random.Random(plan.jobs_seed)  # noqa: S311 - a repeatable choice, not a secret
        self._critical_done = False

    def next(self, conduct: Conduct) -> Job:
        """The job to do now under `conduct`."""
        match conduct:
            case Conduct.ERROR_BURST:
                return self._failing()
            case Conduct.REPEATED_BREACHES if self._source.random() < _BREACH_SHARE:
                return HashFile(_FORBIDDEN_FILE)
            case Conduct.CRITICAL_BREACH if not self._critical_done:
                self._critical_done = True
                return RunQuery(_FORBIDDEN_STATEMENT)
            case _:
                return self._usual()

    def _usual(self) -> Job:
        match self._plan.trade:
            case Trade.HASHING:
                return HashFile(self._source.choice(self._files))
            case Trade.QUERYING:
                return RunQuery(self._source.choice(_QUERIES))
            case Trade.CALLING:
                return self._source.choice(_ROUTES)

    def _failing(self) -> Job:
        """A job of the same trade that really fails."""
        match self._plan.trade:
            case Trade.HASHING:
                chosen = self._source.choice(self._files)
                return HashFile(chosen.with_name(f"{chosen.name}.missing"))
            case Trade.QUERYING:
                return RunQuery(self._source.choice(_WRONG_QUERIES))
            case Trade.CALLING:
                route = self._source.choice(_ROUTES)
                return CallRoute(route.service, f"/no-such-route/{self._source.randrange(1000)}")
