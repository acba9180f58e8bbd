"""What a response says about itself: headers, summary, errors, how a failed stream ends; pure."""

import json
from dataclasses import dataclass

from infra.embedded.clickhouse.errors import ClickHouseError

Headers = list[tuple[bytes, bytes]]


@dataclass(frozen=True)
class Progress:
    """What a statement has read and written; sizes in bytes, time in seconds."""

    read_rows: int = 0
    read_bytes: int = 0
    written_rows: int = 0
    written_bytes: int = 0
    result_rows: int = 0
    result_bytes: int = 0
    elapsed: float = 0.0


@dataclass(frozen=True)
class Identity:
    """What every response to a statement repeats."""

    query_id: str
    timezone: str
    host_name: str


_CONTENT_TYPES = {
    "JSON": b"application/json; charset=UTF-8",
    "XML": b"application/xml; charset=UTF-8",
    "CSV": b"text/csv; charset=UTF-8; header=absent",
    "CSVWithNames": b"text/csv; charset=UTF-8; header=present",
    "TSV": b"text/tab-separated-values; charset=UTF-8",
    "TabSeparated": b"text/tab-separated-values; charset=UTF-8",
    "JSONEachRow": b"application/x-ndjson; charset=UTF-8",
    "NDJSON": b"application/x-ndjson; charset=UTF-8",
    "JSONLines": b"application/x-ndjson; charset=UTF-8",
    "Native": b"application/octet-stream",
    "RowBinary": b"application/octet-stream",
    "Arrow": b"application/octet-stream",
    "Parquet": b"application/octet-stream",
    "ORC": b"application/octet-stream",
    "Avro": b"application/octet-stream",
    "Markdown": b"text/markdown; charset=UTF-8",
}


def content_type(format_name: str) -> bytes:
    """The Content-Type of an output format; the longest known beginning of its name decides."""
    for length in range(len(format_name), 1, -1):
        found = _CONTENT_TYPES.get(format_name[:length])
        if found is not None:
            return found
    return b"text/plain; charset=UTF-8"


def summary(progress: Progress) -> bytes:
    """X-ClickHouse-Summary: every number as text, as the server writes it."""
    return json.dumps(
        {
            "read_rows": str(progress.read_rows),
            "read_bytes": str(progress.read_bytes),
            "written_rows": str(progress.written_rows),
            "written_bytes": str(progress.written_bytes),
            "total_rows_to_read": str(progress.read_rows),
            "result_rows": str(progress.result_rows),
            "result_bytes": str(progress.result_bytes),
            "elapsed_ns": str(int(progress.elapsed * 1e9)),
        },
        separators=(",", ":"),
    ).encode()


def result_headers(identity: Identity, format_name: str | None, progress: Progress) -> Headers:
    """The headers of a result, without a format for a statement that gives none.

    `progress` is what is known when they are sent.
    """
    named = [(b"x-clickhouse-format", format_name.encode())] if format_name else []
    return [
        (b"content-type", content_type(format_name or "TabSeparated")),
        (b"x-clickhouse-summary", summary(progress)),
        *named,
        *_identity_headers(identity),
    ]


def error_response(
    error: ClickHouseError, identity: Identity | None, version: str
) -> tuple[int, Headers, bytes]:
    """Status, headers and body for a statement that failed before anything of its result was sent."""
    body = error_text(error, version)
    headers = [
        (b"content-type", b"text/plain; charset=UTF-8"),
        (b"content-length", str(len(body)).encode()),
        (b"x-clickhouse-exception-code", str(error.code).encode()),
        *(_identity_headers(identity) if identity else []),
    ]
    if error.status == 503:
        headers.append((b"retry-after", b"1"))
    return error.status, headers, body


def error_text(error: ClickHouseError, version: str) -> bytes:
    """The error's text with the version behind it, as the server ends it."""
    trailer = "" if "(version " in error.text else f" (version {version})"
    return f"{error.text}{trailer}\n".encode("utf-8", "replace")


def exception_block(error: ClickHouseError, tag: str, version: str) -> bytes:
    """What ends a stream whose statement failed: the marker that X-ClickHouse-Exception-Tag announced."""
    text = error_text(error, version)
    return (
        f"\r\n__exception__\r\n{tag}\r\n".encode() + text + f"{len(text)} {tag}\r\n__exception__\r\n".encode()
    )


def _identity_headers(identity: Identity) -> Headers:
    return [
        (b"x-clickhouse-query-id", identity.query_id.encode("latin-1", "replace")),
        (b"x-clickhouse-timezone", identity.timezone.encode()),
        (b"x-clickhouse-server-display-name", identity.host_name.encode()),
    ]
