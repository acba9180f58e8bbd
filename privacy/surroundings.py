"""What stands before and after a candidate; pure.

A label counts as what it stands for, a word or number: else masking a text would open the way for more
findings beside the first ones, and masking it again would change it.
"""

from privacy.labels import label_ends_at, label_starts_at

_DIGITS = frozenset(b"0123456789")
_ALPHANUMERIC = _DIGITS | frozenset(b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")
_JOINING = frozenset(b"-./,:")
_BACKSLASH = ord("\\")
_ESCAPES = frozenset(b"bfnrt")


def follows_word(text: bytes, start: int) -> bool:
    """Whether a letter, a digit or a label stands right before `start`, and no escape for a line break."""
    if not start:
        return False
    if text[start - 1] in _ALPHANUMERIC:
        return not is_escaped(text, start - 1)
    return label_ends_at(text, start)


def is_escaped(text: bytes, index: int) -> bool:
    """Whether the character there is the letter of an escape, as texts have that quote other texts."""
    return index > 0 and text[index - 1] == _BACKSLASH and text[index] in _ESCAPES


def precedes_word(text: bytes, end: int) -> bool:
    """Whether a letter, a digit or a label stands at `end`."""
    return end < len(text) and (text[end] in _ALPHANUMERIC or label_starts_at(text, end))


def continues_number(text: bytes, start: int) -> bool:
    """Whether what starts here is the later part of a number, date or version, as after `0.` or `2025-`."""
    if not start or text[start - 1] not in _JOINING:
        return False
    return (start > 1 and text[start - 2] in _DIGITS) or label_ends_at(text, start - 1)


def number_continues(text: bytes, end: int) -> bool:
    """Whether what ends here goes on behind a joining character, as a date or version does."""
    if end + 1 >= len(text) or text[end] not in _JOINING:
        return False
    return text[end + 1] in _DIGITS or label_starts_at(text, end + 1)
