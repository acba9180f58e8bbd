"""`promethios demo` on a real stack: what it tells is what the tables hold, and misconduct is found out."""

import re
import signal
import subprocess
import sys
import time

import clickhouse_connect
import pytest

from infra.demo.plan import MIN_SECONDS_FOR_SILENCE
from schemas.tables import TELEMETRY_TABLES
from tests.stack import RunningStack

pytestmark = pytest.mark.integration

AGENTS = 8
EQUATION = re.compile(r"sent ([\d,]+) = accepted ([\d,]+) = stored ([\d,]+)")


def count_rows(stack: RunningStack, prefix: str) -> int:
    """All rows of a demo's agents, counted without the demo's own code."""
    client = clickhouse_connect.get_client(**stack.clickhouse)
    try:
        return sum(
            int(
                client.query(
                    f"SELECT count() FROM {telemetry.table} WHERE startsWith(agent_id, {{prefix:String}})",  # noqa: S608 - names from schemas
                    parameters={"prefix": prefix},
                ).result_rows[0][0]
            )
            for telemetry in TELEMETRY_TABLES.values()
        )
    finally:
        client.close()


def prefix_of(output: str) -> str:
    found = re.search(r"demo-\d{4}-\d{4}-[0-9a-f]{4}", output)
    assert found, output
    return found[0]


def stored_of(output: str) -> int:
    found = EQUATION.search(output)
    assert found, output
    sent, accepted, stored = (int(number.replace(",", "")) for number in found.groups())
    assert sent == accepted == stored > 0
    return stored


@pytest.mark.timeout(600)
def test_a_demo_shows_every_kind_of_misconduct_and_loses_nothing(stack: RunningStack) -> None:
    # Longer than it must be: on a busy machine a silence is noticed late, and so is a return.
    seconds = str(int(MIN_SECONDS_FOR_SILENCE) + 12)
    shown = stack.run("demo", "--agents", str(AGENTS), "--seconds", seconds, timeout=400)
    assert shown.returncode == 0, shown.stdout + shown.stderr
    assert stored_of(shown.stdout) == count_rows(stack, prefix_of(shown.stdout))
    lines = {line.split()[1]: line for line in shown.stdout.splitlines() if re.match(r" \d\d-", line)}
    assert lines.keys() == {"good", "silent", "errors", "critical", "repeated"}
    assert "agent_offline resolved" in lines["silent"]
    assert "trust_drop firing" in lines["errors"]
    # How far it falls depends on how many jobs the machine gets done.
    assert re.search(r"restricted|untrusted", lines["errors"])
    assert "1 critical" in lines["critical"]
    assert "critical_violation firing" in shown.stdout
    assert "medium" in lines["repeated"]
    assert "firing" not in lines["good"]


@pytest.mark.timeout(600)
def test_ctrl_c_ends_a_demo_cleanly_with_the_table_so_far(stack: RunningStack) -> None:
    command = [sys.executable, "-u", "-m", "infra.cli.main", "demo", "--data-dir", str(stack.folder.root)]
    with subprocess.Popen(
        [*command, "--agents", "2", "--seconds", "600"], stdout=subprocess.PIPE, text=True
    ) as demo:
        assert demo.stdout is not None
        seen: list[str] = []
        deadline = time.monotonic() + 120
        while not (seen and re.search(r" [1-9]\d* events accepted", seen[-1])):
            assert time.monotonic() < deadline, seen
            seen.append(demo.stdout.readline())
        demo.send_signal(signal.SIGINT)
        rest = demo.stdout.read()
    assert demo.returncode == 0, rest
    prefix = prefix_of("".join(seen))
    assert f"Agents {prefix}-" in rest
    assert stored_of(rest) == count_rows(stack, prefix)


def test_without_a_stack_it_says_so_in_one_sentence(tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("empty")
    shown = subprocess.run(
        [sys.executable, "-m", "infra.cli.main", "demo", "--data-dir", str(folder)],
        capture_output=True,
        text=True,
        timeout=180,
        check=False,
    )
    assert shown.returncode == 1
    assert shown.stderr.startswith("Error: There is no stack in")
    assert "promethios up" in shown.stderr
