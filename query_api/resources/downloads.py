"""Downloads of logs."""

from enum import StrEnum
from typing import Any, Self

from pydantic import BaseModel, ConfigDict, Field

from query_api.download_jobs import DownloadFormat, DownloadJob
from query_api.resources.logs import LogFilter
from query_api.resources.values import Id, Moment, TimeRange, from_milliseconds

_EXAMPLE: dict[str, Any] = {
    "agent_id": "scout-1",
    "format": "parquet",
    "from": "2026-01-01T00:00:00Z",
    "to": "2026-02-01T00:00:00Z",
    "min_level": "warn",
}


class NewDownload(LogFilter, TimeRange):
    """Which entries, as in the search, and the form of the file; without an agent those of the tenant."""

    model_config = ConfigDict(
        extra="forbid", populate_by_name=True, json_schema_extra={"examples": [_EXAMPLE]}
    )

    agent_id: Id | None = None
    format: DownloadFormat = DownloadFormat.JSON


class DownloadStatus(StrEnum):
    """Whether the link may be used."""

    READY = "ready"
    EXPIRED = "expired"


class Download(BaseModel):
    """A job; whoever has `url` gets the file, without a token, until it expires."""

    download_id: str
    status: DownloadStatus
    tenant_id: str
    agent_id: str | None
    format: DownloadFormat
    rows: int
    created_at: Moment
    expires_at: Moment
    url: str | None = Field(examples=["/api/v1/log-downloads/WyJ….…/content?signature=…"])

    @classmethod
    def of(cls, job: DownloadJob, download_id: str, url: str, now: int) -> Self:
        """What is shown of a job at `now`."""
        ready = now < job.expires_at
        return cls(
            download_id=download_id,
            status=DownloadStatus.READY if ready else DownloadStatus.EXPIRED,
            tenant_id=job.tenant_id,
            agent_id=job.agent_id or None,
            format=job.format,
            rows=job.rows,
            created_at=from_milliseconds(job.received_before),
            expires_at=from_milliseconds(job.expires_at),
            url=url if ready else None,
        )
