"""Dead letters as a terminal shows them: what agents sent must not speak to the terminal; pure."""

import base64
import codecs
from collections.abc import Iterator
from typing import Any

from infra.dead_letters.letter import Letter
from schemas.timestamps import to_rfc3339

_HEX_BYTES = 16
# Of a value: the rest is for --raw.
_SHOWN_BYTES = 16 * 1024


def seconds_text(milliseconds: int) -> str:
    """A moment in UTC to the second."""
    return to_rfc3339(milliseconds)[:19].replace("T", " ") + "Z"


def in_one_line(text: str) -> str:
    """The text with everything that would end the line or steer the terminal written out."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


def as_fields(letter: Letter, *, whole: bool = False) -> dict[str, Any]:
    """A letter for programs; `whole` with its headers and its bytes, in base64."""
    origin = letter.origin
    fields: dict[str, Any] = {
        "letter": str(letter.place),
        "given_up_at": to_rfc3339(letter.appended_at),
        "stage": letter.stage,
        "reason": letter.reason,
        "topic": origin.topic if origin else None,
        "partition": origin.partition if origin else None,
        "offset": origin.offset if origin else None,
        "table": letter.table or None,
        "segments": letter.segments,
        "bytes": len(letter.value),
    }
    if whole:
        fields["key"] = None if letter.key is None else _base64(letter.key)
        fields["headers"] = [{"name": name, "value": _base64(value)} for name, value in letter.headers]
        fields["value"] = _base64(letter.value)
    return fields


def as_lines(letter: Letter, *, with_value: bool) -> Iterator[str]:
    """A letter for people: its fields, its own headers, and of its bytes the first 16 KiB."""
    for name, value in as_fields(letter).items():
        if value not in {None, ()}:
            text = ", ".join(map(str, value)) if isinstance(value, tuple) else str(value)
            yield f"{name:<12} {in_one_line(text)}"
    if letter.key is not None:
        yield f"{'key':<12} {_text(letter.key)}"
    for name, content in letter.headers:
        yield f"{'header':<12} {in_one_line(name)}: {_text(content)}"
    if with_value:
        yield ""
        yield from _value_lines(letter.value)


def _value_lines(value: bytes) -> Iterator[str]:
    shown = value[:_SHOWN_BYTES]
    try:
        # What is cut may end within a character.
        text = codecs.getincrementaldecoder("utf-8")().decode(shown, final=len(shown) == len(value))
    except UnicodeDecodeError:
        yield from _hex_lines(shown)
    else:
        yield from (in_one_line(line) for line in text.removesuffix("\n").split("\n"))
    if len(shown) < len(value):
        yield f"… {len(value) - len(shown)} bytes more: --raw FILE has them all"


def _hex_lines(value: bytes) -> Iterator[str]:
    for start in range(0, len(value), _HEX_BYTES):
        part = value[start : start + _HEX_BYTES]
        text = "".join(chr(byte) if 32 <= byte < 127 else "." for byte in part)
        yield f"{start:08x}  {part.hex(' '):<47}  {text}"


def _text(content: bytes) -> str:
    try:
        return in_one_line(content.decode())
    except UnicodeDecodeError:
        return f"0x{content.hex()}"


def _base64(content: bytes) -> str:
    return base64.b64encode(content).decode()
