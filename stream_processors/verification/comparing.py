"""Whether a checkpoint and what was published equal a replay of the log, bit for bit; pure."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from hashlib import blake2b
from typing import NamedTuple

import msgspec

from schemas.derived import DerivedEvent, Spend, subject_of
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
    """All copies of an event on its topic: the digest of the first, and whether the others say the same.

    `log_partition` is the partition of the telemetry from which it follows, None where its agent's is.
    """

    subject: str
    digest: bytes
    log_partition: int | None = None
    copies: int = 1
    contradicted: bool = False


def note_published(published: dict[str, Published], event: DerivedEvent) -> None:
    """Add a copy of an event, as it was found on its topic, to those by id."""
    digest, known = digest_of(event), published.get(event.id)
    if known is None:
        partition = event.data.log_partition if isinstance(event.data, Spend) else None
        published[event.id] = Published(subject_of(event.data), digest, partition)
    else:
        contradicted = known.contradicted or known.digest != digest
        published[event.id] = known._replace(copies=known.copies + 1, contradicted=contradicted)


def digest_of(event: DerivedEvent) -> bytes:
    """16 bytes for all that an event says: id, key, time and data."""
    return blake2b(_encoder.encode(event), digest_size=_DIGEST_BYTES).digest()


def compare(
    partition: int, stored: Snapshot, replayed: Replayed, published: Mapping[str, Published]
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


def _unequal(stored: Snapshot, replayed: Replayed) -> Iterator[str]:
    for key in stored.entries.keys() | replayed.agents.keys():
        entry, packed = stored.entries.get(key), replayed.agents.get(key)
        if entry is None or packed is None or (entry.fence, entry.payload) != (packed.fence, packed.payload):
            yield key


def _missing(replayed: Replayed, published: Mapping[str, Published]) -> list[Difference]:
    """Events that nobody published; compaction may have taken one after which there is another of its key."""
    followed = {_place(event) for event in replayed.later if event.id in published}
    missing = []
    for event in reversed(replayed.events):
        if event.id in published:
            followed.add(_place(event))
        elif event.derived_type.topic not in _COMPACTED or _place(event) not in followed:
            missing.append(Difference(subject_of(event.data), DifferenceKind.MISSING, event.id))
    return missing[::-1]


def _wrong(replayed: Replayed, published: Mapping[str, Published]) -> Iterable[Difference]:
    """Events published that do not follow from the log, or do but say something else."""
    expected = {event.id: event for event in (*replayed.events, *replayed.later)}
    for event_id, one in published.items():
        event = expected.get(event_id)
        if event is None:
            yield Difference(one.subject, DifferenceKind.UNEXPECTED, event_id)
        elif digest_of(event) != one.digest:
            yield Difference(one.subject, DifferenceKind.ALTERED, event_id)


def _place(event: DerivedEvent) -> tuple[str, str]:
    return event.derived_type.topic, event.key
