"""The process: one for a folder, clear refusals, a clean end, and data that survives any end."""

import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
import urllib3

from infra.embedded.clickhouse.__main__ import main
from tests.infra.embedded.clickhouse.front import EmbeddedClickHouse
from tests.infra.embedded.clickhouse.waiting import wait_until

ENDLESS = (
    "SELECT count() FROM numbers(1000000000000) WHERE NOT ignore(sipHash64(number)) SETTINGS max_threads = 1"
)
ROWS = 200_000
BODY = b"".join(b'{"day":"2026-01-0%d","n":%d}\n' % (1 + n % 3, n) for n in range(ROWS))


@pytest.fixture
def front(tmp_path: Path) -> Iterator[EmbeddedClickHouse]:
    front = EmbeddedClickHouse(tmp_path).start()
    yield front
    front.kill()


def test_the_process_has_a_title(clickhouse_front: EmbeddedClickHouse) -> None:
    assert psutil.Process(clickhouse_front.pid).cmdline()[0] == "promethios: clickhouse"


def test_a_second_process_on_the_folder_says_so_and_ends(clickhouse_front: EmbeddedClickHouse) -> None:
    second = subprocess.run(
        [sys.executable, "-m", "infra.embedded.clickhouse"],
        env={**clickhouse_front.environment, "PROMETHIOS_CLICKHOUSE_PORT": "0"},
        capture_output=True,
        text=True,
        timeout=180,
        check=False,
    )
    assert second.returncode == 1
    assert len(second.stderr.splitlines()) == 1
    assert "another process already uses" in second.stderr
    assert clickhouse_front.query("SELECT 1") == "1\n"


@pytest.fixture
def good_settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("setproctitle.setproctitle", lambda _: None)
    for variable, value in EmbeddedClickHouse(tmp_path).settings.items():
        monkeypatch.setenv(variable, value)


@pytest.mark.usefixtures("good_settings")
@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("PORT", "http", "PROMETHIOS_CLICKHOUSE_PORT"),
        ("PATH", "/tmp/what?", "PROMETHIOS_CLICKHOUSE_PATH"),  # noqa: S108 - it is refused, nothing is made
        ("PATH", "/proc/nowhere", "cannot use /proc/nowhere"),
        ("PASSWORD_FILE", "/nonexistent", "cannot read /nonexistent"),
        ("PASSWORD_FILE", "/etc/passwd", "others can read"),
        ("PASSWORD_FILE", "/dev/null", "PASSWORD_FILE"),
        ("HOST", "192.0.2.1", "cannot listen on 192.0.2.1"),
    ],
)
def test_bad_settings_are_said_in_one_line(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    *,
    name: str,
    value: str,
    said: str,
) -> None:
    monkeypatch.setenv(f"PROMETHIOS_CLICKHOUSE_{name}", value)
    assert main() == 1
    error = capsys.readouterr().err
    assert len(error.splitlines()) == 1
    assert said in error


def test_sigterm_ends_it_in_time_whatever_runs(front: EmbeddedClickHouse) -> None:
    response = threading.Thread(target=_request_until_cut, args=(front,))
    response.start()
    wait_until(lambda: front.query("SELECT count() FROM system.processes") == "2\n")
    started = time.monotonic()
    assert front.stop() == 0
    assert time.monotonic() - started < 30
    response.join()


def _request_until_cut(front: EmbeddedClickHouse) -> None:
    try:
        front.request(ENDLESS)
    except urllib3.exceptions.HTTPError:
        return


def test_sigkill_in_the_middle_of_inserts_loses_and_doubles_nothing(front: EmbeddedClickHouse) -> None:
    window = "SETTINGS non_replicated_deduplication_window = 1000"
    front.query(
        f"CREATE TABLE t (day Date, n UInt32) ENGINE = MergeTree PARTITION BY day ORDER BY n {window}"
    )
    front.query(f"CREATE TABLE sums (day Date, rows UInt64) ENGINE = SummingMergeTree ORDER BY day {window}")
    front.query("CREATE MATERIALIZED VIEW view TO sums AS SELECT day, count() AS rows FROM t GROUP BY day")
    acknowledged = 0
    for attempt in range(3):
        # The kill comes at another moment of an insert each time; the same inserts are then sent again.
        killer = threading.Timer(0.05 + 0.06 * attempt, front.kill)
        killer.start()
        acknowledged = max(acknowledged, _insert_until_cut(front))
        killer.join()
        front.start()
        stored = int(front.query("SELECT count() FROM t"))
        assert stored >= acknowledged * ROWS
    last = acknowledged + 2
    for number in range(last):
        _insert(front, number)
    assert front.query("SELECT count(), uniqExact(n) FROM t") == f"{last * ROWS}\t{ROWS}\n"
    assert front.query("SELECT sum(rows) FROM sums") == f"{last * ROWS}\n"


def _insert(front: EmbeddedClickHouse, number: int) -> None:
    front.insert(
        "t",
        BODY,
        insert_deduplication_token=f"token-{number}",
        deduplicate_blocks_in_dependent_materialized_views=1,
    )


def _insert_until_cut(front: EmbeddedClickHouse) -> int:
    """The number of inserts, from the first one on, that were acknowledged."""
    for number in range(1000):
        try:
            _insert(front, number)
        except urllib3.exceptions.HTTPError:
            return number
    raise AssertionError("never killed")
