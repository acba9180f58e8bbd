"""Whether a checkpoint and what was published equal a replay of the log, bit for bit; pure."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from hashlib import blake2b
from sys import intern
from typing import NamedTuple

import msgspec

from schemas.derived import DerivedEvent, Spend, decode_event, encode_event, subject_of
from schemas.identity import partition_of
from schemas.topics import TOPICS
from schemas.verification import Difference, DifferenceKind, Verification
from stream_processors.replay import Replayed
from stream_processors.state.snapshot import Snapshot

# Differences that are named; the others are counted.
NAMED = 10

_DIGEST_BYTES = 16
_COMPACTED = {topic for topic, spec in TOPICS.items() if "compact" in spec.config["cleanup.policy"]}
_encoder = msgspec.msgpack.Encoder()


class Published(NamedTuple):
    """All copies of an event on its topic: the digest of the first, and whether the others say the same."""

    subject: str
    digest: bytes
    copies: int = 1
    contradicted: bool = False


class Expected(NamedTuple):
    """What is kept of an event that a replay gives: there may be millions, and each says a good deal."""

    id: str
    topic: str
    key: str
    subject: str
    digest: bytes


def expected_of(event: DerivedEvent) -> Expected:
    """The little that tells whether it was published as it is."""
    topic, subject = event.derived_type.topic, intern(subject_of(event.data))
    # As whoever reads it sees it: a whole number where a real one is due is no difference.
    record = encode_event(event)
    read = decode_event(record.headers, record.key, record.value)
    return Expected(event.id, topic, intern(event.key), subject, digest_of(read))


def follows_from(event: DerivedEvent, count: int) -> int:
    """The partition of the telemetry, of `count`, from which an event follows."""
    if isinstance(event.data, Spend):
        return event.data.log_partition
    return partition_of(subject_of(event.data), count)


def note_published(published: dict[str, Published], event: DerivedEvent) -> None:
    """Add a copy of an event, as it was found on its topic, to those by id."""
    digest, known = digest_of(event), published.get(event.id)
    if known is None:
        published[event.id] = Published(intern(subject_of(event.data)), digest)
    else:
        contradicted = known.contradicted or known.digest != digest
        published[event.id] = known._replace(copies=known.copies + 1, contradicted=contradicted)


def digest_of(event: DerivedEvent) -> bytes:
    """16 bytes for all that an event says: id, key, time and data."""
    return blake2b(_encoder.encode(event), digest_size=_DIGEST_BYTES).digest()


def compare(
    partition: int, stored: Snapshot, replayed: Replayed[Expected], published: Mapping[str, Published]
) -> Verification:
    """Compare a partition with its replay up to the checkpoint's fence.

    `published` are the partition's events by id, read after the checkpoint and before the replay's
    end was asked for. Where the log's start is gone, what an agent did before is not in the replay: a state
    that differs is uncertain then, and of events no more is judged than that copies say the same.
    """
    unequal = sorted(_unequal(stored, replayed))
    whole = replayed.start == 0
    found = [Difference(key, DifferenceKind.STATE) for key in unequal] if whole else []
    if whole:
        found += _missing(replayed, published)
        found += _wrong(replayed, published)
    found += [
        Difference(one.subject, DifferenceKind.CONTRADICTED, event_id)
        for event_id, one in published.items()
        if one.contradicted
    ]
    return Verification(
        partition=partition,
        start=replayed.start,
        fence=replayed.fence,
        states=len(stored.entries.keys() | replayed.agents.keys()),
        events=len(replayed.events),
        repeated=sum(one.copies - 1 for one in published.values()),
        uncertain=0 if whole else len(unequal),
        differences=dict(Counter(difference.kind for difference in found)),
        first=found[:NAMED],
    )


def _unequal(stored: Snapshot, replayed: Replayed[Expected]) -> Iterator[str]:
    for key in stored.entries.keys() | replayed.agents.keys():
        entry, packed = stored.entries.get(key), replayed.agents.get(key)
        if entry is None or packed is None or (entry.fence, entry.payload) != (packed.fence, packed.payload):
            yield key


def _missing(replayed: Replayed[Expected], published: Mapping[str, Published]) -> list[Difference]:
    """Events that nobody published; compaction may have taken one after which there is another of its key."""
    followed = {_place(event) for event in replayed.later if event.id in published}
    missing = []
    for event in reversed(replayed.events):
        if event.id in published:
            followed.add(_place(event))
        elif event.topic not in _COMPACTED or _place(event) not in followed:
            missing.append(Difference(event.subject, DifferenceKind.MISSING, event.id))
    return missing[::-1]


def _wrong(replayed: Replayed[Expected], published: Mapping[str, Published]) -> Iterable[Difference]:
    """Events published that do not follow from the log, or do but say something else."""
    expected = {event.id: event for event in (*replayed.events, *replayed.later)}
    for event_id, one in published.items():
        event = expected.get(event_id)
        if event is None:
            yield Difference(one.subject, DifferenceKind.UNEXPECTED, event_id)
        elif event.digest != one.digest:
            yield Difference(one.subject, DifferenceKind.ALTERED, event_id)


def _place(event: Expected) -> tuple[str, str]:
    return event.topic, event.key
