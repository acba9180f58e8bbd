"""One HTTP request as ClickHouse understands it: what to run, as whom, with which settings; pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from urllib.parse import parse_qsl

from infra.embedded.clickhouse.errors import (
    BAD_ARGUMENTS,
    INVALID_SESSION_TIMEOUT,
    NOT_IMPLEMENTED,
    ClickHouseError,
)

DEFAULT_SESSION_TIMEOUT = 60.0
MAX_SESSION_TIMEOUT = 3600.0

# Arguments of the interface itself; whatever else the URL has is a setting of the statement.
_INTERFACE_ARGUMENTS = frozenset(
    {
        *("query", "database", "default_format", "query_id", "user", "password"),
        *("session_id", "session_timeout", "session_check", "close_session"),
        *("wait_end_of_query", "buffer_size", "compress", "decompress", "client_protocol_version"),
        *("quota_key", "role", "stacktrace", "http_method"),
    }
)
_MAX_FIELD_ARGUMENTS = 10_000


@dataclass(frozen=True)
class Request:
    """The arguments of one statement, out of URL and headers.

    `settings` and `parameters` (without `param_`) hold text as the client sent it; `buffer_size` is in bytes,
    `session_timeout` in seconds.
    """

    query: bytes = b""
    database: str | None = None
    default_format: str = "TabSeparated"
    query_id: str | None = None
    user: str | None = None
    password: str | None = None
    session_id: str | None = None
    session_timeout: float = DEFAULT_SESSION_TIMEOUT
    session_check: bool = False
    wait_end_of_query: bool = False
    buffer_size: int | None = None
    client_protocol_version: int = 0
    settings: Mapping[str, str] = field(default_factory=dict)
    parameters: Mapping[str, str] = field(default_factory=dict)


def parse_request(
    query_string: bytes, headers: Mapping[bytes, bytes], form: Iterable[tuple[str, str]] = ()
) -> Request:
    """Read the URL's arguments, the X-ClickHouse-… headers and the fields of a form, the later ones winning.

    Raises:
        ClickHouseError: an argument with a value that it cannot have, or one that is not supported.
    """
    try:
        pairs = parse_qsl(
            query_string.decode(),
            keep_blank_values=True,
            errors="surrogateescape",
            max_num_fields=_MAX_FIELD_ARGUMENTS,
        )
    except ValueError as error:
        raise ClickHouseError.of(BAD_ARGUMENTS, f"The URL's arguments cannot be read: {error}") from error
    arguments = dict(pairs) | dict(form)
    _refuse(arguments)
    return Request(
        query=arguments.get("query", "").encode("utf-8", "surrogateescape"),
        database=arguments.get("database") or _header(headers, b"x-clickhouse-database"),
        default_format=arguments.get("default_format")
        or _header(headers, b"x-clickhouse-format")
        or "TabSeparated",
        query_id=_printable(arguments.get("query_id") or _header(headers, b"x-clickhouse-query-id")),
        user=arguments.get("user"),
        password=arguments.get("password"),
        session_id=arguments.get("session_id") or None,
        session_timeout=_session_timeout(arguments),
        session_check=_flag(arguments, "session_check"),
        wait_end_of_query=_flag(arguments, "wait_end_of_query"),
        buffer_size=_number(arguments, "buffer_size"),
        client_protocol_version=_number(arguments, "client_protocol_version") or 0,
        settings={
            k: v for k, v in arguments.items() if k not in _INTERFACE_ARGUMENTS and not k.startswith("param_")
        },
        parameters={k.removeprefix("param_"): v for k, v in arguments.items() if k.startswith("param_")},
    )


def _header(headers: Mapping[bytes, bytes], name: bytes) -> str | None:
    value = headers.get(name)
    return value.decode("latin-1") if value else None


def _printable(query_id: str | None) -> str | None:
    """It goes into a response header: whatever could end one is replaced."""
    if not query_id:
        return None
    return "".join(c if c.isascii() and c.isprintable() else "?" for c in query_id[:256])


def _flag(arguments: Mapping[str, str], name: str) -> bool:
    return arguments.get(name, "0").lower() not in ("", "0", "false")


def _number(arguments: Mapping[str, str], name: str) -> int | None:
    value = arguments.get(name)
    if not value:
        return None
    if not (value.isascii() and value.isdigit()):
        raise ClickHouseError.of(BAD_ARGUMENTS, f"{name} must be a number, not {value!r}")
    return int(value)


def _session_timeout(arguments: Mapping[str, str]) -> float:
    value = arguments.get("session_timeout")
    if value is None:
        return DEFAULT_SESSION_TIMEOUT
    seconds = int(value) if value.isascii() and value.isdigit() else -1
    if not 0 <= seconds <= MAX_SESSION_TIMEOUT:
        raise ClickHouseError.of(
            INVALID_SESSION_TIMEOUT,
            f"session_timeout must be a number from 0 to {MAX_SESSION_TIMEOUT:.0f}: {value!r}",
        )
    return float(seconds)


def _refuse(arguments: Mapping[str, str]) -> None:
    for name in ("compress", "decompress"):
        if _flag(arguments, name):
            raise ClickHouseError.of(
                NOT_IMPLEMENTED,
                f"{name}=1 (the native block compression) is not supported by the embedded ClickHouse: "
                "use Content-Encoding and Accept-Encoding with enable_http_compression=1",
            )
    if arguments.get("role"):
        raise ClickHouseError.of(
            NOT_IMPLEMENTED, "The embedded ClickHouse has no roles: leave the argument role out"
        )
