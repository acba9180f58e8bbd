"""What is sent again is what one reader lacks, unkeyed, with untouched rows; nobody else takes it."""

import msgspec
import pytest

from infra.dead_letters.letter import Letter
from infra.dead_letters.restoring import Batch, NotReplayableError, Restored, is_whole, reader_of, restore
from schemas.block import HEADER_REPLAY, Block, Kind, decode_block
from schemas.dead_letters import HEADER_TABLE, Origin
from schemas.derived import subject_of
from schemas.messages.log import LogRow
from schemas.messages.values import LogLevel
from schemas.stamps import encode_rows, row_prefix
from schemas.tables import Table
from schemas.topics import Service, Topic
from stream_processors.absorbing import Absorber
from stream_processors.log_record import LogRecord
from stream_processors.rules import partition
from stream_processors.rules.agent import absorb_segment
from stream_processors.rules.alert_rules import Governing
from stream_processors.rules.calibration import Calibration
from stream_processors.rules.evidence import SegmentEvidence
from stream_processors.rules.outputs import Outputs
from stream_processors.rules.state import AgentState
from stream_processors.writer.rings import Rings
from stream_processors.writer.rows import rows_of_chunk
from tests.infra.dead_letters.fake_log import NOW, block_headers, failed, letter, segment
from tests.stream_processors.writer.records import FakeRecord

A, B = b'{"n":"a"}\n', b'{"n":"b"}\n{"n":"bb"}\n'
BOTH = [segment("a", 1, A), segment("b", 2, B)]
HEADERS = [*block_headers(*BOTH), ("traceparent", b"00")]


def block_in(restored: Restored) -> Block:
    return decode_block(restored.headers, restored.value)


@pytest.mark.parametrize(("stage", "reader"), [("decode", Service.WRITER), ("rules", Service.PROCESSORS)])
def test_a_record_comes_back_whole_for_the_reader_that_gave_it_up(stage: str, reader: Service) -> None:
    one = letter(stage, A + B, HEADERS)
    restored = restore(one, set())
    block = block_in(restored)
    assert (restored.partition, block.kind, block.value, block.reader) == (2, Kind.LOG, A + B, reader)
    assert block.segments == tuple(msgspec.structs.replace(s, keyed=False) for s in BOTH)
    assert restored.headers[0] == ("traceparent", b"00")
    assert (HEADER_REPLAY, one.identity.encode()) in restored.headers
    assert restored.batches == (Batch("default/a", bytes(15) + b"\1"), Batch("default/b", bytes(15) + b"\2"))


def test_of_a_failed_rule_only_the_failed_requests_come_back() -> None:
    restored = restore(letter("rules", A + B, HEADERS, extra=[failed(1)]), set())
    assert [s.agent_id for s in block_in(restored).segments] == ["b"]
    assert restored.value == B


def test_what_a_repeat_brought_meanwhile_is_left_out() -> None:
    counted = {Batch("default/a", (1).to_bytes(16))}
    whole = letter("rules", A + B, HEADERS)
    assert is_whole(whole)
    restored = restore(whole, counted)
    assert (restored.value, restored.left_out) == (B, 1)
    # A request on which a rule failed had its batch noted, so that its repeats did not count.
    one = letter("rules", A + B, HEADERS, extra=[failed(0)])
    assert not is_whole(one)
    assert restore(one, counted).value == A


def row(text: str = "x") -> bytes:
    prefix = row_prefix("default", "agent-7", NOW, bytes(range(16)))
    return encode_rows(prefix, [LogRow(LogLevel.INFO, text)]).removesuffix(b"\n")


def of_row(value: bytes, table: str = Table.AGENT_LOGS, origin: Origin | None = None) -> Letter:
    return letter("insert", value, origin=origin, extra=[(HEADER_TABLE, table.encode())])


