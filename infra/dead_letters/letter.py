"""One dead letter as it is read from its topic; pure."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import msgspec

from infra.errors import StackError
from schemas.dead_letters import (
    HEADER_OFFSET,
    HEADER_PARTITION,
    HEADER_REASON,
    HEADER_SEGMENTS,
    HEADER_STAGE,
    HEADER_TABLE,
    HEADER_TOPIC,
    PREFIX,
    Origin,
)
from schemas.topics import DEAD_LETTER_TOPICS, NAMESPACE

Headers = tuple[tuple[str, bytes], ...]

_SUFFIX = ".dlq"


class Place(NamedTuple):
    """Where a record lies; as text, the name of a letter for people: `telemetry.v1:2:1047`."""

    topic: str
    partition: int
    offset: int

    def __str__(self) -> str:
        short = self.topic.removeprefix(NAMESPACE).removesuffix(_SUFFIX)
        return f"{short}:{self.partition}:{self.offset}"


@dataclass(frozen=True, slots=True)
class Letter:
    """A letter: `headers`, `key` and `value` are the record's own, untouched.

    `origin` is None where the record does not say where it was from: then it is none of ours. `segments` are
    the places of the requests on which a rule failed, `table` is the one that refused a row. `appended_at` is
    in milliseconds.
    """

    place: Place
    appended_at: int
    origin: Origin | None
    stage: str
    reason: str
    table: str
    segments: tuple[int, ...]
    key: bytes | None
    value: bytes
    headers: Headers

    @property
    def identity(self) -> str:
        """The same for all copies of a letter: readers write letters at least once."""
        said = msgspec.json.encode([self.origin, self.stage, self.table])
        return hashlib.sha256(said + self.value).hexdigest()


def parse_place(text: str) -> Place:
    """Read a letter's name as lists show it.

    Raises:
        StackError: it is none, or of a topic that holds no dead letters.
    """
    short, partition, offset = [*text.rsplit(":", 2), "", ""][:3]
    topic = f"{NAMESPACE}{short}{_SUFFIX}"
    if not (partition.isdecimal() and offset.isdecimal() and topic in DEAD_LETTER_TOPICS):
        raise StackError(f"{text!r} is no dead letter: take its name from `promethios dlq list`.")
    return Place(topic, int(partition), int(offset))


def read_letter(
    place: Place,
    appended_at: int,
    key: bytes | None,
    value: bytes | None,
    headers: Sequence[tuple[str, bytes | None]],
) -> Letter:
    """Read a record of a dead-letter topic, whoever wrote it."""
    whole = tuple((name, content or b"") for name, content in headers)
    said = {name: content.decode(errors="replace") for name, content in whole if name.startswith(PREFIX)}
    return Letter(
        place=place,
        appended_at=appended_at,
        origin=_origin(said),
        stage=said.get(HEADER_STAGE, ""),
        reason=said.get(HEADER_REASON, ""),
        table=said.get(HEADER_TABLE, ""),
        segments=_segments(said.get(HEADER_SEGMENTS, "[]")),
        key=key,
        value=value or b"",
        headers=tuple((name, content) for name, content in whole if name not in said),
    )


def _origin(said: dict[str, str]) -> Origin | None:
    topic, partition, offset = (said.get(n, "") for n in (HEADER_TOPIC, HEADER_PARTITION, HEADER_OFFSET))
    if not (topic and partition.isdecimal() and offset.isdecimal()):
        return None
    return Origin(topic, int(partition), int(offset))


def _segments(text: str) -> tuple[int, ...]:
    try:
        return msgspec.json.decode(text, type=tuple[int, ...])
    except msgspec.MsgspecError:
        return ()
