"""The command line's client of the query API: typed answers, and errors as one sentence."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar
from urllib.parse import quote

import httpx
import msgspec

from infra.cli.running import running_stack
from infra.errors import StackError
from infra.supervisor.environment import http_url

_SECONDS = 15.0
_PAGE = 500
_OFFSETS_HEADER = "X-Promethios-Control-Offsets"


class CreatedAgent(msgspec.Struct, frozen=True):
    """A new agent with its first key."""

    agent_id: str
    tenant_id: str
    governance_id: str
    api_key: str


class SuspensionDetails(msgspec.Struct, frozen=True):
    """An agent's last suspension, which lasts until it is resumed."""

    suspended_at: str
    suspended_by: str
    reason: str
    resumed_at: str | None
    resumed_by: str | None


class AgentSummary(msgspec.Struct, frozen=True):
    """An agent as it stands."""

    agent_id: str
    tenant_id: str
    governance_id: str
    created_at: str
    labels: dict[str, str]
    status: str
    trust_score: float | None
    trust_level: str | None
    suspension: SuspensionDetails | None = None

    @property
    def is_suspended(self) -> bool:
        """Whether its suspension lasts."""
        return self.suspension is not None and self.suspension.resumed_at is None


class KeyDetails(msgspec.Struct, frozen=True):
    """A key without its text."""

    key_id: str
    agent_id: str
    tenant_id: str
    name: str
    permissions: list[str]
    allowed_networks: list[str]
    created_at: str
    created_by: str | None
    expires_at: str | None
    last_used_at: str | None
    revoked_at: str | None
    revoked_by: str | None
    rotated_from: str | None


class CreatedKey(KeyDetails, frozen=True):
    """A new key with its text."""

    governance_id: str
    api_key: str


class RotatedKey(CreatedKey, frozen=True):
    """A successor with its text, and the key that it succeeds."""

    predecessor: KeyDetails


class _AgentPage(msgspec.Struct, frozen=True):
    agents: list[AgentSummary]
    next_cursor: str | None


class _KeyList(msgspec.Struct, frozen=True):
    keys: list[KeyDetails]


class _Problem(msgspec.Struct, frozen=True):
    title: str
    detail: str = ""
    errors: list[dict[str, str]] = []


class ConflictError(StackError):
    """What should be created exists."""


AnswerT = TypeVar("AnswerT", bound=msgspec.Struct)
Offsets = dict[str, int]


class QueryClient:
    """Asks about one tenant with the operator's token; every method raises StackError when that fails.

    Methods that write return with their result the offsets of the control records that they made.
    """

    def __init__(self, base_url: str, token: str, tenant: str | None) -> None:
        """Nothing is connected before the first request; `tenant` None leaves it to the token."""
        self._http = httpx.Client(
            base_url=base_url, headers={"Authorization": f"Bearer {token}"}, timeout=_SECONDS
        )
        self._tenant = {"tenant": tenant} if tenant else {}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._http.close()

    def create_agent(
        self, agent_id: str, labels: Mapping[str, str] | None = None
    ) -> tuple[CreatedAgent, Offsets]:
        """Create an agent with its first key.

        Raises:
            ConflictError: it exists.
        """
        answer = self.send("POST", "/api/v1/agents", json={"agent_id": agent_id, "labels": labels or {}})
        return decoded(answer, CreatedAgent), offsets_of(answer)

    def label_agent(self, agent_id: str, labels: Mapping[str, str]) -> AgentSummary:
        """Put labels in the place of all that an agent has."""
        return decoded(self.send("PATCH", _agent_path(agent_id), json={"labels": labels}), AgentSummary)

    def suspend_agent(self, agent_id: str, reason: str) -> tuple[AgentSummary, Offsets]:
        """Suspend an agent; nothing happens when it is suspended already."""
        answer = self.send("POST", f"{_agent_path(agent_id)}/suspend", json={"reason": reason})
        return decoded(answer, AgentSummary), offsets_of(answer)

    def resume_agent(self, agent_id: str) -> tuple[AgentSummary, Offsets]:
        """Resume an agent; nothing happens when it is not suspended."""
        answer = self.send("POST", f"{_agent_path(agent_id)}/resume")
        return decoded(answer, AgentSummary), offsets_of(answer)

    def agents(self) -> Iterator[AgentSummary]:
        """All agents by id, page after page."""
        cursor: dict[str, str] = {}
        while True:
            page = decoded(
                self.send("GET", "/api/v1/agents", params={"limit": str(_PAGE), **cursor}), _AgentPage
            )
            yield from page.agents
            if page.next_cursor is None:
                return
            cursor = {"cursor": page.next_cursor}

    def agent(self, agent_id: str) -> AgentSummary:
        """One agent."""
        return decoded(self.send("GET", _agent_path(agent_id)), AgentSummary)

    def status(self, agent_id: str) -> dict[str, Any]:
        """One agent's status report, as the query API words it."""
        report: dict[str, Any] = self.send("GET", f"{_agent_path(agent_id)}/status").json()
        return report

    def create_key(self, agent_id: str, wanted: Mapping[str, object]) -> tuple[CreatedKey, Offsets]:
        """Create one more key; `wanted` names fields as the query API does."""
        answer = self.send("POST", f"{_agent_path(agent_id)}/keys", json=wanted)
        return decoded(answer, CreatedKey), offsets_of(answer)

    def keys(self, agent_id: str) -> list[KeyDetails]:
        """All keys of an agent, oldest first."""
        return decoded(self.send("GET", f"{_agent_path(agent_id)}/keys"), _KeyList).keys

    def change_key(
        self, agent_id: str, key_id: str, wanted: Mapping[str, object]
    ) -> tuple[KeyDetails, Offsets]:
        """Change the fields that `wanted` names; the others stay."""
        answer = self.send("PATCH", _key_path(agent_id, key_id), json=wanted)
        return decoded(answer, KeyDetails), offsets_of(answer)

    def rotate_key(self, agent_id: str, key_id: str, overlap_seconds: int) -> tuple[RotatedKey, Offsets]:
        """Create a key's successor; the key is good for that much longer."""
        wanted = {"overlap_seconds": overlap_seconds}
        answer = self.send("POST", f"{_key_path(agent_id, key_id)}/rotate", json=wanted)
        return decoded(answer, RotatedKey), offsets_of(answer)

    def revoke_key(self, agent_id: str, key_id: str) -> Offsets:
        """Revoke a key; nothing happens when it is revoked already."""
        return offsets_of(self.send("DELETE", _key_path(agent_id, key_id)))

    def send(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, str] | None = None,
        json: Mapping[str, object] | None = None,
    ) -> httpx.Response:
        """Ask, about the tenant that was named; the answer is a good one."""
        try:
            answer = self._http.request(method, path, params={**self._tenant, **(params or {})}, json=json)
        except httpx.TransportError as error:
            raise StackError(
                f"The query API at {self._http.base_url} does not answer "
                f"({str(error) or type(error).__name__}): see `promethios logs query`."
            ) from error
        if answer.is_error:
            raise error_of(answer)
        return answer

    def save(self, path: str, target: Path) -> None:
        """Write an answer into a file as it comes; a file that breaks off is removed.

        Raises:
            StackError: the answer is none, or the file cannot be written.
        """
        try:
            with self._http.stream("GET", path, params=self._tenant) as answer:
                if answer.is_error:
                    answer.read()
                    raise error_of(answer)
                _write(target, answer.iter_bytes())
        except httpx.TransportError as error:
            raise StackError(
                f"The query API at {self._http.base_url} broke off "
                f"({str(error) or type(error).__name__}): see `promethios logs query`."
            ) from error


