"""Rows of a request as they are written: the free texts of those that hold something masked; pure."""

from collections.abc import Callable, Sequence
from typing import Any

from privacy.effort import Effort
from privacy.masker import Masker
from privacy.trigger import Suspect, trigger_of


def mask_rows(
    rows: Sequence[Any], encoded: list[bytes], encode: Callable[[Any], bytes], masker: Masker
) -> list[bytes]:
    """The encodings of `rows` after masking; `encoded` are those before it.

    Rows are structs of one kind that name their free texts in `FREE_TEXT`; those that hold something are
    changed. For most requests this is one search over all rows together.
    """
    if not rows or not rows[0].FREE_TEXT:
        return encoded
    effort = Effort()
    for suspect in _suspects(encoded, masker):
        row = rows[suspect.row]
        if _mask_row(row, encoded[suspect.row], suspect, masker, effort, encode=encode):
            encoded[suspect.row] = encode(row)
    return encoded


def _suspects(encoded: Sequence[bytes], masker: Masker) -> Sequence[Suspect]:
    trigger, own = trigger_of(masker.classes), masker.own_patterns
    lines = b"\n".join(encoded)
    suspects = [] if trigger is None else trigger.suspects(encoded, lines)
    if own is None or not own.may_occur(lines):
        return suspects
    # Of own patterns nobody knows where they are.
    detectors = {suspect.row: suspect.detectors for suspect in suspects}
    return [
        Suspect(index, detectors.get(index, ()))
        for index, line in enumerate(encoded)
        if index in detectors or own.may_occur(line)
    ]


def _mask_row(  # noqa: PLR0913 - called in one place, for each row that may hold something
    row: Any,  # noqa: ANN401 - a struct
    line: bytes,
    suspect: Suspect,
    masker: Masker,
    effort: Effort,
    *,
    encode: Callable[[Any], bytes],
) -> bool:
    changed = False
    for field in row.FREE_TEXT:
        value = getattr(row, field)
        if not value:
            continue
        if isinstance(value, str):
            masked: object = masker.mask_text(value, suspect.detectors, effort)
        elif suspect.ends and not _lies_in(encode(value), line, suspect.ends):
            continue
        else:
            masked = masker.mask_json(value, suspect.detectors, effort)
        if masked is not value:
            setattr(row, field, masked)
            changed = True
    return changed


def _lies_in(value: bytes, line: bytes, ends: Sequence[int]) -> bool:
    """Whether one of `ends` lies in this part of the line; if it is no part of it, that is not known."""
    start = line.find(value)
    if start < 0:
        return True
    for end in ends:  # noqa: SIM110 - a generator costs more than all the rest
        if start < end <= start + len(value):
            return True
    return False
