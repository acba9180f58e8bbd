"""Jobs are really done, and their failures are results."""

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import cast

import httpx
import pytest
from clickhouse_connect.driver.asyncclient import AsyncClient
from clickhouse_connect.driver.exceptions import DatabaseError

from infra.demo.jobs import CallRoute, Done, HashFile, Job, Refused, RunQuery, TargetService
from infra.demo.workshop import Workshop, project_files, project_folders


class FakeClickHouse:
    """Answers one row, or raises; remembers what it was asked."""

    def __init__(self, error: Exception | None = None) -> None:
        self.asked: list[tuple[str, dict[str, int]]] = []
        self._error = error
        self.result_rows: Sequence[Sequence[object]] = [(7,)]

    async def query(self, sql: str, settings: dict[str, int]) -> "FakeClickHouse":
        self.asked.append((sql, settings))
        if self._error:
            raise self._error
        return self


def route(request: httpx.Request) -> httpx.Response:
    if request.url.path == "/broken":
        raise httpx.ConnectError("refused")
    return httpx.Response(200 if request.url.path == "/healthz" else 404, text="hello")


async def do(job: Job, folder: Path, clickhouse: FakeClickHouse | None = None) -> Done | Refused:
    transport = httpx.MockTransport(route)
    async with httpx.AsyncClient(base_url="http://gateway", transport=transport) as http:
        client = cast("AsyncClient", clickhouse or FakeClickHouse())
        return await Workshop([folder], client, {TargetService.GATEWAY: http}).do(job)


async def test_it_hashes_a_file(tmp_path: Path) -> None:
    (tmp_path / "file.py").write_bytes(b"some bytes")
    done = await do(HashFile(tmp_path / "file.py"), tmp_path)
    assert isinstance(done, Done)
    assert done.succeeded
    assert done.milliseconds > 0
    assert done.facts == {"sha256": hashlib.sha256(b"some bytes").hexdigest(), "bytes": 10}


async def test_a_missing_file_is_a_failure_with_its_reason(tmp_path: Path) -> None:
    done = await do(HashFile(tmp_path / "missing"), tmp_path)
    assert isinstance(done, Done)
    assert not done.succeeded
    assert done.message == f"cannot hash {tmp_path / 'missing'}: No such file or directory"


async def test_a_query_is_asked_read_only(tmp_path: Path) -> None:
    clickhouse = FakeClickHouse()
    done = await do(RunQuery("SELECT 7"), tmp_path, clickhouse)
    assert isinstance(done, Done)
    assert done.succeeded
    assert done.facts == {"rows": 1}
    assert clickhouse.asked == [("SELECT 7", {"readonly": 1, "max_execution_time": 10})]


@pytest.mark.parametrize(
    "error", [DatabaseError("Unknown table\nstack trace"), OSError("closed"), TimeoutError()]
)
async def test_a_wrong_query_is_a_failure(tmp_path: Path, error: Exception) -> None:
    done = await do(RunQuery("SELECT x"), tmp_path, FakeClickHouse(error))
    assert isinstance(done, Done)
    assert not done.succeeded
    assert done.message.startswith("query failed: ")
    assert "stack trace" not in done.message


async def test_routes_are_called_and_404_is_a_failure(tmp_path: Path) -> None:
    good = await do(CallRoute(TargetService.GATEWAY, "/healthz"), tmp_path)
    bad = await do(CallRoute(TargetService.GATEWAY, "/other"), tmp_path)
    away = await do(CallRoute(TargetService.GATEWAY, "/broken"), tmp_path)
    assert isinstance(good, Done)
    assert isinstance(bad, Done)
    assert isinstance(away, Done)
    assert (good.succeeded, good.facts) == (True, {"status": 200, "bytes": 5})
    assert (bad.succeeded, bad.message) == (False, "GET gateway /other answered 404")
    assert (away.succeeded, away.message) == (False, "GET gateway /broken: refused")


async def test_what_is_out_of_scope_is_not_begun(tmp_path: Path) -> None:
    clickhouse = FakeClickHouse()
    assert isinstance(await do(RunQuery("DROP TABLE t"), tmp_path, clickhouse), Refused)
    assert clickhouse.asked == []


def test_there_are_project_files_to_hash() -> None:
    folders = project_folders()
    files = project_files(folders)
    assert files == project_files(folders)
    assert len(files) > 50
    assert all(any(path.is_relative_to(folder) for folder in folders) for path in files)
