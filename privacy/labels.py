"""What stands where something was masked: `[email]`, or with a keyed hash `[email:9f86d081884c]`."""

import hmac
import re
from enum import StrEnum
from functools import lru_cache

from privacy.detection import DataClass

HASH_CHARACTERS = 12
MAX_NAME = 32

# The label of an own pattern is its name.
NAME_RULE = f"1 to {MAX_NAME} lower-case letters, digits or hyphens, the first a letter"

_NAME = re.compile(r"[a-z][a-z0-9-]{0,31}")
_LABEL = re.compile(rb"\[[a-z][a-z0-9-]{0,31}(?::[0-9a-f]{12})?\]")
_LONGEST = MAX_NAME + HASH_CHARACTERS + 3


class Label(StrEnum):
    """The kinds of things that are found, as they are named in a masked text."""

    EMAIL = "email"
    PHONE = "phone"
    CARD = "card"
    IBAN = "iban"
    IP = "ip"
    API_KEY = "api-key"
    JWT = "jwt"
    PRIVATE_KEY = "private-key"
    TOKEN = "token"  # noqa: S105 - a label
    SECRET = "secret"  # noqa: S105 - a label
    UNEXAMINED = "unexamined"


_PERSONAL = (Label.EMAIL, Label.PHONE, Label.CARD, Label.IBAN, Label.IP)

# What a detector's finding is; those of own patterns have their names.
CLASSES = {
    str(label): DataClass.PERSONAL_DATA if label in _PERSONAL else DataClass.SECRETS
    for label in Label
    if label is not Label.UNEXAMINED
}


def is_valid_name(text: str) -> bool:
    """Whether an own pattern may be called so (see NAME_RULE)."""
    return _NAME.fullmatch(text) is not None


@lru_cache
def masked(label: str) -> bytes:
    """The label alone."""
    return b"[%b]" % label.encode()


def hashed(label: str, normal_form: bytes, key: bytes) -> bytes:
    """The label with 48 bits of HMAC-SHA-256: equal for equal values of one tenant, and not to be guessed."""
    digest = hmac.digest(key, b"%b\0%b" % (label.encode(), normal_form), "sha256")
    return b"[%b:%b]" % (label.encode(), digest.hex()[:HASH_CHARACTERS].encode())


def is_label(text: bytes) -> bool:
    """Whether the whole text is a label."""
    return _LABEL.fullmatch(text) is not None


def label_ends_at(text: bytes, end: int) -> bool:
    """Whether a label ends right before `end`."""
    if text[end - 1 : end] != b"]":
        return False
    start = text.rfind(b"[", max(0, end - _LONGEST), end)
    return start >= 0 and is_label(text[start:end])


def is_inside_label(text: bytes, index: int) -> bool:
    """Whether `index` lies behind the opening bracket of a label, up to its closing one."""
    start = text.rfind(b"[", max(0, index - _LONGEST), index)
    label = _LABEL.match(text, start) if start >= 0 else None
    return label is not None and index < label.end()


def label_starts_at(text: bytes, start: int) -> bool:
    """Whether a label starts at `start`."""
    return text[start : start + 1] == b"[" and _LABEL.match(text, start) is not None
