"""A fleet's blocks are what the processors read without a rejection, and hold what they say."""

from benchmarks.processors.fleet import Fleet, Made, Shape
from schemas.block import Kind, decode_block
from schemas.derived import Alert
from stream_processors.absorbing import Absorber
from stream_processors.log_record import LogRecord

PARTITIONS = 4


def absorb(absorbers: dict[int, Absorber], made: Made) -> list[object]:
    """Absorb a record as the next of its partition; what follows from it."""
    record = made.record
    assert record.partition is not None
    absorber = absorbers.setdefault(record.partition, Absorber(record.partition))
    segments = decode_block(record.headers, record.value).segments
    now = max((segment.received_at for segment in segments), default=0)
    absorbed = absorber.absorb(
        LogRecord(record.partition, absorber.fence + 1, now, None, record.value, tuple(record.headers))
    )
    assert absorbed.rejection is None
    assert absorbed.rows == made.events
    return [event.data for event in absorbed.events]


def test_first_reports_make_every_agent_known() -> None:
    absorbers: dict[int, Absorber] = {}
    for made in Fleet(250, PARTITIONS, seed=1).first_reports():
        absorb(absorbers, made)
    assert sum(absorber.agents for absorber in absorbers.values()) == 250


def test_blocks_have_their_shape_and_all_kinds() -> None:
    fleet = Fleet(40, PARTITIONS, seed=1)
    absorbers: dict[int, Absorber] = {}
    kinds = set()
    for shape in (Shape(1, 100), Shape(100, 1), Shape(1, 1)):
        for made in fleet.blocks(shape, 2000):
            block = decode_block(made.record.headers, made.record.value)
            kinds.add(block.kind)
            if block.kind is Kind.LOG:
                assert [segment.lines for segment in block.segments] == [shape.events] * shape.requests
        for made in fleet.blocks(shape, 100):
            absorb(absorbers, made)
    assert kinds == {Kind.LOG, Kind.EVENT, Kind.COST, Kind.HEARTBEAT, Kind.METRICS, Kind.VIOLATION}


def test_everybody_is_heard_of_once_and_has_a_heartbeat_in_a_round() -> None:
    fleet = Fleet(250, PARTITIONS, seed=1)
    rounds = [
        list(fleet.signs_of_life()),
        [made for turn in range(7) for made in fleet.heartbeats(turn / 7, (turn + 1) / 7)],
    ]
    for made_of_all in rounds:
        blocks = [decode_block(made.record.headers, made.record.value) for made in made_of_all]
        keys = [segment.agent_key for block in blocks for segment in block.segments]
        assert len(set(keys)) == len(keys) == 250


def test_a_critical_violation_is_an_alert_of_its_agent() -> None:
    fleet = Fleet(40, PARTITIONS, seed=1)
    agent_id, made = fleet.critical(7)
    alerts = [one for one in absorb({}, made) if isinstance(one, Alert)]
    assert [alert.agent_id for alert in alerts] == [agent_id]
    assert fleet.critical(8)[0] != agent_id
