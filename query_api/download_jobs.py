"""Downloads of logs as jobs that no process keeps: a signed text says what is meant, and until when; pure.

Any process that has the secret understands what another has made, and no file with logs lies about.
"""

import base64
import binascii
import hmac
from enum import StrEnum

import msgspec

from query_api import errors
from query_api.queries.logs import LogSearch
from runtime.problems import ProblemError
from schemas.accesses import ActorKind
from schemas.identity import AgentRef
from schemas.messages.values import LogLevel

# It is part of a URL, of which a server takes so much.
MAX_ID_CHARACTERS = 6_000
_SIGNATURE_BYTES = 32


class DownloadFormat(StrEnum):
    """What a download is; JSON is one object a line."""

    JSON = "json"
    CSV = "csv"
    TXT = "txt"
    PARQUET = "parquet"


class DownloadJob(msgspec.Struct, frozen=True, array_like=True):
    """Which entries, for whom, until when; times in milliseconds.

    `received_before` keeps what came after the job was made out of it, so that its `rows` stay true;
    `agent_id` is empty for the whole tenant, and `query` what is written down of it. An actor without a
    record of ours is an operator by somebody else's word.
    """

    job_id: str
    tenant_id: str
    agent_id: str
    format: DownloadFormat
    actor_kind: ActorKind
    actor_id: str
    received_before: int
    expires_at: int
    rows: int
    query: str
    actor_has_record: bool
    start: int | None = None
    end: int | None = None
    levels: tuple[LogLevel, ...] = ()
    text: str | None = None
    fields: tuple[tuple[str, str], ...] = ()
    governance_event: bool | None = None
    trace_id: str | None = None

    @property
    def ref(self) -> AgentRef:
        """Whose log."""
        return AgentRef(self.tenant_id, self.agent_id)

    @property
    def search(self) -> LogSearch:
        """Which entries."""
        return LogSearch(
            start=self.start,
            end=self.end,
            levels=self.levels,
            text=self.text,
            fields=self.fields,
            governance_event=self.governance_event,
            trace_id=self.trace_id,
        )


class JobSigner:
    """Writes jobs as texts and reads only its own; `secret` is that of all processes of the query API."""

    def __init__(self, secret: bytes) -> None:
        """Sign with HMAC-SHA-256."""
        self._secret = secret

    def write(self, job: DownloadJob) -> str:
        """The job's id, safe in a URL.

        Raises:
            ProblemError: INVALID; the filters are too long for a link.
        """
        payload = msgspec.json.encode(job)
        text = f"{_text_of(payload)}.{_text_of(self._sign(b'job', payload))}"
        if len(text) > MAX_ID_CHARACTERS:
            raise ProblemError(errors.INVALID, "The filters are too long for a link: shorten them.")
        return text

    def read(self, download_id: str) -> DownloadJob:
        """The job of an id.

        Raises:
            ProblemError: NOT_FOUND; it was not made here.
        """
        payload, signature = _split(download_id)
        if not hmac.compare_digest(signature, self._sign(b"job", payload)):
            raise _unknown()
        return msgspec.json.decode(payload, type=DownloadJob)

    def link_signature(self, download_id: str) -> str:
        """What a link shows in place of a token; knowing the id is not enough."""
        return _text_of(self._sign(b"link", download_id.encode()))

    def read_link(self, download_id: str, signature: str, now: int) -> DownloadJob:
        """The job of a link.

        Raises:
            ProblemError: NOT_FOUND, it was not made here; LINK_EXPIRED.
        """
        expected = self.link_signature(download_id).encode()
        if not hmac.compare_digest(signature.encode(), expected):
            raise _unknown()
        job = self.read(download_id)
        if now >= job.expires_at:
            raise ProblemError(errors.LINK_EXPIRED, "Ask for a new download.")
        return job

    def _sign(self, purpose: bytes, content: bytes) -> bytes:
        return hmac.digest(self._secret, purpose + b"\0" + content, "sha256")


def _text_of(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def _split(download_id: str) -> tuple[bytes, bytes]:
    payload, _, signature = download_id.partition(".")
    try:
        return tuple(
            base64.b64decode(part + "=" * (-len(part) % 4), altchars=b"-_", validate=True)
            for part in (payload, signature)
        )  # type: ignore[return-value] # of two parts
    except (binascii.Error, ValueError) as error:
        raise _unknown() from error


def _unknown() -> ProblemError:
    return ProblemError(errors.NOT_FOUND, "No download was made under this id and signature.")
