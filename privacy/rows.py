"""Rows of a request as they are written: the free texts of those that hold something masked; pure."""

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

from privacy.detection import Detector
from privacy.effort import Effort
from privacy.masker import Masker
from privacy.trigger import Suspect, trigger_of


class Place(NamedTuple):
    """A text in a row's JSON, without its quotes."""

    row: int
    start: int
    end: int


def mask_rows(
    rows: Sequence[Any], encoded: list[bytes], encode: Callable[[Any], bytes], masker: Masker
) -> list[bytes]:
    """The encodings of `rows` after masking; `encoded` are those before it.

    Rows are structs of one kind that name their free texts in `FREE_TEXT`; those that hold something are
    changed. For most requests this is one search over all rows together.
    """
    if not rows or not rows[0].FREE_TEXT:
        return encoded
    effort, openings = Effort(), _openings(rows[0].FREE_TEXT)
    plain: dict[tuple[Detector, ...], list[Place]] = {}
    for suspect in _suspects(encoded, masker):
        index = suspect.row
        place = _text_around(suspect, encoded[index], openings)
        if place is not None:
            plain.setdefault(suspect.detectors, []).append(place)
        elif _mask_row(rows[index], encoded[index], suspect, masker, effort, encode=encode):
            encoded[index] = encode(rows[index])
    for detectors, places in plain.items():
        _mask_places(encoded, places, detectors, masker, effort)
    return encoded


@lru_cache
def _openings(names: tuple[str, ...]) -> tuple[bytes, ...]:
    return tuple(b'"%b":"' % name.encode() for name in names)


def _text_around(suspect: Suspect, line: bytes, openings: tuple[bytes, ...]) -> Place | None:
    """The one free text within which all that makes a row suspicious lies, if its JSON is the text itself.

    That is so where there are no escapes, and no other text needs to be looked at: most of those with
    something are masked without reading or writing any JSON.
    """
    ends = suspect.ends
    if not ends or b"\\" in line:
        return None
    start = line.rfind(b'"', 0, ends[0]) + 1
    end = line.find(b'"', ends[0])
    # A value in a context is no text of the row itself, whatever its name.
    if ends[-1] > end or not line.endswith(openings, 0, start) or line.find(b"{", 1, start) >= 0:
        return None
    return Place(suspect.row, start, end)


def _mask_places(
    encoded: list[bytes],
    places: Sequence[Place],
    detectors: Sequence[Detector],
    masker: Masker,
    effort: Effort,
) -> None:
    texts = [encoded[row][start:end] for row, start, end in places]
    for (row, start, end), text in zip(places, _masked_texts(texts, detectors, masker, effort), strict=True):
        line = encoded[row]
        encoded[row] = b"".join((line[:start], text, line[end:]))


def _masked_texts(
    texts: Sequence[bytes], detectors: Sequence[Detector], masker: Masker, effort: Effort
) -> Sequence[bytes]:
    """Texts without line breaks, masked: as lines of one, which takes less time.

    To what is found within a line, a break is as the beginning or end of a text. What is not leaves fewer
    lines, as a text does that is not examined; then each is looked at alone.
    """
    if len(texts) > 1:
        lines = masker.mask_bytes(b"\n".join(texts), detectors, effort).split(b"\n")
        if len(lines) == len(texts):
            return lines
    return [masker.mask_bytes(text, detectors, effort) for text in texts]


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
