"""Which control records hold at which offset: the newest before it, whatever is repeated or comes late."""

from collections.abc import Iterable

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.control import Agent
from schemas.control_block import ControlRow
from schemas.errors import InvalidMessageError
from schemas.topics import Topic
from stream_processors.rules.control_history import ControlHistory, ControlVersion, encode_version
from stream_processors.rules.trust_models import KEPT_OFFSETS


class Names(ControlHistory[Agent, str]):
    """Any records will do; those without a governance id are of no use."""

    topic = Topic.AGENTS
    data_type = Agent

    def __init__(self, packed: Iterable[bytes] = ()) -> None:
        self.told: list[str] = []
        super().__init__(packed)

    def prepare(self, data: Agent) -> str | None:
        """Its governance id."""
        return data.governance_id or None

    def tenant_changed(self, tenant_id: str) -> None:
        """Note it."""
        self.told.append(tenant_id)


Version = ControlVersion[Agent]


def version(since: int, number: int = 1, name: str = "p", *, says: str = "x", tenant: str = "t") -> Version:
    return ControlVersion(since, number, f"{tenant}/{name}", Agent(tenant, name, says, 1))


def absorbed(*versions: Version) -> Names:
    names = Names()
    for record in versions:
        names.absorb(record)
    return names


def test_a_record_holds_from_its_place_on_until_another_does() -> None:
    names = absorbed(version(10, says="one"), version(20, 2, says="two"), version(30, 1, "q", says="three"))
    assert [list(names.in_force("t", offset)) for offset in (9, 10, 19, 20, 30)] == [
        [],
        ["one"],
        ["one"],
        ["two"],
        ["two", "three"],
    ]
    assert [names.at("t", "t/p", offset) for offset in (9, 10, 20)] == [None, "one", "two"]
    assert list(names.in_force("u", 30)) == []
    assert (names.newest("t"), names.newest("u")) == (30, -1)
    assert names.told == ["t"] * 3


def test_what_is_of_no_use_hides_what_was_before() -> None:
    names = absorbed(version(10), version(20, 2, says=""), version(30, 3))
    assert [list(names.in_force("t", offset)) for offset in (10, 20, 30)] == [["x"], [], ["x"]]


def test_what_is_repeated_or_older_changes_nothing() -> None:
    names = absorbed(version(10, 2))
    names.drain_changed()
    for late in (version(11, 1), version(12, 2), version(10, 3)):
        names.absorb(late)
    assert names.drain_changed() == []
    assert (names.version("t/p"), names.version("t/q"), names.version("u/p")) == (2, 0, 0)
    assert names.all() == [version(10, 2)]


LOG = st.lists(st.tuples(st.integers(1, 4), st.sampled_from("pq"), st.sampled_from(["x", ""])), max_size=8)


@given(LOG, st.data())
def test_what_a_torn_checkpoint_lacks_a_replay_brings(
    log: list[tuple[int, str, str]], data: st.DataObject
) -> None:
    records = [version(at, number, name, says=says) for at, (number, name, says) in enumerate(log)]
    whole = absorbed(*records)
    kept = data.draw(st.lists(st.sampled_from(whole.all()), unique_by=id)) if whole.all() else []
    restored = Names([encode_version(one) for one in kept])
    for record in records:
        restored.absorb(record)
    assert restored.all() == whole.all()
    assert keys(restored.drain_changed()) == keys(whole.all()) - keys(kept)
    for offset in range(-1, len(log) + 1):
        assert sorted(restored.in_force("t", offset)) == sorted(whole.in_force("t", offset))


def keys(records: Iterable[Version]) -> set[str]:
    return {record.entry_key for record in records}


def test_versions_are_kept_only_as_long_as_a_replay_may_need_them() -> None:
    names = absorbed(*(version(number * KEPT_OFFSETS, number) for number in range(1, 4)))
    assert [record.version for record in names.all()] == [2, 3]
    assert names.drain_gone() == [(f"t/p/{KEPT_OFFSETS}", 3 * KEPT_OFFSETS)]
    assert names.drain_gone() == []
    names.absorb(version(3 * KEPT_OFFSETS + 1, 4))
    assert [record.version for record in names.all()] == [2, 3, 4]


def test_what_is_forgotten_is_gone_up_to_there_and_nothing_else_is() -> None:
    names = absorbed(version(1), version(2, 2), version(9, 3), version(1, 1, "q"))
    names.forget("t/p", 5)
    names.forget("t/unknown", 5)
    names.forget("u/p", 5)
    assert names.drain_gone() == [("t/p/1", 5), ("t/p/2", 5)]
    assert names.all() == [version(9, 3), version(1, 1, "q")]
    assert names.drain_changed() == [version(9, 3), version(1, 1, "q")]
    names.forget("t/p", 9)
    assert names.version("t/p") == 0
    assert names.at("t", "t/p", 9) is None


def test_a_row_is_a_version_from_its_record_on() -> None:
    data = version(5, 3).data
    row = ControlRow(Topic.AGENTS, "t/p", 3, msgspec.Raw(msgspec.json.encode(data)))
    assert Names().decode(row, 5) == version(5, 3)


@pytest.mark.parametrize(("key", "data"), [("t/p", b"{}"), ("t", b"{}"), ("t/p/q", b"{}")])
def test_a_row_that_is_none_is_refused(key: str, data: bytes) -> None:
    with pytest.raises(InvalidMessageError):
        Names().decode(ControlRow(Topic.AGENTS, key, 1, msgspec.Raw(data)), 1)


def test_bytes_of_nothing_are_refused() -> None:
    with pytest.raises(InvalidMessageError, match="no version of"):
        Names([b"\x01"])
