"""All of a stack stopped, or killed at one blow, under load, and started again: `make faults-writer`."""

import asyncio
import os
import signal
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import clickhouse_connect
import httpx
import psutil
import pytest

from schemas.tables import Table
from tests.faults.fleet import Fleet, reporting
from tests.faults.oracle import assert_stored_exactly_once, assert_trust_is_a_pure_replay
from tests.infra.clickhouse.roll_ups import assert_roll_ups
from tests.stack import RunningStack

pytestmark = [pytest.mark.fault, pytest.mark.integration, pytest.mark.timeout(600)]

_AGENTS = 12
_EVENTS = 800


class _Asked:
    """A stack's ClickHouse, asked as `assert_roll_ups` does."""

    def __init__(self, connection: Mapping[str, Any]) -> None:
        self._url = f"http://{connection['host']}:{connection['port']}/"
        self._auth = (connection["username"], connection["password"])

    def query(self, sql: str, *, database: str, param_agents: str) -> str:
        parameters = {"database": database, "param_agents": param_agents}
        answer = httpx.post(self._url, params=parameters, content=sql, auth=self._auth, timeout=60)
        assert answer.status_code == 200, answer.text
        return answer.text


def _stop(stack: RunningStack) -> None:
    stack.down()


def _kill(stack: RunningStack) -> None:
    """The supervisor first, so that it starts nothing anew; then everything at once."""
    services = [int(service["pid"]) for service in stack.status()["services"].values()]
    os.kill(int((stack.folder.run / "supervisor.pid").read_text()), signal.SIGKILL)
    for pid in services:
        os.kill(pid, signal.SIGKILL)
    gone, left = psutil.wait_procs([psutil.Process(pid) for pid in services if psutil.pid_exists(pid)], 30)
    assert not left, gone


def _counts(stack: RunningStack, prefix: str) -> tuple[int, int]:
    """The rows of the fleet, and their ids."""
    with clickhouse_connect.get_client(**stack.clickhouse) as client:
        result = client.query(
            f"SELECT count(), uniqExact(batch_id, seq) FROM {Table.AGENT_LOGS} "  # noqa: S608 - a constant
            "WHERE startsWith(agent_id, {prefix:String})",
            parameters={"prefix": f"{prefix}-"},
        )
    [(rows, ids)] = result.result_rows
    return int(rows), int(ids)


@pytest.mark.parametrize("end", [_stop, _kill], ids=["stopped", "killed"])
async def test_what_was_accepted_outlives_a_restart_of_all(
    end: Callable[[RunningStack], None], tmp_path: Path
) -> None:
    stack = RunningStack(tmp_path / ".promethios")
    prefix = end.__name__.strip("_")
    try:
        keys = await asyncio.to_thread(
            stack.create_agents, [f"{prefix}-{number}" for number in range(_AGENTS)]
        )
        fleet = Fleet(stack.gateway, keys, give_up_seconds=300)
        async with reporting(fleet, before=_EVENTS, after=_EVENTS):
            for _ in range(2):
                await asyncio.to_thread(end, stack)
                await asyncio.to_thread(stack.up)
        await assert_stored_exactly_once(stack, fleet)
        rows, ids = await asyncio.to_thread(_counts, stack, prefix)
        assert rows == ids == fleet.accepted_events
        await assert_trust_is_a_pure_replay(stack)
        await asyncio.to_thread(assert_roll_ups, _Asked(stack.clickhouse))
    finally:
        await asyncio.to_thread(stack.run, "down", timeout=120)
