"""RE2, the one matcher: linear in the text whatever text and pattern are (docs/decisions/0004)."""

from typing import Any

import re2

# What may stand before a value: nothing, no letter or digit, or an escape such as \n, of which texts that
# quote other texts are full.
LEFT = rb"(?:^|[^0-9A-Za-z]|\\[bfnrt])"

# The same where the text is encoded as JSON.
ENCODED_LEFT = rb"(?:^|[^0-9A-Za-z]|\\[bfnrt]|\\u00[01][0-9a-f])"

# A state machine that outgrows this is thrown away and built anew, which is slow but never wrong.
_MEMORY_BYTES = 16 * 1024 * 1024

Pattern = Any
Match = Any


def compile_bytes(pattern: bytes) -> Pattern:
    """A pattern of ours, over the bytes of UTF-8, where all that is not ASCII is 128 to 255."""
    return re2.compile(pattern, options=_options())


def compile_set(patterns: list[bytes]) -> Any:  # noqa: ANN401 - the library ships no types
    """Patterns of ours together: its `Match(text)` gives the indexes of those that occur, or None."""
    together = re2.Set.SearchSet(_options())
    for pattern in patterns:
        together.Add(pattern)
    together.Compile()
    return together


def _options() -> re2.Options:
    options = re2.Options()
    options.encoding = re2.Options.Encoding.LATIN1
    options.max_mem = _MEMORY_BYTES
    options.log_errors = False
    return options
