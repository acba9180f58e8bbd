"""Serving begins behind the confinement: the engine's threads must not be older than it."""

import subprocess
import sys
from pathlib import Path

import psutil

from tests.infra.embedded.clickhouse.front import EmbeddedClickHouse


def test_the_process_has_one_thread_until_it_is_confined() -> None:
    code = (
        "import infra.embedded.clickhouse.__main__, sys; from pathlib import Path\n"
        "print(len(list(Path('/proc/self/task').iterdir())), 'chdb' in sys.modules)"
    )
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert shown.stdout.split() == ["1", "False"]


def test_no_thread_can_gain_privileges(clickhouse_front: EmbeddedClickHouse) -> None:
    tasks = list(Path(f"/proc/{clickhouse_front.pid}/task").iterdir())
    assert len(tasks) > 5
    assert {"NoNewPrivs:\t1" in (task / "status").read_text() for task in tasks} == {True}
    assert {"Seccomp:\t2" in (task / "status").read_text() for task in tasks} == {True}
    assert psutil.Process(clickhouse_front.pid).is_running()
