"""The batch id of a request: a hash of the client's Idempotency-Key and its scope, else a new UUIDv7."""

import hashlib
import re

import uuid_utils as uuid

from ingest_gateway.errors import BAD_IDEMPOTENCY_KEY
from runtime.problems import ProblemError
from schemas.block import BATCH_ID_BYTES, Kind

MAX_KEY_LENGTH = 255
# What is taken, as an ECMA 262 pattern for JSON Schema; blanks around it are HTTP's.
KEY_PATTERN = r'^([!#-~]([ -~]{0,253}[!-~])?|"([ !#-\[\]-~]|\\["\\]){1,255}")$'

_PRINTABLE = re.compile(rb"[\x20-\x7e]+")
_QUOTED = re.compile(rb'"((?:[^"\\]|\\["\\])*)"')
_ESCAPED = re.compile(rb'\\(["\\])')


def parse_idempotency_key(header: bytes | None) -> bytes | None:
    """The key's text, the same whether it came quoted (a structured field string) or bare; None without one.

    Raises:
        ProblemError: it is empty, longer than MAX_KEY_LENGTH, not printable ASCII, or badly quoted.
    """
    if header is None:
        return None
    text = header.strip()
    if text.startswith(b'"'):
        quoted = _QUOTED.fullmatch(text)
        if quoted is None:
            raise ProblemError(
                BAD_IDEMPOTENCY_KEY, "the quotes do not fit: send it bare, or as one quoted string"
            )
        text = _ESCAPED.sub(rb"\1", quoted[1])
    if not text or len(text) > MAX_KEY_LENGTH or _PRINTABLE.fullmatch(text) is None:
        raise ProblemError(BAD_IDEMPOTENCY_KEY, f"send 1 to {MAX_KEY_LENGTH} printable ASCII characters")
    return text


def batch_id(agent_key: str, kind: Kind, route: str, key: bytes | None) -> bytes:
    """The 16 bytes that name one kind's rows of one request.

    With a key they are a function of (tenant, agent, kind, route, key) alone, so that a repeated request
    has the same id through any process; without one they are new.
    """
    if key is None:
        return uuid.uuid7().bytes
    # No part but the last, the key, can hold a newline, so that two scopes never give one text.
    scope = f"{agent_key}\n{kind.value}\n{route}\n".encode()
    return hashlib.blake2b(scope + key, digest_size=BATCH_ID_BYTES).digest()
