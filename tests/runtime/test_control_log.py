"""The pure part of the control log: of writes of one version the first wins, for every reader alike."""

from types import SimpleNamespace

import msgspec
import pytest

from runtime.control_log import ControlReader, ControlState, Entry, Envelope
from runtime.settings import KafkaAddress


class Thing(msgspec.Struct, frozen=True):
    """An entity of the tests."""

    name: str


def value(version: int, name: str, write_id: str = "") -> bytes:
    data = msgspec.Raw(msgspec.json.encode(Thing(name)))
    return msgspec.json.encode(Envelope(version, write_id or name, data))


@pytest.fixture
def state() -> ControlState:
    return ControlState({"things": Thing})


def test_the_first_write_of_a_version_wins(state: ControlState) -> None:
    assert state.apply("things", "k", value(1, "first")) == Thing("first")
    assert state.apply("things", "k", value(1, "second")) is None
    assert state.get("things", "k") == Entry(1, Thing("first"))
    assert state.won("things", "k", "first")
    assert not state.won("things", "k", "second")


def test_a_version_that_compaction_took_is_not_waited_for(state: ControlState) -> None:
    state.apply("things", "k", value(1, "one"))
    assert state.apply("things", "k", value(3, "three")) == Thing("three")
    assert state.apply("things", "k", value(2, "two")) is None
    assert state.all("things") == {"k": Entry(3, Thing("three"))}


def test_after_compaction_a_key_may_start_at_any_version(state: ControlState) -> None:
    assert state.apply("things", "k", value(7, "seven")) == Thing("seven")


def test_what_is_no_control_record_raises_and_changes_nothing(state: ControlState) -> None:
    for junk in (b"", b"{}", b'{"version":1,"write_id":"w","data":{"nam":1}}'):
        with pytest.raises(msgspec.MsgspecError):
            state.apply("things", "k", junk)
    assert state.all("things") == {}


async def test_a_record_that_cannot_be_read_does_not_end_the_reader() -> None:
    reader = ControlReader(KafkaAddress(bootstrap_servers="127.0.0.1:1"), {"things": Thing}, "test")
    seen: list[str] = []
    reader.subscribe(lambda _topic, key, _data: seen.append(key))
    records = [
        (b"\xff", value(1, "one")),
        (b"k", b"\xff"),
        (b"k", None),
        (None, b""),
        (b"k", value(1, "one")),
    ]
    reader._apply_all("things", [SimpleNamespace(key=k, value=v, offset=0) for k, v in records])
    await reader.stop()
    assert seen == ["k"]
