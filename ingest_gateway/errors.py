"""Every error that the gateway answers with: status, stable tag, public title, log level, Retry-After."""

from runtime.problems import ErrorKind

_SHORTLY = 1
_WHEN_CLEARED = 10

CORRECT_AND_REPEAT = "nothing was stored: correct these and send all again"
REPEAT = "nothing was stored: send again"
REPEAT_WITH_KEY = "the outcome is unknown: send again with the same Idempotency-Key"


def _refusal(status: int, tag: str, title: str) -> ErrorKind:
    """Whoever asks is wrong: counted, and logged only for debugging, lest a bad client fill the disk."""
    return ErrorKind(status, tag, title, log_level="debug")


def _retry_soon(status: int, tag: str, title: str, retry_after: int = _SHORTLY) -> ErrorKind:
    """We cannot now; counted too, and what causes it is logged where it happens."""
    return ErrorKind(status, tag, title, log_level="debug", retry_after=retry_after)


BAD_JSON = _refusal(400, "bad-json", "The body is not valid JSON")
BAD_IDEMPOTENCY_KEY = _refusal(400, "bad-idempotency-key", "The Idempotency-Key cannot be used")
BAD_LENGTH = _refusal(400, "bad-content-length", "The Content-Length is not a number of bytes")
KEY_IN_URL = _refusal(400, "key-in-url", "An API key does not belong in a URL")
MISSING_KEY = _refusal(401, "missing-key", "An API key is needed")
MISTYPED_KEY = _refusal(401, "mistyped-key", "The API key is not as it was issued: cut, or mistyped")
UNKNOWN_KEY = _refusal(401, "unknown-key", "The API key is not known")
EXPIRED_KEY = _refusal(401, "expired-key", "The API key has expired")
REVOKED_KEY = _refusal(401, "revoked-key", "The API key has been revoked")
ADDRESS_NOT_ALLOWED = _refusal(403, "address-not-allowed", "The API key may not be used from this address")
MISSING_PERMISSION = _refusal(403, "missing-permission", "The API key may not do this")
OTHER_TENANT = _refusal(403, "other-tenant", "The API key belongs to another tenant")
OTHER_AGENT = _refusal(403, "other-agent", "The API key belongs to another agent")
NOT_FOUND = _refusal(404, "not-found", "There is no such route")
METHOD_NOT_ALLOWED = _refusal(405, "method-not-allowed", "The route does not take this method")
SLOW_BODY = _refusal(408, "slow-body", "The body took too long to arrive")
BODY_TOO_LARGE = _refusal(413, "body-too-large", "The body is too large")
TOO_MANY_EVENTS = _refusal(413, "too-many-events", "The request holds too many events")
EVENTS_TOO_LARGE = _refusal(413, "events-too-large", "The events of one kind are too large together")
WRONG_TYPE = _refusal(415, "wrong-content-type", "The body has a type that this route does not take")
WRONG_ENCODING = _refusal(415, "wrong-content-encoding", "The body has an encoding that is not understood")
BAD_FIELDS = _refusal(422, "bad-fields", "An event has missing or wrong fields")
NO_EVENTS = _refusal(422, "no-events", "The request holds no event")
INTERNAL = ErrorKind(500, "internal", "The gateway failed", log_level="error")
NOT_READY = _retry_soon(503, "not-ready", "The gateway is still starting")
KAFKA_UNAVAILABLE = _retry_soon(503, "kafka-unavailable", "Kafka does not answer")
OUTCOME_UNKNOWN = _retry_soon(503, "outcome-unknown", "Kafka did not answer in time")
OVERLOADED = _retry_soon(503, "overloaded", "Too much is waiting already")
LOG_FULL = _retry_soon(503, "log-full", "The log has no room for more", _WHEN_CLEARED)
