"""Limits of downloads, and who may still use a link."""

from collections.abc import AsyncGenerator, Mapping
from typing import Any, cast

import msgspec
import pytest

from query_api import errors
from query_api.database import Database
from query_api.directory import Directory
from query_api.download_jobs import DownloadFormat, DownloadJob
from query_api.downloads import Downloads, DownloadWish, check_actor, fetch_of
from query_api.log_readers import AgentLogReader
from query_api.queries.logs import LogSearch
from query_api.queries.query import Query
from runtime.problems import ProblemError
from schemas.accesses import AccessAction, ActorKind
from schemas.control import ApiKey
from schemas.identity import AgentRef
from schemas.networks import parse_address
from schemas.operators import Operator, Role
from schemas.permissions import Permission
from tests.query_api.api_process import with_token
from tests.query_api.test_app import SETTINGS
from tests.query_api.test_download_jobs import job

REF = AgentRef("acme", "scout")
KEY = ApiKey("k1", "acme", "scout", "gov", "hash", (Permission.LOGS_READ,), 1)
ADA = with_token(Operator("ada", Role.ANALYST, 1), "t")


class FakeDatabase:
    """Counts as it is told, and streams three pieces."""

    def __init__(self, rows: int = 5) -> None:
        self._rows = rows

    async def rows(self, _query: Query) -> list[dict[str, int]]:
        return [{"rows": self._rows}]

    async def stream(
        self, _query: Query, _format: str, _settings: Mapping[str, Any], _seconds: int
    ) -> AsyncGenerator[bytes, None]:
        for piece in (b"one", b"two", b"six"):
            yield piece


def database(rows: int = 5) -> Database:
    return cast("Database", FakeDatabase(rows))


def downloads_with(**settings: int) -> Downloads:
    return Downloads(SETTINGS.model_copy(update=settings))


async def create(downloads: Downloads, rows: int) -> DownloadJob:
    wish = DownloadWish(DownloadFormat.TXT, LogSearch(text="x", fields=[("a", "b")]), "{}")
    return await downloads.create((database(rows), Directory()), AgentLogReader(None, KEY), REF, wish)


async def test_a_job_is_for_so_many_rows() -> None:
    downloads = downloads_with(query_download_rows=5)
    made = await create(downloads, 5)
    assert (made.rows, made.actor_id, made.search.fields) == (5, "k1", (("a", "b"),))
    assert made.expires_at - made.received_before == SETTINGS.query_link_seconds * 1000
    assert downloads.signer.read(downloads.signer.write(made)) == made
    with pytest.raises(ProblemError) as refused:
        await create(downloads, 6)
    assert refused.value.kind is errors.INVALID


async def test_so_many_are_under_way_and_no_longer_than_they_are_read() -> None:
    downloads = downloads_with(query_downloads=1)
    first = downloads.content(database(), job())
    assert await anext(first) == b"one"
    with pytest.raises(ProblemError) as refused:
        await anext(downloads.content(database(), job()))
    assert refused.value.kind is errors.TOO_MANY_DOWNLOADS
    await first.aclose()
    assert [piece async for piece in downloads.content(database(), job())] == [b"one", b"two", b"six"]
    assert await anext(downloads.content(database(), job())) == b"one"


async def test_a_file_that_grows_too_large_breaks_off() -> None:
    content = downloads_with(query_download_bytes=6).content(database(), job())
    assert [await anext(content), await anext(content)] == [b"one", b"two"]
    with pytest.raises(ProblemError) as refused:
        await anext(content)
    assert refused.value.kind is errors.TOO_LARGE


def may_use(made: DownloadJob, *records: msgspec.Struct) -> bool:
    directory = Directory()
    for record in records:
        directory.apply("", "", record)
    try:
        check_actor(directory, made, 100)
    except ProblemError as refused:
        return refused.kind is not errors.FORBIDDEN
    return True


def test_a_link_is_good_while_its_maker_may_read() -> None:
    assert may_use(job(), ADA)
    assert not may_use(job())
    assert not may_use(job(), msgspec.structs.replace(ADA, tokens=()))
    assert not may_use(job(), msgspec.structs.replace(ADA, role=Role.VIEWER))
    assert not may_use(job(), msgspec.structs.replace(ADA, removed_at=5))
    assert may_use(msgspec.structs.replace(job(), actor_has_record=False))


def test_a_link_of_a_key_is_good_while_the_key_is() -> None:
    made = msgspec.structs.replace(job(), actor_kind=ActorKind.AGENT_KEY, actor_id="k1")
    assert may_use(made, KEY)
    for changes in ({"revoked_at": 5}, {"expires_at": 100}, {"permissions": ()}):
        assert not may_use(made, msgspec.structs.replace(KEY, **changes))
    assert not may_use(made)


def test_its_use_is_written_down_as_its_makers() -> None:
    access = fetch_of(job(), parse_address("192.0.2.9"))
    assert (access.action, access.actor_id, access.address, access.rows) == (
        *(AccessAction.LOG_DOWNLOAD_FETCH, "ada", "192.0.2.9", 7),
    )
