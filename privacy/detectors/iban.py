"""International bank account numbers: of the country's length and with the right check digits."""

from privacy.detection import DataClass, Detector, Finding, search
from privacy.engine import ENCODED_LEFT, LEFT, Match, compile_bytes
from privacy.labels import Label
from privacy.mod97 import is_mod97_valid
from privacy.surroundings import follows_word, precedes_word

_PATTERN = compile_bytes(LEFT + rb"([A-Z]{2}[0-9]{2}(?:[ -]?[A-Z0-9]){11,30})")
_SEPARATORS = b" -"

# SWIFT's IBAN registry, release 99: all countries of a length.
_COUNTRIES_OF_LENGTH = {
    15: "NO",
    16: "BE",
    18: "DK FO FI GL NL SD FK",
    19: "MK SI",
    20: "AT BA EE KZ XK LT LU MN",
    21: "CH HR LI LV",
    22: "BG BH CR DE GB GE IE ME RS VA",
    23: "AE GI IL IQ OM SO TL",
    24: "AD CZ ES MD PK RO SA SE SK TN VG",
    25: "LY PT ST",
    26: "IS TR",
    27: "BI DJ FR GR IT MC MR SM",
    28: "AL AZ BY CY DO GT HU LB NI PL SV",
    29: "BR EG PS QA UA",
    30: "JO KW MU YE",
    31: "MT SC",
    32: "LC",
    33: "RU",
}
_LENGTHS = {
    country.encode(): length
    for length, countries in _COUNTRIES_OF_LENGTH.items()
    for country in countries.split()
}


def _judge(text: bytes, match: Match) -> Finding | None:
    start = match.start(1)
    written: bytes = match.group(1)
    length = _LENGTHS.get(written[:2])
    if length is None or follows_word(text, start):
        return None
    end = _end_of(written, length)
    iban = written[:end].translate(None, _SEPARATORS)
    if len(iban) != length or precedes_word(text, start + end) or not is_mod97_valid(iban):
        return None
    return Finding(start, start + end, Label.IBAN, iban)


def _end_of(written: bytes, length: int) -> int:
    """Where `length` letters and digits end."""
    count = 0
    for index, character in enumerate(written):
        count += character not in _SEPARATORS
        if count == length:
            return index + 1
    return len(written)


_BEGINNING = rb"[A-Z]{2}[0-9]{2}(?:[ -]?[A-Z0-9]){11}"

IBAN = Detector(
    data_class=DataClass.PERSONAL_DATA,
    trigger=ENCODED_LEFT + _BEGINNING,
    gate=_BEGINNING,
    find=search(_PATTERN, _judge),
    shortest=15,
)
