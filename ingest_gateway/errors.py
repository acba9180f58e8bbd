"""Every error that the gateway answers with: status, stable tag, public title, log level, Retry-After."""

from runtime import connection_limits as server
from runtime.problems import ErrorKind

_SHORTLY = 1
_WHEN_CLEARED = 10
# Registered by the RateLimit draft, draft-ietf-httpapi-ratelimit-headers-10, 5.1.
_QUOTA_EXCEEDED = "https://iana.org/assignments/http-problem-types#quota-exceeded"

CORRECT_AND_REPEAT = "nothing was stored: correct these and send all again"
REPEAT = "nothing was stored: send again"
REPEAT_WITH_KEY = "the outcome is unknown: send the same again, with the same Idempotency-Key if it had one"


def _refusal(status: int, tag: str, title: str) -> ErrorKind:
    """Whoever asks is wrong: counted, and logged only for debugging, lest a bad client fill the disk."""
    return ErrorKind(status, tag, title, log_level="debug")


def _retry_soon(status: int, tag: str, title: str, retry_after: int = _SHORTLY) -> ErrorKind:
    """We cannot now; counted too, and what causes it is logged where it happens."""
    return ErrorKind(status, tag, title, log_level="debug", retry_after=retry_after)


# What the server answers by itself, before any route is asked.
BAD_REQUEST = server.BAD_REQUEST
SLOW_HEAD = server.SLOW_HEAD
SLOW_BODY = server.SLOW_BODY
URL_TOO_LONG = server.URL_TOO_LONG
HEAD_TOO_LARGE = server.HEAD_TOO_LARGE
TOO_MANY_CONNECTIONS = server.TOO_MANY_CONNECTIONS

BAD_JSON = _refusal(400, "bad-json", "The body is not valid JSON")
BAD_PROTOBUF = _refusal(400, "bad-protobuf", "The body is not valid protobuf")
BAD_IDEMPOTENCY_KEY = _refusal(400, "bad-idempotency-key", "The Idempotency-Key cannot be used")
BAD_LENGTH = _refusal(400, "bad-content-length", "The Content-Length is not a number of bytes")
REPEATED_HEADER = _refusal(400, "repeated-header", "A header that decides something came twice")
BAD_ENCODING = _refusal(400, "bad-content-encoding", "The body is not compressed as it says")
KEY_IN_URL = _refusal(400, "key-in-url", "An API key does not belong in a URL")
MISSING_KEY = _refusal(401, "missing-key", "An API key is needed")
MISTYPED_KEY = _refusal(401, "mistyped-key", "The API key is not as it was issued: cut, or mistyped")
UNKNOWN_KEY = _refusal(401, "unknown-key", "The API key is not known")
EXPIRED_KEY = _refusal(401, "expired-key", "The API key has expired")
REVOKED_KEY = _refusal(401, "revoked-key", "The API key has been revoked")
ADDRESS_NOT_ALLOWED = _refusal(403, "address-not-allowed", "The API key may not be used from this address")
MISSING_PERMISSION = _refusal(403, "missing-permission", "The API key may not do this")
AGENT_SUSPENDED = _refusal(403, "agent-suspended", "An operator has suspended this agent")
OTHER_TENANT = _refusal(403, "other-tenant", "The API key belongs to another tenant")
OTHER_AGENT = _refusal(403, "other-agent", "The API key belongs to another agent")
NOT_FOUND = _refusal(404, "not-found", "There is no such route")
METHOD_NOT_ALLOWED = _refusal(405, "method-not-allowed", "The route does not take this method")
BODY_TOO_LARGE = _refusal(413, "body-too-large", "The body is too large")
DECODED_TOO_LARGE = _refusal(413, "decoded-too-large", "The body is too large when it is unpacked")
COMPRESSION_TOO_HIGH = _refusal(413, "compression-too-high", "The body unpacks to too many times its size")
TOO_MANY_VALUES = _refusal(413, "too-many-values", "The body holds too many JSON values")
TOO_MANY_EVENTS = _refusal(413, "too-many-events", "The request holds too many events")
EVENT_TOO_LARGE = _refusal(413, "event-too-large", "An event is too large")
EVENTS_TOO_LARGE = _refusal(413, "events-too-large", "The events of one kind are too large together")
WRONG_TYPE = _refusal(415, "wrong-content-type", "The body has a type that this route does not take")
WRONG_ENCODING = _refusal(415, "wrong-content-encoding", "The body has an encoding that is not understood")
BAD_FIELDS = _refusal(422, "bad-fields", "An event has missing or wrong fields")
NO_EVENTS = _refusal(422, "no-events", "The request holds no event")
KEY_REUSED = _refusal(
    422, "idempotency-key-reused", "The Idempotency-Key has been used for another body of this route"
)
RATE_LIMITED = ErrorKind(
    429,
    "rate-limited",
    "Request cannot be satisfied as assigned quota has been exceeded",
    log_level="debug",
    retry_after=_SHORTLY,
    type_uri=_QUOTA_EXCEEDED,
)
INTERNAL = ErrorKind(500, "internal", "The gateway failed", log_level="error")
NOT_READY = _retry_soon(503, "not-ready", "The gateway is still starting")
KAFKA_UNAVAILABLE = _retry_soon(503, "kafka-unavailable", "Kafka does not answer")
OUTCOME_UNKNOWN = _retry_soon(503, "outcome-unknown", "Kafka did not answer in time")
OVERLOADED = _retry_soon(503, "overloaded", "Too much is waiting already")
LOG_FULL = _retry_soon(503, "log-full", "The log has no room for more", _WHEN_CLEARED)
