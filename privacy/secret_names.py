"""Names whose values are secret: `password`, `DB_PASSWORD`, `x-api-key`, `aws_secret_access_key`."""

import re

# What a name ends with; tokens in the plural are those of a language model.
ENDING = (
    rb"(?:pass(?:word|wd|phrase)|passwords|pwd|secret|token|(?:api|access|secret|private)[_. -]?keys?"
    rb"|credentials?|authorization|cookie)"
)

_NAME = re.compile(ENDING.decode() + r"\Z", re.IGNORECASE | re.ASCII)
_HARMLESS = frozenset({"", "-", "none", "null", "nil", "true", "false", "undefined", "yes", "no"})
_LONGEST_NAME = 128


def is_secret_name(name: str) -> bool:
    """Whether the value of a field of this name is secret."""
    return len(name) <= _LONGEST_NAME and _NAME.search(name) is not None


def is_harmless_value(value: str) -> bool:
    """Whether a value says only that there is a secret or none: `null`, `true`, `***`."""
    return value.lower() in _HARMLESS or not value.strip("*.•")
