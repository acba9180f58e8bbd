"""Records that cannot be read do not end the reader."""

from types import SimpleNamespace

import msgspec

from runtime.control_log import ControlReader
from runtime.control_state import Envelope
from runtime.settings import KafkaAddress


class Thing(msgspec.Struct, frozen=True):
    """An entity of the tests."""

    name: str


def value(version: int, name: str) -> bytes:
    data = msgspec.Raw(msgspec.json.encode(Thing(name)))
    return msgspec.json.encode(Envelope(version, name, data))


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
    reader._apply_all("things", [SimpleNamespace(key=k, value=v, offset=0, timestamp=1) for k, v in records])
    await reader.stop()
    assert seen == ["k"]
