"""Downloads of logs: a job gives a link, which is good for a while and needs no token."""

import contextlib
import time
from collections.abc import AsyncGenerator
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import StreamingResponse

from query_api import errors
from query_api.dependencies import ConnectedServices, JobOfLink, ReaderOfLogs, find_agent
from query_api.download_jobs import DownloadFormat, DownloadJob
from query_api.downloads import DownloadWish, check_actor, fetch_of
from query_api.log_readers import text_of
from query_api.openapi import LOG_READ_ERRORS, WRITE_ERRORS, Responses, problem_responses
from query_api.private_answers import forbid_storing
from query_api.resources.downloads import Download, NewDownload
from query_api.resources.values import Parameters
from query_api.services import Services
from schemas.accesses import AccessAction
from schemas.identity import AgentRef
from schemas.timestamps import to_rfc3339

router = APIRouter(tags=["logs"])

_PATH = "/api/v1/log-downloads"
_ONE = _PATH + "/{download_id}"
_MEDIA_TYPES = {
    DownloadFormat.JSON: ("application/x-ndjson", "ndjson"),
    DownloadFormat.CSV: ("text/csv; charset=utf-8; header=present", "csv"),
    DownloadFormat.TXT: ("text/plain; charset=utf-8", "txt"),
    DownloadFormat.PARQUET: ("application/vnd.apache.parquet", "parquet"),
}
_EXAMPLES = {
    DownloadFormat.JSON: '{"event_id":"…:0","agent_id":"scout-1","level":"info","message":"done",…}\n',
    DownloadFormat.CSV: '"event_id","agent_id",…,"level","message",…\n"…:0","scout-1",…,"info","done",…\n',
    DownloadFormat.TXT: "2026-01-31T12:00:00.250125Z INFO  scout-1 done\n",
}
_FILE: Responses = {
    200: {
        "description": "The file",
        "content": {
            media_type.partition(";")[0]: {
                "schema": {"type": "string", "format": "binary"},
                **({"example": _EXAMPLES[name]} if name in _EXAMPLES else {}),
            }
            for name, (media_type, _) in _MEDIA_TYPES.items()
        },
    }
}
_CREATE_ERRORS = problem_responses(*LOG_READ_ERRORS, *WRITE_ERRORS, errors.NOT_FOUND)
_FETCH_ERRORS = problem_responses(
    *LOG_READ_ERRORS, errors.NOT_FOUND, errors.LINK_EXPIRED, errors.TOO_MANY_DOWNLOADS
)


@router.post(_PATH, status_code=201, responses=_CREATE_ERRORS)
async def create_download(
    new: NewDownload,
    parameters: Annotated[Parameters, Query()],
    reader: ReaderOfLogs,
    services: ConnectedServices,
    response: Response,
) -> Download:
    """Make a link to a file with log entries, those that are stored by now.

    Also with a key of the agent itself that has the permission `logs.read`.
    """
    reader.check_agent(new.agent_id)
    ref = AgentRef(reader.tenant_for(parameters.tenant), new.agent_id or "")
    if new.agent_id is not None:
        find_agent(services, ref.tenant_id, new.agent_id)
    query = text_of(new)
    wish = DownloadWish(new.format, new.search(new.start_ms, new.end_ms), query)
    sources = services.database, services.control.directory
    job = await services.downloads.create(sources, reader, ref, wish)
    shown = _shown(services, job)
    await services.accesses.record(reader.access(AccessAction.LOG_DOWNLOAD, ref, query=query, rows=job.rows))
    forbid_storing(response)
    response.headers["location"] = f"{_PATH}/{shown.download_id}"
    return shown


@router.get(_ONE, responses=problem_responses(*LOG_READ_ERRORS, errors.NOT_FOUND))
async def show_download(
    download_id: str,
    reader: ReaderOfLogs,
    services: ConnectedServices,
    response: Response,
) -> Download:
    """Show a job and, while it is good, its link."""
    job = services.downloads.signer.read(download_id)
    reader.tenant_for(job.tenant_id)
    reader.check_agent(job.agent_id or None)
    forbid_storing(response)
    return _shown(services, job)


@router.get(_ONE + "/content", response_class=StreamingResponse, responses={**_FILE, **_FETCH_ERRORS})
async def fetch_download(job: JobOfLink, services: ConnectedServices, request: Request) -> StreamingResponse:
    """Get the file; needs no token. If it breaks off, nothing of it counts: fetch it again."""
    check_actor(services.control.directory, job, _now())
    await services.accesses.record(fetch_of(job, services.addresses.of(request.scope)))
    pieces = services.downloads.content(services.database, job)
    # What goes wrong at the beginning shall be a problem, and not a file that breaks off.
    first = await anext(pieces, b"")

    async def whole() -> AsyncGenerator[bytes, None]:
        async with contextlib.aclosing(pieces):
            yield first
            async for piece in pieces:
                yield piece

    media_type, extension = _MEDIA_TYPES[job.format]
    name = f"logs-{job.agent_id or job.tenant_id}-{to_rfc3339(job.received_before)[:10]}.{extension}"
    headers = {"content-disposition": f'attachment; filename="{name}"', "cache-control": "no-store"}
    return StreamingResponse(whole(), media_type=media_type, headers=headers)


def _shown(services: Services, job: DownloadJob) -> Download:
    signer = services.downloads.signer
    download_id = signer.write(job)
    url = f"{_PATH}/{download_id}/content?signature={signer.link_signature(download_id)}"
    return Download.of(job, download_id, url, _now())


def _now() -> int:
    return time.time_ns() // 1_000_000
