"""Which control records hold at each offset of a partition: a function of the log alone.

As with trust models, versions that others superseded are kept, until no replay can begin before that. Each
version is an entry of its own in a checkpoint, for a record may have 64 KiB. So a checkpoint that was written
in part may hold a version without the one before it, which a replay then puts in its place.
"""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Generic, NamedTuple, TypeVar

import msgspec

from schemas.control_block import ControlRow
from schemas.errors import InvalidMessageError
from schemas.topics import Topic
from stream_processors.rules.trust_models import KEPT_OFFSETS

DataT = TypeVar("DataT", bound=msgspec.Struct)
ReadyT = TypeVar("ReadyT")

_UNKNOWN = 0


class ControlVersion(msgspec.Struct, Generic[DataT], array_like=True, frozen=True):
    """What a control record says from the record at `since` on; `key` is `tenant/name`, `version` its own."""

    since: int
    version: int
    key: str
    data: DataT

    @property
    def entry_key(self) -> str:
        """`tenant/name/offset`, its name among all entries of its kind in a partition."""
        return f"{self.key}/{self.since}"

    @property
    def tenant_id(self) -> str:
        """Whose it is."""
        return self.key.partition("/")[0]


class _Held(NamedTuple, Generic[DataT, ReadyT]):
    record: ControlVersion[DataT]
    ready: ReadyT | None


class ControlHistory(Generic[DataT, ReadyT]):
    """The records of one control topic whose keys are `tenant/name`.

    A subclass says how a record is made ready for use; None where it is of no use, as one that is deleted.
    """

    topic: Topic
    data_type: type[DataT]

    def __init__(self, packed: Iterable[bytes] = ()) -> None:
        """Begin with the versions that a checkpoint holds, in any order.

        Raises:
            InvalidMessageError: the bytes are no versions of this release.
        """
        self._tenants: dict[str, dict[str, list[_Held[DataT, ReadyT]]]] = {}
        self._newest: dict[str, int] = {}
        self._changed: list[ControlVersion[DataT]] = []
        self._gone: list[tuple[str, int]] = []
        # A class says its type of data, so the type of its versions is known only here.
        version_type = ControlVersion[self.data_type]  # type: ignore[name-defined]
        self._decoder = msgspec.msgpack.Decoder(version_type)
        for record in sorted(map(self._unpack, packed), key=lambda record: record.since):
            self._insert(record)

    def prepare(self, data: DataT) -> ReadyT | None:
        """The record, ready for use."""
        raise NotImplementedError

    def tenant_changed(self, tenant_id: str) -> None:
        """Called after each change of a tenant's records, for what is kept about them."""

    def decode(self, row: ControlRow, offset: int) -> ControlVersion[DataT]:
        """The version of a control row in the record at `offset`.

        Raises:
            InvalidMessageError: it is none.
        """
        if row.key.count("/") != 1:
            raise InvalidMessageError(f"{row.key!r} is no key of {self.topic}", field="key")
        try:
            data = msgspec.json.decode(row.data, type=self.data_type)
        except msgspec.MsgspecError as error:
            raise InvalidMessageError(f"no record of {self.topic}: {error}") from error
        return ControlVersion(offset, row.version, row.key, data)

    def absorb(self, record: ControlVersion[DataT]) -> None:
        """Take a record as it stands from an offset on; what is not newer than the last changes nothing."""
        if self._insert(record):
            self._changed.append(record)
            dropped = self._drop_superseded(record)
            self._gone += [(gone.entry_key, record.since) for gone in dropped]

    def forget(self, key: str, offset: int) -> None:
        """Let go of all that came under a key up to an offset: it is about what was erased there."""
        versions = self._tenants.get(key.partition("/")[0], {}).get(key, [])
        kept = bisect_right(versions, offset, key=_since)
        self._gone += [(held.record.entry_key, offset) for held in versions[:kept]]
        del versions[:kept]
        self._changed = [record for record in self._changed if record.key != key or record.since > offset]

    def in_force(self, tenant_id: str, offset: int) -> Iterator[ReadyT]:
        """A tenant's records as they hold at the record of that offset."""
        for versions in self._tenants.get(tenant_id, {}).values():
            ready = _at(versions, offset)
            if ready is not None:
                yield ready

    def at(self, tenant_id: str, key: str, offset: int) -> ReadyT | None:
        """One record as it holds at the record of that offset."""
        return _at(self._tenants.get(tenant_id, {}).get(key, ()), offset)

    def tenants(self) -> Iterable[str]:
        """Whose records there are or were."""
        return self._tenants

    def newest(self, tenant_id: str) -> int:
        """The offset of the tenant's last change; -1 when there was none."""
        return self._newest.get(tenant_id, -1)

    @property
    def newest_of_all(self) -> int:
        """The offset of the last change of any tenant; -1 when there was none."""
        return max(self._newest.values(), default=-1)

    def version(self, key: str) -> int:
        """The version of the last control record under a key; 0 when there was none."""
        versions = self._tenants.get(key.partition("/")[0], {}).get(key)
        return versions[-1].record.version if versions else _UNKNOWN

    def all(self) -> list[ControlVersion[DataT]]:
        """All versions that are kept, in the order of their keys."""
        tenants = self._tenants.values()
        held = [held for tenant in tenants for versions in tenant.values() for held in versions]
        return sorted((one.record for one in held), key=lambda record: record.entry_key)

    def drain_changed(self) -> list[ControlVersion[DataT]]:
        """The versions that came since the last call, in the order of the log."""
        changed, self._changed = self._changed, []
        return changed

    def drain_gone(self) -> list[tuple[str, int]]:
        """The keys of the versions let go since the last call, each with the offset at which that was."""
        gone, self._gone = self._gone, []
        return gone

    def _unpack(self, packed: bytes) -> ControlVersion[DataT]:
        try:
            version: ControlVersion[DataT] = self._decoder.decode(packed)
        except msgspec.MsgspecError as error:
            raise InvalidMessageError(f"no version of {self.topic}: {error}") from error
        return version

    def _insert(self, record: ControlVersion[DataT]) -> bool:
        """Put a version in its place, unless it is there or the one before it is as new."""
        tenant_id = record.tenant_id
        versions = self._tenants.setdefault(tenant_id, {}).setdefault(record.key, [])
        place = bisect_right(versions, record.since, key=_since)
        if place:
            before = versions[place - 1].record
            if record.since == before.since or record.version <= before.version:
                return False
        versions.insert(place, _Held(record, self.prepare(record.data)))
        self._newest[tenant_id] = max(self.newest(tenant_id), record.since)
        self.tenant_changed(tenant_id)
        return True

    def _drop_superseded(self, record: ControlVersion[DataT]) -> list[ControlVersion[DataT]]:
        """Let go of the versions whose successors are so old that no replay begins before them."""
        versions = self._tenants[record.tenant_id][record.key]
        kept = bisect_right(versions, record.since - KEPT_OFFSETS, key=_since)
        dropped = [held.record for held in versions[: max(0, kept - 1)]]
        del versions[: len(dropped)]
        return dropped


def _since(held: _Held[DataT, ReadyT]) -> int:
    return held.record.since


def _at(versions: Sequence[_Held[DataT, ReadyT]], offset: int) -> ReadyT | None:
    for held in reversed(versions):
        if held.record.since <= offset:
            return held.ready
    return None


# Of any control topic.
AnyHistory = ControlHistory[Any, Any]

_encoder = msgspec.msgpack.Encoder()


def encode_version(record: ControlVersion[DataT]) -> bytes:
    """A version as a checkpoint holds it."""
    return _encoder.encode(record)
