"""JSON Web Tokens, signed or encrypted (RFC 7515, 7516): base64url of `{"`, then parts behind dots."""

from privacy.detection import DataClass, Detector, Finding, search
from privacy.engine import ENCODED_LEFT, LEFT, Match, compile_bytes
from privacy.labels import Label
from privacy.surroundings import follows_word

_PATTERN = compile_bytes(LEFT + rb"(eyJ[A-Za-z0-9_-]{4,}\.[A-Za-z0-9_-]{4,}(?:\.[A-Za-z0-9_-]*){0,3})")


def _judge(text: bytes, match: Match) -> Finding | None:
    start, end = match.span(1)
    return None if follows_word(text, start) else Finding(start, end, Label.JWT, match.group(1))


JWT = Detector(
    data_class=DataClass.SECRETS,
    trigger=ENCODED_LEFT + rb"eyJ[A-Za-z0-9_-]+\.[A-Za-z0-9_-]{4}",
    gate=rb"eyJ[A-Za-z0-9_-]+\.",
    find=search(_PATTERN, _judge, whole_runs=True),
    shortest=12,
    hints=("eyJ",),
)
