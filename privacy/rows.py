"""Rows of a request as they are written: the free texts of those that hold something masked; pure."""

from collections.abc import Callable, Sequence
from typing import Any

from privacy.detection import Detector
from privacy.effort import Effort
from privacy.masker import Masker
from privacy.trigger import trigger_of


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
    trigger = trigger_of(masker.classes)
    lines = b"\n".join(encoded)
    suspects = {} if trigger is None else dict(trigger.suspects(encoded, lines))
    if masker.own_patterns is not None and masker.own_patterns.may_occur(lines):
        for index, line in enumerate(encoded):
            if masker.own_patterns.may_occur(line):
                suspects.setdefault(index, ())
    for index, detectors in suspects.items():
        if _mask_row(rows[index], detectors, masker, effort):
            encoded[index] = encode(rows[index])
    return encoded


def _mask_row(row: Any, detectors: tuple[Detector, ...], masker: Masker, effort: Effort) -> bool:  # noqa: ANN401 - a struct
    changed = False
    for field in row.FREE_TEXT:
        value = getattr(row, field)
        if value:
            masked = masker.mask_json(value, detectors, effort)
            if masked is not value:
                setattr(row, field, masked)
                changed = True
    return changed
