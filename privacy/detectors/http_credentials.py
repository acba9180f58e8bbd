"""What follows `Bearer` or `Basic`, and passwords in URLs."""

import base64
import binascii

from privacy.detection import DataClass, Detector, Finding, search
from privacy.engine import ENCODED_LEFT, LEFT, Match, compile_bytes
from privacy.labels import Label, label_starts_at

_SCHEME = compile_bytes(rb"(?i)" + LEFT + rb"(bearer|basic)[ \t]{1,3}([A-Za-z0-9._~+/=-]{8,})")
_URL = compile_bytes(rb"://[^\s/:\"'<>]*:([^\s/\"'<>]+)@")

# Prose has shorter words: "bearer responsibilities".
_LONG = 20


def _judge_scheme(_text: bytes, match: Match) -> Finding | None:
    token: bytes = match.group(2)
    is_secret = _is_user_and_password(token) if match.group(1).lower() == b"basic" else _is_random(token)
    start, end = match.span(2)
    return Finding(start, end, Label.TOKEN, token) if is_secret else None


def _is_random(token: bytes) -> bool:
    return len(token) >= _LONG or any(48 <= character <= 57 for character in token)


def _is_user_and_password(token: bytes) -> bool:
    """Whether it decodes as RFC 7617 says, however it is padded."""
    try:
        return b":" in base64.b64decode(token.rstrip(b"=") + b"==")
    except binascii.Error:
        return False


def _judge_url(_text: bytes, match: Match) -> Finding | None:
    password: bytes = match.group(1)
    start, end = match.span(1)
    return None if label_starts_at(password, 0) else Finding(start, end, Label.SECRET, password)


AUTHORIZATION = Detector(
    data_class=DataClass.SECRETS,
    trigger=rb"(?i)" + ENCODED_LEFT + rb"(?:bearer|basic)(?: |\\t){1,3}[A-Za-z0-9._~+/=-]{8}",
    gate=rb"(?i)(?:bearer|basic)[ \\]",
    find=search(_SCHEME, _judge_scheme, whole_runs=True),
    shortest=14,
)

URL_PASSWORD = Detector(
    data_class=DataClass.SECRETS,
    trigger=rb"://[^\s/:\"'<>]*:[^\s/\"'<>]+@",
    find=search(_URL, _judge_url, whole_runs=True),
    shortest=6,
    hints=("://",),
)
