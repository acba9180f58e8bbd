"""Who has read what: a record of the topic of accesses, and a row of the access audit."""

from enum import StrEnum

import msgspec


class ActorKind(StrEnum):
    """What somebody who reads has shown: an operator's token, or a key of the agent itself."""

    OPERATOR = "operator"
    AGENT_KEY = "agent-key"


class AccessAction(StrEnum):
    """What was read.

    A page of logs, a live tail (start and end), a download, SQL, all of an agent, a page of steps, of runs or
    of decisions, or one run.
    """

    LOG_SEARCH = "logs.search"
    LOG_STREAM = "logs.stream"
    LOG_STREAM_END = "logs.stream-end"
    LOG_DOWNLOAD = "logs.download"
    LOG_DOWNLOAD_FETCH = "logs.download-fetch"
    SQL = "sql"
    EXPORT = "export"
    EVENT_SEARCH = "events.search"
    RUN_SEARCH = "runs.search"
    RUN_SHOW = "runs.show"
    DECISION_SEARCH = "decisions.search"


class Access(msgspec.Struct, frozen=True):
    """One access; its id and time are the event's.

    `agent_id` is empty where the whole tenant was read. `actor_id` is an operator's id or a key's. `query` is
    what was asked for, as text: JSON of the parameters, or SQL. `address` is empty where it is not known.
    `rows` counts what was handed over, or is going to be.
    """

    tenant_id: str
    agent_id: str
    actor_kind: ActorKind
    actor_id: str
    action: AccessAction
    query: str
    address: str
    rows: int
