"""Payment card numbers: of a known network, of its length, and with the right check digit."""

import re

from privacy.detection import DataClass, Detector, Finding, search
from privacy.engine import ENCODED_LEFT, LEFT, Match, compile_bytes
from privacy.labels import Label
from privacy.luhn import is_luhn_valid
from privacy.surroundings import continues_number, follows_word, number_continues, precedes_word

# Without separators, or in groups as they are printed; the last group may be something else, such as a CVC.
_PATTERN = compile_bytes(
    LEFT + rb"([2-6][0-9]{12,18}"
    rb"|[2-6][0-9]{3}(?:[ -][0-9]{4}){2}[ -][0-9]{1,4}(?:[ -][0-9]{1,3})?"
    rb"|3[0-9]{3}[ -][0-9]{6}[ -][0-9]{4,5})"
)
_SEPARATORS = b" -"

# Prefixes and lengths of the networks (ISO/IEC 7812 as their owners publish them).
_NETWORKS = re.compile(
    rb"4(?:[0-9]{12}|[0-9]{15}|[0-9]{18})"
    rb"|5[1-5][0-9]{14}|2(?:22[1-9]|2[3-9][0-9]|[3-6][0-9]{2}|7[01][0-9]|720)[0-9]{12}"
    rb"|3[47][0-9]{13}"
    rb"|3(?:0[0-5]|[689][0-9])[0-9]{11}"
    rb"|35[0-9]{14}"
    rb"|6(?:011|4[4-9][0-9]|5[0-9]{2}|2[0-9]{2})[0-9]{12}(?:[0-9]{3})?"
    rb"|(?:50|5[6-8]|6[0-9])[0-9]{14}"
)


def _judge(text: bytes, match: Match) -> Finding | None:
    start, end = match.span(1)
    if follows_word(text, start) or continues_number(text, start):
        return None
    written: bytes = match.group(1)
    while written:
        end = start + len(written)
        digits = written.translate(None, _SEPARATORS)
        if _NETWORKS.fullmatch(digits) and is_luhn_valid(digits) and not _goes_on(text, end):
            return Finding(start, end, Label.CARD, digits)
        written = written[: max(written.rfind(b" "), written.rfind(b"-"), 0)]
    return None


def _goes_on(text: bytes, end: int) -> bool:
    return precedes_word(text, end) or number_continues(text, end)


_GROUPS = rb"[ -][0-9]{4}[ -][0-9]{4}[ -][0-9]|[ -][0-9]{6}[ -][0-9]{4}"

CARD = Detector(
    data_class=DataClass.PERSONAL_DATA,
    trigger=ENCODED_LEFT + rb"[2-6][0-9]{3}(?:[0-9]{9}|" + _GROUPS + rb")",
    gate=rb"[0-9]{13}|[0-9]{4}(?:" + _GROUPS + rb")",
    find=search(_PATTERN, _judge),
    shortest=13,
)