def _write(target: Path, parts: Iterator[bytes]) -> None:
    try:
        with target.open("xb") as file:
            try:
                for part in parts:
                    file.write(part)
            except BaseException:
                target.unlink()
                raise
    except FileExistsError:
        raise StackError(f"There is a file {target}: name another with --output.") from None
    except OSError as error:
        raise StackError(f"Cannot write {target}: {error.strerror}.") from error


def open_client(data_dir: Path, tenant: str | None) -> QueryClient:
    """A client of the running stack's query API, with the token of its data folder.

    Raises:
        StackError: the stack is not running, or its token cannot be read.
    """
    running = running_stack(data_dir)
    token_file = running.folder.admin_token_file
    try:
        token = token_file.read_text(encoding="utf-8").strip()
    except OSError as error:
        raise StackError(f"Cannot read the admin token {token_file}: {error.strerror}.") from error
    return QueryClient(http_url(running.stack, "query"), token, tenant)


def _agent_path(agent_id: str) -> str:
    return f"/api/v1/agents/{quote(agent_id, safe='')}"


def _key_path(agent_id: str, key_id: str) -> str:
    return f"{_agent_path(agent_id)}/keys/{quote(key_id, safe='')}"


def offsets_of(answer: httpx.Response) -> Offsets:
    """Where the control records went, out of the answer's header; empty when nothing was written."""
    items = answer.headers.get(_OFFSETS_HEADER, "").split(",")
    pairs = (item.strip().rpartition("=") for item in items if item.strip())
    return {topic: int(offset) for topic, _, offset in pairs}


def decoded(answer: httpx.Response, wanted: type[AnswerT]) -> AnswerT:
    """An answer's body.

    Raises:
        StackError: it has another form.
    """
    try:
        return msgspec.json.decode(answer.content, type=wanted)
    except msgspec.MsgspecError as error:
        raise StackError(
            f"The query API answered {answer.request.url.path} in an unknown form ({error}): "
            "the stack may run another version, restart it with `promethios down` and `promethios up`."
        ) from error


def error_of(answer: httpx.Response) -> StackError:
    """An answer's problem as one sentence."""
    try:
        problem = msgspec.json.decode(answer.content, type=_Problem)
    except msgspec.MsgspecError:
        return StackError(f"The query API answered {answer.status_code}: see `promethios logs query`.")
    fields = "; ".join(f"{error.get('field')}: {error.get('reason')}" for error in problem.errors)
    text = fields or problem.detail or problem.title
    return ConflictError(text) if answer.status_code == httpx.codes.CONFLICT else StackError(text)
