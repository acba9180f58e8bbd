"""What kind of statement a text is, and where its FORMAT clause and its data stand; runs nothing."""

import itertools
from dataclasses import dataclass, replace
from enum import Enum, auto

from infra.embedded.clickhouse.errors import (
    INTO_OUTFILE_NOT_ALLOWED,
    NOT_IMPLEMENTED,
    SYNTAX_ERROR,
    ClickHouseError,
)
from infra.embedded.clickhouse.tokens import Token, tokenize


class Kind(Enum):
    """How a statement has to be run."""

    RESULT = auto()  # gives rows in a format
    LISTING = auto()  # SHOW: gives few rows, and the engine rewrites it, so that it cannot stream
    INSERT = auto()  # takes data in a format
    SETTING = auto()  # SET and USE: changes the session it runs in
    TEMPORARY = auto()  # about a temporary table, which lives as long as the session
    COMMAND = auto()  # everything else


@dataclass(frozen=True)
class Statement:
    """A parsed statement.

    `body` is the SQL without FORMAT clause and data, `format` what the FORMAT clause names, `tail` the
    SETTINGS clause behind it, `data_offset` where an INSERT's data begins in the text that was parsed.
    """

    kind: Kind
    body: bytes
    format: str | None = None
    tail: bytes = b""
    data_offset: int = 0


_RESULT_WORDS = {b"SELECT", b"WITH", b"DESCRIBE", b"DESC", b"EXISTS", b"EXPLAIN", b"FROM", b"("}
_ACCESS_OBJECTS = {b"USER", b"ROLE", b"QUOTA", b"ROW", b"POLICY", b"SETTINGS", b"PROFILE", b"MASKING"}
_ELSEWHERE = "the embedded ClickHouse cannot do it; set PROMETHIOS_CLICKHOUSE_URL to a ClickHouse server"


def parse_statement(text: bytes) -> Statement:
    """Parse one statement; of an INSERT with data only what stands before the data is looked at.

    Raises:
        ClickHouseError: nothing there, several statements, or one that the embedded engine cannot run.
    """
    tokens: list[Token] = []
    for token in tokenize(text):
        tokens.append(token)
        if _data_follows(tokens):
            return _insert(text, tokens)
    while tokens and tokens[-1].text == b";":
        tokens.pop()
    if not tokens:
        raise ClickHouseError.of(SYNTAX_ERROR, "Syntax error: Empty query")
    if any(token.text == b";" for token in tokens):
        raise ClickHouseError.of(SYNTAX_ERROR, "Syntax error: Multi-statements are not allowed")
    words = [token.text for token in tokens if token.depth == 0]
    _refuse(words)
    body = text[tokens[0].start : tokens[-1].end]
    kind = _kind(words)
    if kind not in (Kind.RESULT, Kind.LISTING):
        return Statement(kind, body)
    return replace(_result(text, tokens, body), kind=kind)


def _data_follows(tokens: list[Token]) -> bool:
    """Whether an INSERT's data begins behind the last token: after VALUES, or after FORMAT and its name."""
    last = tokens[-1]
    if len(tokens) < 4 or tokens[0].text != b"INSERT" or last.depth != 0:
        return False
    named = tokens[-2].text == b"FORMAT" and last.is_word
    if not named and last.text != b"VALUES":
        return False
    return not any(token.text in (b"SELECT", b"WITH") and token.depth == 0 for token in tokens[2:-1])


def _insert(text: bytes, tokens: list[Token]) -> Statement:
    _refuse([token.text for token in tokens if token.depth == 0])
    last = tokens[-1]
    if last.text == b"VALUES" and tokens[-2].text != b"FORMAT":
        return Statement(Kind.INSERT, text[tokens[0].start : tokens[-2].end], "Values", data_offset=last.end)
    offset = last.end
    while text[offset : offset + 1] in (b" ", b"\t", b"\f"):
        offset += 1
    if text[offset : offset + 1] == b"\r":
        offset += 1
    if text[offset : offset + 1] == b"\n":
        offset += 1
    name = text[last.start : last.end].decode()
    return Statement(Kind.INSERT, text[tokens[0].start : tokens[-3].end], name, data_offset=offset)


def _kind(words: list[bytes]) -> Kind:
    first = words[0]
    if first in (b"SET", b"USE"):
        return Kind.SETTING
    if b"TEMPORARY" in words[1:4] and first in (b"CREATE", b"DROP"):
        return Kind.TEMPORARY
    if first == b"SHOW":
        return Kind.LISTING
    if first in _RESULT_WORDS and not (first == b"WITH" and b"INSERT" in words):
        return Kind.RESULT
    return Kind.COMMAND


def _result(text: bytes, tokens: list[Token], body: bytes) -> Statement:
    """Split off the FORMAT clause, which ends the statement or has only SETTINGS behind it."""
    for index in range(len(tokens) - 2, 0, -1):
        clause, name = tokens[index], tokens[index + 1]
        if clause.text != b"FORMAT" or clause.depth != 0 or not name.is_word:
            continue
        tail = tokens[index + 2 :]
        if tail and tail[0].text != b"SETTINGS":
            break
        behind = text[tail[0].start : tail[-1].end] if tail else b""
        body = text[tokens[0].start : tokens[index - 1].end]
        return Statement(Kind.RESULT, body, text[name.start : name.end].decode(), behind)
    return Statement(Kind.RESULT, body)


def _refuse(words: list[bytes]) -> None:
    for first, second in itertools.pairwise(words):
        if (first, second) == (b"INTO", b"OUTFILE"):
            raise ClickHouseError.of(INTO_OUTFILE_NOT_ALLOWED, "INTO OUTFILE is not allowed over HTTP")
        if (first, second) == (b"FROM", b"INFILE"):
            raise ClickHouseError.of(
                NOT_IMPLEMENTED, "FROM INFILE is not allowed over HTTP: send the data itself"
            )
    pair = b" ".join(words[:2])
    thing = words[3:4] if words[1:3] == [b"OR", b"REPLACE"] else words[1:2]
    changes_access = words[0] in (b"CREATE", b"ALTER", b"DROP") and not _ACCESS_OBJECTS.isdisjoint(thing)
    if changes_access or words[0] in (b"GRANT", b"REVOKE") or pair in (b"SET ROLE", b"EXECUTE AS"):
        raise ClickHouseError.of(NOT_IMPLEMENTED, f"{pair.decode()} is about access control: {_ELSEWHERE}")
    if pair == b"KILL QUERY":
        raise ClickHouseError.of(
            NOT_IMPLEMENTED,
            "KILL QUERY is not supported by the embedded ClickHouse: close the query's connection",
        )
    if pair in (b"SYSTEM SHUTDOWN", b"SYSTEM KILL"):
        raise ClickHouseError.of(
            NOT_IMPLEMENTED, f"{pair.decode()} is not supported: end the process instead"
        )
    if words[0] == b"INSERT" and b"INPUT" in words and b"FORMAT" in words:
        raise ClickHouseError.of(
            NOT_IMPLEMENTED, f"INSERT … SELECT FROM input(…) with data is not supported: {_ELSEWHERE}"
        )
