"""Private keys in PEM (RFC 7468) or OpenPGP armour, to their end line, or to that of a text that was cut."""

from privacy.detection import DataClass, Detector, Finding, search
from privacy.engine import Match, compile_bytes
from privacy.labels import Label

_NAME = rb"[A-Z0-9 ]*PRIVATE KEY(?: BLOCK)?-----"
_PATTERN = compile_bytes(rb"(?s)-----BEGIN " + _NAME + rb".*?(?:-----END " + _NAME + rb"|\z)")


def _judge(_text: bytes, match: Match) -> Finding:
    start, end = match.span()
    return Finding(start, end, Label.PRIVATE_KEY, match.group())


PRIVATE_KEY = Detector(
    data_class=DataClass.SECRETS,
    trigger=rb"-----BEGIN [A-Z0-9 ]*PRIVATE KEY",
    find=search(_PATTERN, _judge, whole_runs=True),
    shortest=27,
    hints=("PRIVATE KEY",),
)
