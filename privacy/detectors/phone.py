"""Phone numbers: international ones, and national ones that are written like a phone number.

A run of digits alone is no phone number: it cannot be told from an id.
"""

import re
from typing import cast

from privacy.detection import DataClass, Detector, Finding, search
from privacy.engine import ENCODED_LEFT, LEFT, Match, compile_bytes
from privacy.labels import Label
from privacy.surroundings import continues_number, follows_word, number_continues, precedes_word

# A number with a leading zero is as often a part of a date, a path or a UUID.
_LEFT = LEFT.replace(b"]", b"./-]", 1)
_ENCODED_LEFT = ENCODED_LEFT.replace(b"]", b"./-]", 1)

_FORMS = (
    # +49 30 1234567, +1 (555) 123-4567
    rb"(\+ ?\(?[1-9](?:[ ./()-]{0,3}[0-9]){6,14})"
    # 0049 30 1234567, with a separator, as zeros often stand before other numbers
    rb"|" + LEFT + rb"(00[1-9][0-9]{0,3}[ ./()-]{1,3}[0-9](?:[ ./()-]{0,3}[0-9]){5,12})"
    # 555-123-4567, 555.123.4567, (555) 123-4567, 1-555-123-4567
    rb"|" + LEFT + rb"((?:1[-.])?[2-9][0-9]{2}-[0-9]{3}-[0-9]{4}|(?:1\.)?[2-9][0-9]{2}\.[0-9]{3}\.[0-9]{4}"
    rb"|(?:1[-. ]?)?\([2-9][0-9]{2}\) ?[0-9]{3}[-. ][0-9]{4})"
    # 06 12 34 56 78, 020 7946 0958; 030 1234567, (030) 1234567-12, 0171/1234567
    rb"|" + _LEFT + rb"(\(?0[1-9][0-9]{0,4}(?:\) ?|[ /.-])"
    rb"(?:[0-9]{2,4}(?:[ .-][0-9]{2,4}){1,4}|[0-9]{4,8}(?:-[0-9]{1,4})?))"
)
_PATTERN = compile_bytes(_FORMS, groups=False)

# Python's own tells the form of what was found, which has a bounded length, in less time than RE2.
_FORM = re.compile(_FORMS)
_INTERNATIONAL, _ZEROS, _AMERICAN, _NATIONAL = 1, 2, 3, 4

# With its first seven characters each of them begins so.
_SHAPE = re.compile(r"[0-9(+][0-9 ./()-]{6}")
_SHORTEST = 8
_PLUS = ord("+")

_NO_DIGITS = bytes(set(range(256)) - set(b"0123456789"))
_NATIONAL_DIGITS = range(9, 13)
_INTERNATIONAL_DIGITS = range(7, 16)
_TEN_DIGIT_ZONES = (b"1", b"7")
_LAST_GROUP = re.compile(rb"[ ./()-]+[0-9]+\Z")
_DATE = re.compile(rb"[0-9]{2}[-./ ][0-9]{2}[-./ ](?:19|20)[0-9]{2}(?![0-9])")


def _judge(text: bytes, match: Match) -> Finding | None:
    form, start, end = _formed(text, match)
    if form != _INTERNATIONAL and (follows_word(text, start) or continues_number(text, start)):
        return None
    written, size = text[start:end], len(text)
    if form == _NATIONAL and _DATE.match(written):
        return None
    # What follows a number is another number at times: "030 1234567 12 times".
    while written:
        end = start + len(written)
        digits = _digits(form, written.translate(None, _NO_DIGITS))
        if digits and (end == size or not (precedes_word(text, end) or number_continues(text, end))):
            return Finding(start, end, Label.PHONE, digits)
        shorter = _LAST_GROUP.sub(b"", written)
        written = shorter if len(shorter) < len(written) else b""
    return None


def _formed(text: bytes, match: Match) -> tuple[int, int, int]:
    """Which form it has, and where it starts and ends without what stands before it."""
    start, end = match.spans[0]
    # Most are international; before a zero the plus stands as any character may.
    if text[start] == _PLUS and text[start:end].lstrip(b"+ (")[:1] != b"0":
        return _INTERNATIONAL, start, end
    formed = cast("re.Match[bytes]", _FORM.match(text, start, end))
    form = formed.lastindex or 0
    return form, *formed.span(form)


def _digits(form: int, digits: bytes) -> bytes | None:
    """The number in its normal form, or None where it has not the digits of one."""
    if form == _AMERICAN:
        return digits
    if form == _NATIONAL:
        return digits if len(digits) in _NATIONAL_DIGITS else None
    number = digits[2:] if form == _ZEROS else digits
    if number[:1] in _TEN_DIGIT_ZONES:
        return b"+" + number if len(number) == 11 else None
    return b"+" + number if len(number) in _INTERNATIONAL_DIGITS else None


# What the four forms begin with, at least.
_PLUS_ONE = rb"\+ ?\(?[1-9](?:[ ./()-]*[0-9]){6}"
_ZEROS_OR_AMERICAN = (
    rb"(?:00[1-9][0-9]*[ ./()-]|[0-9]{3}-[0-9]{3}-[0-9]{4}|[0-9]{3}\.[0-9]{3}\.[0-9]{4}"
    rb"|1?\([0-9]{3}\) ?[0-9]{3})"
)
_NATIONAL_ONE = rb"\(?0[1-9][0-9]{0,4}(?:\) ?|[ /.-])(?:[0-9]{4}|[0-9]{2,3}[ .-][0-9]{2})"

# Else each date would open it, as in 2026-09-21: no digit stands before the zero but that of an escape.
_GATE_LEFT = rb"(?:[^0-9./-]|\\u00[01][0-9])"

PHONE = Detector(
    data_class=DataClass.PERSONAL_DATA,
    trigger=_PLUS_ONE + rb"|" + ENCODED_LEFT + _ZEROS_OR_AMERICAN + rb"|" + _ENCODED_LEFT + _NATIONAL_ONE,
    gate=_PLUS_ONE + rb"|" + _ZEROS_OR_AMERICAN + rb"|" + _GATE_LEFT + _NATIONAL_ONE,
    find=search(_PATTERN, _judge, shortest=_SHORTEST),
    shortest=_SHORTEST,
    shape=_SHAPE,
)
