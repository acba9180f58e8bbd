"""Whatever a reporting route is sent, its rows can be written or it is refused: never a failure of ours."""

import copy
from typing import Any

import msgspec
import orjson
from hypothesis import given
from hypothesis import strategies as st

from ingest_gateway.decode import PayloadDecoder
from ingest_gateway.limits import Limits
from ingest_gateway.privacy_index import compiled
from ingest_gateway.report import Sender, build_report
from ingest_gateway.row_limits import RowLimits
from privacy.policy import DEFAULT
from runtime.problems import ProblemError
from schemas.messages.registry import REPORT_ROUTES, ReportRoute
from tests.ingest_gateway.fakes import AGENT, NOW, identity
from tests.schemas.examples import VALID, Example

LIMITS = Limits(max_events=50, max_event_bytes=4_096, max_values=1_000)
ROW_LIMITS = RowLimits(LIMITS)
SENDER = Sender(identity(), compiled(DEFAULT), NOW, None, "")
DECODERS: dict[str, PayloadDecoder[Any]] = {
    route.name: PayloadDecoder(route.payload, LIMITS) for route in REPORT_ROUTES
}
NAMES = {"agentId": AGENT.agent_id, "instance_id": AGENT.agent_id, "tenant_id": AGENT.tenant_id}


def own(payload: dict[str, Any]) -> dict[str, Any]:
    """The payload as the agent of these tests would send it."""
    return payload | {name: value for name, value in NAMES.items() if name in payload}


def outcome(route: ReportRoute, body: bytes, *, lines: bool) -> str:
    """The error's tag, or "taken" when every row is a line of the agent's own; else the test fails."""
    try:
        payloads = DECODERS[route.name].decode(body, lines=lines)
        parts = build_report(route, payloads, SENDER, ROW_LIMITS).parts
        refusal = None
    except ProblemError as problem:
        parts, refusal = [], problem.kind
    assert refusal is None or 400 <= refusal.status < 500
    for part in parts:
        rows = [msgspec.json.decode(line) for line in part.rows.split(b"\n")[:-1]]
        assert len(rows) == part.segment.lines
        assert {(row["tenant_id"], row["agent_id"]) for row in rows} == {(AGENT.tenant_id, AGENT.agent_id)}
        assert [row["seq"] for row in rows] == list(range(len(rows)))
    return "taken" if refusal is None else refusal.tag


examples = st.sampled_from(VALID)


@given(examples, st.integers(1, 3), st.booleans())
def test_the_examples_are_taken_in_every_form(example: Example, count: int, lines: bool) -> None:
    event = orjson.dumps(own(example.payload))
    joined = b"\n".join([event] * count) if lines else b"[" + b",".join([event] * count) + b"]"
    assert outcome(example.route, joined, lines=lines) == "taken"


@given(examples, st.data())
def test_some_bytes_changed(example: Example, data: st.DataObject) -> None:
    body = bytearray(orjson.dumps(own(example.payload)))
    for _ in range(data.draw(st.integers(1, 6))):
        body[data.draw(st.integers(0, len(body) - 1))] = data.draw(st.integers(0, 255))
    outcome(example.route, bytes(body), lines=data.draw(st.booleans()))


@given(examples, examples, st.data())
def test_halves_of_two_bodies(one: Example, other: Example, data: st.DataObject) -> None:
    first, second = (orjson.dumps([own(example.payload)] * 2) for example in (one, other))
    body = first[: data.draw(st.integers(0, len(first)))] + second[data.draw(st.integers(0, len(second))) :]
    outcome(one.route, body, lines=data.draw(st.booleans()))


ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**70), 2**70) | st.floats() | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner, max_size=3),
    max_leaves=6,
)


@given(examples, st.data())
def test_a_value_of_any_other_type(example: Example, data: st.DataObject) -> None:
    payload = copy.deepcopy(own(example.payload))
    node: Any = payload
    while True:
        name = data.draw(st.sampled_from(sorted(node) if isinstance(node, dict) else range(len(node))))
        if not isinstance(node[name], dict | list) or not node[name] or data.draw(st.booleans()):
            break
        node = node[name]
    node[name] = data.draw(ANY_JSON)
    outcome(example.route, msgspec.json.encode(payload), lines=False)


@given(examples, st.dictionaries(st.text(max_size=9), ANY_JSON, max_size=4), st.booleans())
def test_fields_that_nobody_knows(example: Example, fields: dict[str, Any], first: bool) -> None:
    payload = own(example.payload)
    body = msgspec.json.encode(fields | payload if first else payload | fields)
    unknown = not fields.keys() <= payload.keys()
    assert not unknown or outcome(example.route, body, lines=False) != "taken"