def test_a_row_comes_back_as_a_block_of_its_kind_for_the_writer() -> None:
    block = block_in(restore(of_row(row()), set()))
    (only,) = block.segments
    assert (block.kind, block.value, block.reader) == (Kind.LOG, row() + b"\n", Service.WRITER)
    assert (only.agent_key, only.batch_id, only.received_at) == ("default/agent-7", bytes(range(16)), NOW)
    assert (only.keyed, only.lines) == (False, 1)


REFUSED = {
    "of a public topic": (of_row(row(), "alerts", Origin(Topic.ALERTS, 0, 1)), "as the latest of its key"),
    "of a table without a kind": (of_row(row(), "alerts"), "no kind of telemetry"),
    "a row of nobody": (of_row(b"{}"), "does not say whose it is"),
    "a row that is no JSON": (of_row(b"\xff"), "does not say whose it is"),
    "a row of a strange time": (
        of_row(row().replace(b'"received_at":"', b'"received_at":"x')),
        "whose it is",
    ),
    "a tick": (letter("rules", b"", block_headers(kind=Kind.TICK)), "nothing that agents sent"),
    "unreadable still": (letter("decode", A, HEADERS), "cannot read it either"),
}


@pytest.mark.parametrize("kind", REFUSED)
def test_what_cannot_be_sent_again_says_why(kind: str) -> None:
    one, reason = REFUSED[kind]
    with pytest.raises(NotReplayableError, match=reason):
        restore(one, set())


def test_a_letter_of_nobody_has_no_reader() -> None:
    stranger = letter("rules", A)
    lost = Letter(**{name: getattr(stranger, name) for name in Letter.__slots__} | {"origin": None})
    other = Letter(**{name: getattr(stranger, name) for name in Letter.__slots__} | {"stage": "delivery"})
    for one in (lost, other):
        with pytest.raises(NotReplayableError):
            reader_of(one)


def log_record(offset: int, headers: list[tuple[str, bytes]], value: bytes) -> LogRecord:
    return LogRecord(2, offset, NOW + offset, None, value, tuple(headers))


def test_a_failed_rule_and_the_replay_come_to_what_a_sound_rule_gives(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The other agents and the writer took the record the first time, and do not take it again."""

    def fail(
        state: AgentState,
        model: Calibration,
        evidence: SegmentEvidence,
        outputs: Outputs,
        governing: Governing,
    ) -> None:
        if state.agent_id == "b":
            raise ZeroDivisionError("boom")
        absorb_segment(state, model, evidence, outputs, governing)

    made = {
        agent: encode_rows(
            row_prefix("default", agent, NOW, batch.to_bytes(16)), [LogRow(LogLevel.ERROR, "x")]
        )
        for agent, batch in (("a", 1), ("b", 2))
    }
    value = b"".join(made.values())
    headers = block_headers(*(segment(agent, n + 1, rows) for n, (agent, rows) in enumerate(made.items())))
    sound, failing = Absorber(2), Absorber(2)
    sound.absorb(log_record(0, headers, value))
    with monkeypatch.context() as patch:
        patch.setattr(partition, "absorb_segment", fail)
        rejection = failing.absorb(log_record(0, headers, value)).rejection
    assert rejection is not None
    restored = restore(letter("rules", value, headers, extra=[failed(*rejection.segments)]), set())
    events = failing.absorb(log_record(1, restored.headers, restored.value)).events
    assert {subject_of(event.data) for event in events} == {"default/b"}
    wanted = {entry.key: msgspec.msgpack.decode(entry.payload or b"") for entry in sound.pack_all()}
    found = {entry.key: msgspec.msgpack.decode(entry.payload or b"") for entry in failing.pack_all()}
    assert found["default/a"] == wanted["default/a"]
    assert found["default/b"] != wanted["default/b"]  # taken a millisecond later

    rings = Rings()
    again = FakeRecord(1, restored.value, restored.headers)
    assert rows_of_chunk(Topic.TELEMETRY, [again], rings).tables == {}
