"""E-mail addresses, also as `bob%40example.com` in a URL."""

from privacy.detection import DataClass, Detector, Finding, search
from privacy.engine import Match, compile_bytes
from privacy.labels import Label
from privacy.surroundings import is_escaped

# No letter of another script is left out: an address may be josé@bücher.example.
_SHORTEST = 6
_HINTS = ("@", "%40")
_WORD = rb"A-Za-z0-9\x80-\xff"
_PATTERN = compile_bytes(
    rb"[" + _WORD + rb"._%+'-]*[" + _WORD + rb"_+-](?:@|%40)"
    rb"(?:[" + _WORD + rb"-]+\.)+[A-Za-z\x80-\xff][" + _WORD + rb"-]*[" + _WORD + rb"]"
)


def _judge(text: bytes, match: Match) -> Finding:
    start, end = match.spans[0]
    if is_escaped(text, start):
        start += 1
    return Finding(start, end, Label.EMAIL, text[start:end].lower().replace(b"%40", b"@"))


EMAIL = Detector(
    data_class=DataClass.PERSONAL_DATA,
    trigger=rb"(?:@|%40)[" + _WORD + rb"-]+\.[" + _WORD + rb"]",
    find=search(_PATTERN, _judge, shortest=_SHORTEST, hints=tuple(hint.encode() for hint in _HINTS)),
    shortest=_SHORTEST,
    hints=_HINTS,
)
