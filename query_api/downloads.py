"""Downloads of logs: made as jobs, handed out within limits of rows, bytes, time and number."""

import secrets
import time
from collections.abc import AsyncGenerator
from typing import NamedTuple

from query_api import errors
from query_api.database import Database
from query_api.directory import Directory
from query_api.download_jobs import DownloadFormat, DownloadJob, JobSigner
from query_api.log_readers import LogReader
from query_api.queries import downloads
from query_api.queries.logs import LogSearch
from query_api.rights import Right, may
from query_api.settings import QuerySettings
from runtime.problems import ProblemError
from schemas.accesses import Access, AccessAction, ActorKind
from schemas.control import ApiKey
from schemas.identity import AgentRef
from schemas.networks import Address
from schemas.operators import Operator
from schemas.permissions import Permission

_ID_BYTES = 9


class DownloadWish(NamedTuple):
    """The format, which entries, and how it is written down."""

    format: DownloadFormat
    search: LogSearch
    query: str


class Downloads:
    """What a process gives out; it keeps nothing of a job but that it is under way."""

    def __init__(self, settings: QuerySettings) -> None:
        """Take the secret and the limits.

        Raises:
            SettingsError: the secret's file does not do.
        """
        self.signer = JobSigner(settings.read_link_secret())
        self._settings = settings
        self._under_way = 0

    async def create(
        self, sources: tuple[Database, Directory], reader: LogReader, ref: AgentRef, wish: DownloadWish
    ) -> DownloadJob:
        """A job for what is stored by now.

        Raises:
            ProblemError: INVALID, these are too many entries; as `Database.rows`.
        """
        database, directory = sources
        search = wish.search
        now = time.time_ns() // 1_000_000
        [row] = await database.rows(downloads.count(ref, search, now))
        most = self._settings.query_download_rows
        if row["rows"] > most:
            raise ProblemError(
                errors.INVALID,
                f"These are {row['rows']:,} entries, and a download has at most {most:,}: "
                "ask for a shorter time.",
            )
        kind, actor_id = reader.actor
        wanted = {name: getattr(search, name) for name in LogSearch.__dataclass_fields__}
        return DownloadJob(
            job_id=secrets.token_urlsafe(_ID_BYTES),
            tenant_id=ref.tenant_id,
            agent_id=ref.agent_id,
            format=wish.format,
            actor_kind=kind,
            actor_id=actor_id,
            received_before=now,
            expires_at=now + self._settings.query_link_seconds * 1000,
            rows=row["rows"],
            actor_has_record=directory.operator(actor_id) is not None,
            query=wish.query,
            **{**wanted, "levels": tuple(search.levels), "fields": tuple(search.fields)},
        )

    async def content(self, database: Database, job: DownloadJob) -> AsyncGenerator[bytes, None]:
        """The file, piece by piece.

        Raises:
            ProblemError: TOO_MANY_DOWNLOADS before anything else; as `Database.stream`; TOO_LARGE.
        """
        if self._under_way >= self._settings.query_downloads:
            raise ProblemError(errors.TOO_MANY_DOWNLOADS, "Please come back in a moment.")
        self._under_way += 1
        left = self._settings.query_download_bytes
        try:
            pieces = database.stream(
                downloads.content(job),
                downloads.FORMATS[job.format],
                downloads.SETTINGS,
                self._settings.query_download_seconds,
            )
            async for piece in pieces:
                left -= len(piece)
                if left < 0:
                    raise ProblemError(errors.TOO_LARGE, "The download is too large: ask for a shorter time.")
                yield piece
        finally:
            self._under_way -= 1


def fetch_of(job: DownloadJob, address: Address | None) -> Access:
    """What is written down of a link that is used: whose it is, and from where it was."""
    seen = "" if address is None else str(address)
    action = AccessAction.LOG_DOWNLOAD_FETCH
    return Access(*job.ref, job.actor_kind, job.actor_id, action, job.query, seen, job.rows)


def check_actor(directory: Directory, job: DownloadJob, now: int) -> None:
    """Let a link be used only as long as who has made it may still read.

    Raises:
        ProblemError: FORBIDDEN.
    """
    if job.actor_kind is ActorKind.AGENT_KEY:
        may_read = _key_reads(directory.key(job.ref, job.actor_id), now)
    else:
        may_read = not job.actor_has_record or _operator_reads(directory.operator(job.actor_id), now)
    if not may_read:
        raise ProblemError(errors.FORBIDDEN, "Who has made this link may not read any more.")


def _key_reads(key: ApiKey | None, now: int) -> bool:
    return (
        key is not None
        and key.revoked_at is None
        and (key.expires_at is None or now < key.expires_at)
        and Permission.LOGS_READ in key.permissions
    )


def _operator_reads(operator: Operator | None, now: int) -> bool:
    return (
        operator is not None
        and may(operator.role, Right.READ_CONTENT)
        and any(token.in_force(now) for token in operator.tokens)
    )
