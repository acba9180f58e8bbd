"""The check digit of payment cards (ISO/IEC 7812-1, annex B)."""

_DOUBLED = (0, 2, 4, 6, 8, 1, 3, 5, 7, 9)
_ZERO = ord("0")


def is_luhn_valid(digits: bytes) -> bool:
    """Whether the last of these ASCII digits is the check digit of those before it."""
    backwards = digits[::-1]
    total = sum(backwards[::2]) - _ZERO * len(backwards[::2])
    return (total + sum([_DOUBLED[digit - _ZERO] for digit in backwards[1::2]])) % 10 == 0
