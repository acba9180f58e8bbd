"""The state of one agent: all that its history leaves behind, of bounded size, and its packed form."""

import msgspec

from alert_engine.agent_alerts import AgentAlerts
from schemas.derived import OnlineStatus, TrustStatus
from schemas.errors import InvalidMessageError
from stream_processors.rules.counts import Counts
from stream_processors.rules.daily_spend import DailySpend
from stream_processors.rules.decisions import DecisionState
from stream_processors.rules.incidents import IncidentState
from stream_processors.rules.latency import LatencyState
from stream_processors.rules.ledger import Ledger
from stream_processors.rules.levels import UNRATED, LevelState
from stream_processors.rules.outcomes import OutcomeState
from stream_processors.rules.presence import PresenceState
from stream_processors.rules.spending import SpendingState
from stream_processors.rules.veracity import VeracityState
from stream_processors.rules.violations import ViolationState

STATE_VERSION = 3
UNPUBLISHED = -1


class ScoreState(msgspec.Struct, array_like=True):
    """The score as of `evaluated_at`, and what was last published of it.

    `earned` is the score after the rise limit but for absence, and `level` its level; `value` and `shown`,
    a level's rank, are what absence leaves of them.
    `strikes` is the decayed count of falls into restricted as of `strikes_at`; times in milliseconds.
    """

    value: float = 0.0
    earned: float = 0.0
    evaluated_at: int = 0
    level: LevelState = msgspec.field(default_factory=LevelState)
    shown: int = UNRATED
    strikes: float = 0.0
    strikes_at: int = 0
    published_at: int = 0
    published_tenths: int = UNPUBLISHED
    published_status: TrustStatus = TrustStatus.PROVISIONAL
    published_codes: int = 0


class AgentState(msgspec.Struct, array_like=True):
    """Everything the rules know of one agent; the rules change it in place.

    `fence` is the offset of the last record absorbed, `clock` that record's time made monotone, `as_of` the
    newest `received_at`, all in milliseconds. `pending` asks for a look at the next tick, `deadline` for one
    at that time at the latest; `soon`, 0 for never, is when what may cost trust bit by bit has to be judged.
    `batches` are the last keyed batches, as `absorb_batch` keeps them. `reported_trust` is an observation: no
    rule reads it.
    What an agent has never reported has no state.
    """

    tenant_id: str
    agent_id: str
    version: int = STATE_VERSION
    fence: int = -1
    clock: int = 0
    as_of: int = 0
    pending: bool = False
    deadline: int = 0
    status: OnlineStatus | None = None
    reported_trust: float | None = None
    batches: bytearray = msgspec.field(default_factory=bytearray)
    presence: PresenceState = msgspec.field(default_factory=PresenceState)
    outcomes: OutcomeState = msgspec.field(default_factory=OutcomeState)
    incidents: IncidentState = msgspec.field(default_factory=IncidentState)
    violations: ViolationState = msgspec.field(default_factory=ViolationState)
    score: ScoreState = msgspec.field(default_factory=ScoreState)
    decisions: DecisionState | None = None
    veracity: VeracityState | None = None
    latency: LatencyState | None = None
    spending: SpendingState | None = None
    spent_today: DailySpend | None = None
    ledger: Ledger | None = None
    alerts: AgentAlerts | None = None
    counts: Counts | None = None
    soon: int = 0

    @property
    def key(self) -> str:
        """`tenant/agent`, as records and maps are keyed."""
        return f"{self.tenant_id}/{self.agent_id}"

    @property
    def due_at(self) -> int:
        """When a tick has to look at the agent or its alerts, in milliseconds, unless it is `pending`."""
        alerts = self.alerts
        if alerts is not None and 0 < alerts.look_at < self.deadline:
            return alerts.look_at
        return self.deadline


_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(AgentState)


def encode_agent(state: AgentState) -> bytes:
    """The packed state; equal states give equal bytes, floats are kept to the last bit."""
    return _encoder.encode(state)


def decode_agent(packed: bytes | memoryview) -> AgentState:
    """Read a packed state.

    Raises:
        InvalidMessageError: the bytes are no state, or of another version of the rules.
    """
    try:
        state = _decoder.decode(packed)
    except msgspec.MsgspecError as error:
        raise InvalidMessageError(f"not the state of an agent: {error}") from error
    if state.version != STATE_VERSION:
        raise InvalidMessageError(
            f"the state of {state.key} has version {state.version}, these rules read {STATE_VERSION}: "
            "replay the telemetry topic, or run the release that wrote it"
        )
    return state
