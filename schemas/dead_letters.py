"""What is put on the dead-letter topic: the record as it came, and headers that say why and from where."""

from collections.abc import Sequence
from enum import StrEnum
from typing import NamedTuple

# Of the headers that are not the record's own.
PREFIX = "promethios.errors."

HEADER_TOPIC = f"{PREFIX}topic"
HEADER_PARTITION = f"{PREFIX}partition"
HEADER_OFFSET = f"{PREFIX}offset"
HEADER_STAGE = f"{PREFIX}stage"
HEADER_REASON = f"{PREFIX}exception.message"

# Of a row: which table refused it.
HEADER_TABLE = f"{PREFIX}table"
# Of a record on which a rule failed: the places of the block's segments on which it did, from 0, as a JSON
# array. All others are absorbed.
HEADER_SEGMENTS = f"{PREFIX}segments"
# Of an event that a webhook did not take: the webhook's id.
HEADER_WEBHOOK = f"{PREFIX}webhook"

_MAX_REASON_BYTES = 4096


class Stage(StrEnum):
    """Where the record was given up.

    The processors could not read it or a rule failed on it, the writer cannot read it, no table takes it, or
    a webhook did not take it in time.
    """

    RULES = "rules"
    DECODE = "decode"
    INSERT = "insert"
    DELIVERY = "delivery"


class Origin(NamedTuple):
    """Where a dead letter stood."""

    topic: str
    partition: int
    offset: int


def dead_letter_headers(
    headers: Sequence[tuple[str, bytes]], origin: Origin, stage: Stage, reason: str
) -> list[tuple[str, bytes]]:
    """The record's own headers, and ours with the suffixes that Kafka Connect uses."""
    return [
        *headers,
        (HEADER_TOPIC, origin.topic.encode()),
        (HEADER_PARTITION, str(origin.partition).encode()),
        (HEADER_OFFSET, str(origin.offset).encode()),
        (HEADER_STAGE, stage.value.encode()),
        (HEADER_REASON, reason.encode(errors="replace")[:_MAX_REASON_BYTES]),
    ]
