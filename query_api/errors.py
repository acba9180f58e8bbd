"""The one error table of the query API: what can go wrong, and how it is answered."""

from runtime.problems import ErrorKind

BAD_JSON = ErrorKind(400, "bad-json", "The body is not valid JSON")
BAD_REQUEST = ErrorKind(400, "bad-request", "The request could not be read")
UNAUTHENTICATED = ErrorKind(401, "unauthenticated", "A valid token is needed")
FORBIDDEN = ErrorKind(403, "forbidden", "This operator may not do that")
NOT_FOUND = ErrorKind(404, "not-found", "There is no such thing")
METHOD_NOT_ALLOWED = ErrorKind(405, "method-not-allowed", "This path does not take that method")
NOT_ACCEPTABLE = ErrorKind(406, "not-acceptable", "There is no such form of the answer")
LINK_EXPIRED = ErrorKind(410, "link-expired", "The link has expired")
CONFLICT = ErrorKind(409, "conflict", "The request does not fit what exists")
TOO_LARGE = ErrorKind(413, "too-large", "The body is too large")
WRONG_TYPE = ErrorKind(415, "wrong-type", "The body must be application/json")
INVALID = ErrorKind(422, "invalid", "A field or parameter is not valid")
SQL_REFUSED = ErrorKind(422, "sql-refused", "The query may not be run")
SQL_FAILED = ErrorKind(422, "sql-failed", "ClickHouse does not run the query")
SQL_LIMIT = ErrorKind(422, "sql-limit", "The query needs more than it may take")
SQL_BUSY = ErrorKind(429, "sql-busy", "Too many queries are running", retry_after=2)
EXPORT_BUSY = ErrorKind(429, "export-busy", "Too many exports are running", retry_after=30)
INTERNAL = ErrorKind(500, "internal", "Something went wrong on our side", log_level="error")
STARTING = ErrorKind(503, "starting", "The control records are not read yet", retry_after=1)
KAFKA_AWAY = ErrorKind(503, "kafka-away", "Kafka does not answer", log_level="warning", retry_after=2)
AUDIT_AWAY = ErrorKind(503, "audit-away", "The access cannot be recorded", log_level="warning", retry_after=2)
TOO_MANY_DOWNLOADS = ErrorKind(503, "too-many-downloads", "Too many downloads are under way", retry_after=10)
TOO_MANY_TAILS = ErrorKind(503, "too-many-tails", "Too many live tails are open", retry_after=5)
CLICKHOUSE_AWAY = ErrorKind(
    503, "clickhouse-away", "ClickHouse does not answer", log_level="warning", retry_after=2
)
ISSUER_AWAY = ErrorKind(
    503, "issuer-away", "The identity provider gives no keys", log_level="warning", retry_after=10
)
QUERY_TIMEOUT = ErrorKind(504, "query-timeout", "The query took too long", log_level="warning")

ERROR_KINDS = (
    BAD_JSON,
    BAD_REQUEST,
    UNAUTHENTICATED,
    FORBIDDEN,
    NOT_FOUND,
    METHOD_NOT_ALLOWED,
    NOT_ACCEPTABLE,
    LINK_EXPIRED,
    CONFLICT,
    TOO_LARGE,
    WRONG_TYPE,
    INVALID,
    SQL_REFUSED,
    SQL_FAILED,
    SQL_LIMIT,
    SQL_BUSY,
    EXPORT_BUSY,
    INTERNAL,
    STARTING,
    KAFKA_AWAY,
    AUDIT_AWAY,
    TOO_MANY_TAILS,
    TOO_MANY_DOWNLOADS,
    CLICKHOUSE_AWAY,
    ISSUER_AWAY,
    QUERY_TIMEOUT,
)
