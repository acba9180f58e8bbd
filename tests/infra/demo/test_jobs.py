"""Jobs as data."""

from pathlib import Path

import pytest

from infra.demo.jobs import CallRoute, HashFile, Job, RunQuery, TargetService
from infra.demo.plan import Trade


@pytest.mark.parametrize(
    ("job", "trade", "subject"),
    [
        (HashFile(Path("/a/b.py")), Trade.HASHING, "/a/b.py"),
        (RunQuery("SELECT 1"), Trade.QUERYING, "SELECT 1"),
        (CallRoute(TargetService.GATEWAY, "/healthz"), Trade.CALLING, "gateway /healthz"),
    ],
)
def test_a_job_says_its_trade_and_subject(job: Job, trade: Trade, subject: str) -> None:
    assert (job.trade, job.subject) == (trade, subject)
