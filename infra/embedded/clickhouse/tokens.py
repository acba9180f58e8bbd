"""ClickHouse SQL as tokens: enough to tell words from strings and comments, in linear time."""

import re
from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Token:
    """`text` is upper case for words, as written for punctuation, empty for literals and quoted names.

    `start` and `end` are offsets in the text; `depth` counts the brackets around the token (a bracket itself
    stands outside of its pair).
    """

    text: bytes
    start: int
    end: int
    depth: int
    is_word: bool = False


# Whatever is opened and never closed runs to the end of the text, so that no input is scanned twice.
_TOKEN = re.compile(
    rb"""
    (?P<skip>\s+ | --[^\n]* | \#[!\ ][^\n]* | /\*.*?(?:\*/|\Z))
  | (?P<quoted>'(?:[^'\\]|\\.|'')*+(?:'|\Z)
             | "(?:[^"\\]|\\.|"")*+(?:"|\Z)
             | `(?:[^`\\]|\\.|``)*+(?:`|\Z)
             | \$(?P<tag>\w*)\$.*?(?:\$(?P=tag)\$|\Z))
  | (?P<word>[A-Za-z_\x80-\xff][\w$\x80-\xff]*)
  | (?P<number>\d[\w.]*)
  | (?P<other>.)
    """,
    re.DOTALL | re.VERBOSE,
)


def tokenize(text: bytes) -> Iterator[Token]:
    """The tokens of a text, without white space and comments; never fails, whatever the text is."""
    depth = 0
    for found in _TOKEN.finditer(text):
        kind = found.lastgroup
        start, end = found.span()
        if kind == "skip":
            continue
        if kind == "word":
            yield Token(found[0].upper(), start, end, depth, is_word=True)
        elif kind == "other":
            depth = max(0, depth - (found[0] in (b")", b"]", b"}")))
            yield Token(found[0], start, end, depth)
            depth += found[0] in (b"(", b"[", b"{")
        else:
            yield Token(b"", start, end, depth)
