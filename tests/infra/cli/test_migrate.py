"""`promethios migrate` on the real engine: shown, applied, taken back; nothing without being asked."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from infra.cli.main import app
from infra.clickhouse.migrations import load
from infra.supervisor.data_folder import DataFolder
from infra.supervisor.stack_file import write
from tests.infra.embedded.clickhouse.front import EmbeddedClickHouse
from tests.infra.supervisor.stacks import stack_file
from tests.integration.writer_process import clickhouse_url

pytestmark = pytest.mark.integration


@pytest.fixture(scope="module")
def front(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedClickHouse]:
    front = EmbeddedClickHouse(tmp_path_factory.mktemp("migrate")).start()
    yield front
    assert front.stop() == 0, front.log


@pytest.fixture
def run(front: EmbeddedClickHouse, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> "Run":
    monkeypatch.setenv("PROMETHIOS_CLICKHOUSE_URL", clickhouse_url(front.port))
    folder = DataFolder.at(tmp_path)
    folder.prepare()
    write(folder, stack_file())
    return Run(tmp_path)


class Run:
    """Runs `promethios migrate …`."""

    def __init__(self, data_dir: Path) -> None:
        self._data_dir = data_dir

    def __call__(self, *arguments: str, code: int = 0) -> str:
        command = ["migrate", *arguments, "--data-dir", str(self._data_dir)]
        shown = CliRunner().invoke(app, command, env={"COLUMNS": "250"})
        assert shown.exit_code == code, shown.output
        return shown.output


def test_the_way_up_and_down(run: Run) -> None:
    count, last = len(load()), load()[-1]
    assert run("status").count("pending") == count
    assert "CREATE TABLE heartbeats" in run("up", "--dry-run")
    assert run("status").count("pending") == count
    assert run("up").count("applied ") == count
    assert "up to date" in run("up")
    assert "up to date" in run("up", "--dry-run")
    assert run("status").count(" applied ") == count
    below = str(count - 1)
    assert f"undo {last}" in run("down", "--to", below, "--dry-run")
    assert "--yes" in run("down", "--to", below, code=1)
    assert run("status").count(" applied ") == count
    assert f"undone {last}" in run("down", "--to", below, "--yes")
    assert run("status").count("pending") == 1
    assert f"applied {last}" in run("up")
    assert f"Nothing above {count}" in run("down", "--to", str(count), "--yes")


def test_sql_for_a_cluster_is_only_printed(run: Run) -> None:
    run("up")
    assert "--dry-run" in run("up", "--cluster", "fleet", code=1)
    shown = run("down", "--to", "0", "--dry-run", "--cluster", "fleet")
    assert "DROP TABLE heartbeats ON CLUSTER 'fleet';" in shown
    assert run("status").count(" applied ") == len(load())
