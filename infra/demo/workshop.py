"""Where the demo's jobs are really done and measured: files, the stack's ClickHouse, the stack's routes."""

import asyncio
import hashlib
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import ModuleType

import httpx
from clickhouse_connect.driver.asyncclient import AsyncClient
from clickhouse_connect.driver.exceptions import ClickHouseError

import infra
import runtime
import schemas
from infra.demo.jobs import CallRoute, Done, HashFile, Job, Outcome, RunQuery, TargetService
from infra.demo.scope import refusal_of

Facts = dict[str, str | int | float]

_SUFFIXES = frozenset({".py", ".sql", ".json", ".txt"})
_MAX_MESSAGE = 400
_QUERY_SETTINGS = {"readonly": 1, "max_execution_time": 10}


class JobFailedError(Exception):
    """A job came to nothing; the text is the true reason."""


def project_folders() -> tuple[Path, ...]:
    """The folders of the project's own packages that agents may read."""
    return tuple(_folder_of(package) for package in (infra, runtime, schemas))


def project_files(folders: Sequence[Path]) -> tuple[Path, ...]:
    """The project's own files below `folders`, in a fixed order."""
    found = (path for folder in folders for path in folder.rglob("*") if path.suffix in _SUFFIXES)
    return tuple(sorted(path for path in found if path.is_file()))


def _folder_of(package: ModuleType) -> Path:
    return Path(next(iter(package.__path__))).resolve()


class Workshop:
    """Does jobs for all agents over shared clients, which stay the caller's."""

    def __init__(
        self,
        folders: Sequence[Path],
        clickhouse: AsyncClient,
        services: Mapping[TargetService, httpx.AsyncClient],
    ) -> None:
        """`folders` bound what may be read."""
        self._folders = folders
        self._clickhouse = clickhouse
        self._services = services

    async def do(self, job: Job) -> Outcome:
        """Do a job and measure it, unless the scope refuses it; its failure is a result, never raised."""
        refusal = refusal_of(job, self._folders)
        if refusal is not None:
            return refusal
        started = time.perf_counter()
        try:
            message, facts = await self._perform(job)
            succeeded = True
        except JobFailedError as error:
            message, facts, succeeded = str(error)[:_MAX_MESSAGE], {}, False
        milliseconds = round((time.perf_counter() - started) * 1000, 3)
        return Done(job, succeeded, milliseconds, message, facts)

    async def _perform(self, job: Job) -> tuple[str, Facts]:
        match job:
            case HashFile(path=path):
                return await _hash(path)
            case RunQuery(sql=sql):
                return await self._query(sql)
            case CallRoute():
                return await self._call(job)

    async def _query(self, sql: str) -> tuple[str, Facts]:
        try:
            result = await self._clickhouse.query(sql, settings=_QUERY_SETTINGS)
        except (ClickHouseError, OSError, TimeoutError) as error:
            reason = str(error).strip().splitlines() or [type(error).__name__]
            raise JobFailedError(f"query failed: {reason[0]}") from error
        rows = result.result_rows
        first = str(rows[0]) if rows else "no rows"
        return f"{sql}: {len(rows)} rows, first {first[:120]}", {"rows": len(rows)}

    async def _call(self, job: CallRoute) -> tuple[str, Facts]:
        try:
            response = await self._services[job.service].get(job.path)
        except httpx.TransportError as error:
            raise JobFailedError(f"GET {job.subject}: {str(error) or type(error).__name__}") from error
        if response.is_error:
            raise JobFailedError(f"GET {job.subject} answered {response.status_code}")
        facts: Facts = {"status": response.status_code, "bytes": len(response.content)}
        return f"GET {job.subject} answered {response.status_code}", facts


async def _hash(path: Path) -> tuple[str, Facts]:
    try:
        data = await asyncio.to_thread(path.read_bytes)
    except OSError as error:
        raise JobFailedError(f"cannot hash {path}: {error.strerror}") from error
    digest = hashlib.sha256(data).hexdigest()
    return f"hashed {path.name}: {digest[:12]}", {"sha256": digest, "bytes": len(data)}
