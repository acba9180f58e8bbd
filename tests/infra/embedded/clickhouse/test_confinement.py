"""The front as it runs: what nobody can make it reach, not even who has its password."""

import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from infra.embedded.clickhouse import landlock, seccomp
from infra.embedded.clickhouse.confinement import Confinement, ConfinementMode, confine
from infra.embedded.clickhouse.settings import Settings
from tests.infra.embedded.clickhouse.front import EmbeddedClickHouse

full = pytest.mark.skipif(
    not (landlock.version() and seccomp.is_known()), reason="this kernel cannot confine fully"
)


def told(front: EmbeddedClickHouse) -> bytes:
    return front.http.request("GET", front.url + "promethios/confinement").data


@full
@pytest.mark.integration
@pytest.mark.parametrize(
    "sql",
    [
        "SELECT * FROM file('/etc/passwd', LineAsString)",
        "SELECT file('/etc/passwd')",
        "SELECT * FROM file('{folder}/password', LineAsString)",
        "SELECT * FROM file('{folder}/data/../password', LineAsString)",
        "SELECT * FROM sqlite('{folder}/password', 't')",
        "INSERT INTO FUNCTION file('{folder}/written', TSV, 'a UInt8') SELECT 1",
        "SELECT 1 INTO OUTFILE '{folder}/written'",
        "SELECT (SELECT 1 INTO OUTFILE '{folder}/written')",
        "BACKUP DATABASE promethios TO File('{folder}/written')",
        "SELECT * FROM url('http://127.0.0.1:{port}/', LineAsString) SETTINGS http_max_tries = 1",
        "SELECT * FROM url('http://localhost:{port}/', LineAsString) SETTINGS http_max_tries = 1",
        "SELECT * FROM s3('http://127.0.0.1:{port}/b/k', LineAsString) SETTINGS s3_retry_attempts = 0",
        "SELECT * FROM remote('127.0.0.1:{port}', 'a', 'b')",
        "SELECT * FROM executable('id', 'TSV', 'x String')",
    ],
)
def test_no_statement_reaches_what_is_outside(
    clickhouse_front: EmbeddedClickHouse, listener: socket.socket, sql: str
) -> None:
    folder = clickhouse_front.folder
    answer = clickhouse_front.request(
        sql.replace("{folder}", str(folder)).replace("{port}", str(listener.getsockname()[1]))
    )
    assert answer.status >= 400, answer.data
    assert b"root:" not in answer.data
    assert not (folder / "written").exists()
    with pytest.raises(BlockingIOError):
        listener.accept()


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    """A server that nobody shall connect to."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.setblocking(False)
        yield listener


@full
@pytest.mark.integration
def test_the_process_shows_nothing_of_its_environment(clickhouse_front: EmbeddedClickHouse) -> None:
    answer = clickhouse_front.request("SELECT * FROM file('/proc/self/environ', LineAsString)")
    assert b"PASSWORD_FILE" not in answer.data


@full
@pytest.mark.integration
def test_what_it_needs_it_reaches(clickhouse_front: EmbeddedClickHouse) -> None:
    assert told(clickhouse_front) == b'{"files":true,"network":true,"missing":""}'
    clickhouse_front.query("CREATE TABLE confined (n UInt64) ENGINE = MergeTree ORDER BY n")
    clickhouse_front.query(
        "INSERT INTO confined FORMAT TSV", b"1\n" * 12_000_000
    )  # more than stays in memory
    sort = "SELECT n FROM confined ORDER BY cityHash64(n, rowNumberInAllBlocks()) LIMIT 1"
    assert clickhouse_front.query(sort, max_bytes_before_external_sort=1_000_000) == "1\n"
    rows = clickhouse_front.request("SELECT * FROM numbers(4000000)", wait_end_of_query=1)
    assert len(rows.data) > 16 << 20  # spooled to the disk
    clickhouse_front.query("DROP TABLE confined")


@pytest.mark.integration
def test_it_may_be_switched_off_and_says_so(tmp_path: Path) -> None:
    front = EmbeddedClickHouse(tmp_path, confinement="off").start()
    try:
        assert told(front) == b'{"files":false,"network":false,"missing":"it is switched off"}'
        assert front.query("SELECT count() > 0 FROM file('/etc/passwd', LineAsString)") == "1\n"
        assert '"not_confined"' in front.log
    finally:
        assert front.stop() == 0


def test_a_kernel_without_landlock_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(landlock, "version", lambda: 0)
    monkeypatch.setattr(seccomp, "is_known", lambda: False)
    monkeypatch.setattr("infra.embedded.clickhouse.confinement._check_one_thread", lambda: None)
    monkeypatch.setattr("tempfile.tempdir", None)
    monkeypatch.setattr("os.putenv", lambda *_: None)
    found = confine(tmp_path, ConfinementMode.AUTO)
    assert not found.complete
    assert "the kernel has no Landlock" in found.missing
    assert "system calls" in found.missing


def test_confining_comes_before_all_threads(tmp_path: Path) -> None:
    stop = threading.Event()
    thread = threading.Thread(target=stop.wait)
    thread.start()
    try:
        with pytest.raises(RuntimeError, match="before anything starts a thread"):
            confine(tmp_path, ConfinementMode.AUTO)
    finally:
        stop.set()
        thread.join()


@pytest.mark.integration
def test_required_is_refused_where_it_cannot_be(tmp_path: Path) -> None:
    front = EmbeddedClickHouse(tmp_path, confinement="required")
    code = (
        "import sys; from infra.embedded.clickhouse import seccomp; seccomp.is_known = lambda: False\n"
        "from infra.embedded.clickhouse.__main__ import main; sys.exit(main())"
    )
    ended = subprocess.run(
        [sys.executable, "-c", code],
        env=front.environment,
        capture_output=True,
        text=True,
        timeout=180,
        check=False,
    )
    assert ended.returncode == 1
    assert "PROMETHIOS_CLICKHOUSE_CONFINEMENT is required, but" in ended.stderr


def test_off_confines_nothing(tmp_path: Path) -> None:
    assert confine(tmp_path, ConfinementMode.OFF) == Confinement(False, False, "it is switched off")
    assert Settings.model_fields["confinement"].default is ConfinementMode.AUTO
