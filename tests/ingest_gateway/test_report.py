"""Rows, stamps and receipts of a request."""

import msgspec
import pytest

from ingest_gateway.limits import Limits
from ingest_gateway.privacy_index import Privacy, compiled
from ingest_gateway.report import Report, Sender, build_report, receipt
from ingest_gateway.row_limits import RowLimits
from privacy.policy import DEFAULT, EffectivePolicy
from runtime.problems import ProblemError
from schemas.block import MAX_SEGMENT_BYTES, Kind, decode_block, encode_headers
from schemas.messages.cost import CostPayload
from schemas.messages.log import LogPayload
from schemas.messages.metrics import MetricsPayload
from schemas.messages.registry import REPORT_ROUTES, ReportRoute
from schemas.messages.values import LogLevel
from schemas.prices import BUILT_IN_VERSION
from schemas.privacy import PrivacyMode
from tests.ingest_gateway.fakes import NOW, identity

TRACE = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
PRIVACY = compiled(DEFAULT)
ROUTES = {route.name: route for route in REPORT_ROUTES}
METRICS = b"""{"agentId":"agent-1","metrics":{"interactions":1,"responseTime":2,
    "violations":[{"type":"t","severity":"low"},{"type":"u","severity":"high"}]}}"""


def log(**changes: object) -> LogPayload:
    body = {"agentId": "agent-1", "level": "info", "message": "m"} | changes
    return msgspec.convert(body, LogPayload)


def metrics() -> MetricsPayload:
    return msgspec.json.decode(METRICS, type=MetricsPayload)


def build(
    route: ReportRoute,
    *payloads: object,
    key: bytes | None = None,
    most: int = 100,
    privacy: Privacy = PRIVACY,
) -> Report:
    limits = RowLimits(Limits(max_events=most))
    return build_report(route, payloads, Sender(identity(), privacy, NOW, key, TRACE), limits)


def test_tokens_without_a_cost_are_priced() -> None:
    body = {"instance_id": "agent-1", "metric_type": "tokens_in", "amount": 1000, "model": "gpt-5-mini"}
    (part,) = build(ROUTES["cost"], msgspec.convert(body, CostPayload)).parts
    row = msgspec.json.decode(part.rows)
    assert (row["cost"], row["currency"], row["price_version"]) == ("0.00025", "USD", BUILT_IN_VERSION)


def test_rows_are_stamped_and_numbered() -> None:
    (part,) = build(ROUTES["log"], log(), log(message="n")).parts
    rows = [msgspec.json.decode(line) for line in part.rows.splitlines()]
    assert [(row["tenant_id"], row["agent_id"], row["seq"], row["message"]) for row in rows] == [
        ("acme", "agent-1", 0, "m"),
        ("acme", "agent-1", 1, "n"),
    ]
    assert (part.segment.lines, part.segment.traceparent) == (2, TRACE)
    assert decode_block(encode_headers(part.kind, [part.segment]), part.rows).segments == (part.segment,)


@pytest.mark.parametrize(
    ("claims", "tag"),
    [
        ({}, None),
        ({"tenant_id": "acme"}, None),
        ({"tenant_id": "umbrella"}, "other-tenant"),
        ({"instance_id": "agent-2"}, "other-agent"),
    ],
)
@pytest.mark.parametrize(
    ("route", "fields"),
    [("event", {"event_type": "RunStart"}), ("cost", {"metric_type": "tokens_in", "amount": "1"})],
)
def test_an_event_names_no_other_tenant_or_agent(
    route: str, fields: dict[str, str], claims: dict[str, str], tag: str | None
) -> None:
    body = {"instance_id": "agent-1", **fields, **claims}
    payload = msgspec.convert(body, ROUTES[route].payload)
    if tag is None:
        assert build(ROUTES[route], payload).accepted == 1
        return
    with pytest.raises(ProblemError) as refused:
        build(ROUTES[route], payload, payload)
    assert refused.value.kind.tag == tag
    assert refused.value.errors[0]["field"] == next(iter(claims))


def test_violations_of_metrics_are_rows_of_their_own() -> None:
    report = build(ROUTES["metrics"], metrics(), metrics(), key=b"k")
    assert [(part.kind, part.segment.lines) for part in report.parts] == [
        (Kind.METRICS, 2),
        (Kind.VIOLATION, 4),
    ]
    assert report.parts[0].segment.batch_id != report.parts[1].segment.batch_id
    assert all(part.segment.keyed for part in report.parts)


def test_a_kind_without_rows_makes_no_part() -> None:
    payload = metrics()
    payload.metrics.violations = []
    assert [part.kind for part in build(ROUTES["metrics"], payload).parts] == [Kind.METRICS]


def test_the_receipt_counts_events_and_rows() -> None:
    report = build(ROUTES["metrics"], metrics())
    body = msgspec.json.decode(receipt(report))
    assert (body["accepted"], body["rows"]) == (1, {"metrics": 1, "violation": 2})
    assert body["batch_id"].replace("-", "") == report.parts[0].segment.batch_id.hex()


def test_another_agents_event_is_refused_with_its_index() -> None:
    with pytest.raises(ProblemError) as refused:
        build(ROUTES["log"], log(), log(agentId="agent-2"))
    assert refused.value.kind.tag == "other-agent"
    assert refused.value.errors[0]["index"] == 1


def test_what_only_the_row_refuses_is_named_too() -> None:
    with pytest.raises(ProblemError) as refused:
        build(ROUTES["log"], log(), log(timestamp="2999-01-01T00:00:00Z"))
    assert refused.value.kind.tag == "bad-fields"
    assert (refused.value.errors[0]["index"], refused.value.errors[0]["field"]) == (1, "timestamp")


def test_a_nested_row_that_cannot_be_stored_is_named_too() -> None:
    body = METRICS.replace(b'"low"', b'"low","timestamp":"2999-01-01T00:00:00Z"')
    with pytest.raises(ProblemError) as refused:
        build(ROUTES["metrics"], metrics(), msgspec.json.decode(body, type=MetricsPayload))
    assert refused.value.errors[0]["index"] == 1


def test_rows_of_all_kinds_count_for_the_limit() -> None:
    build(ROUTES["metrics"], metrics(), most=3)
    with pytest.raises(ProblemError) as refused:
        build(ROUTES["metrics"], metrics(), most=2)
    assert refused.value.kind.tag == "too-many-events"


def test_a_row_that_is_too_large_is_refused_with_its_index() -> None:
    with pytest.raises(ProblemError) as refused:
        build(ROUTES["log"], log(), log(context=["x" * 60_000] * 5))
    assert (refused.value.kind.tag, refused.value.errors[0]["index"]) == ("event-too-large", 1)


def test_rows_that_do_not_fit_into_one_record_are_refused() -> None:
    payload = log(message="x" * 65_536)
    with pytest.raises(ProblemError) as refused:
        build(ROUTES["log"], *[payload] * (MAX_SEGMENT_BYTES // 65_536), most=1000)
    assert refused.value.kind.tag == "events-too-large"


MASKING = compiled(EffectivePolicy(personal_data=PrivacyMode.MASK, min_log_level=LogLevel.WARN))


def test_texts_are_masked_as_the_senders_policy_says() -> None:
    masked = build(
        ROUTES["log"], log(level="warn", message="to a@b.co", context={"x": ["a@b.co"]}), privacy=MASKING
    )
    (row,) = map(msgspec.json.decode, masked.parts[0].rows.splitlines())
    assert (row["message"], row["context"]) == ("to [email]", {"x": ["[email]"]})
    kept = build(ROUTES["log"], log(message="to a@b.co, password=hunter2"))
    (row,) = map(msgspec.json.decode, kept.parts[0].rows.splitlines())
    assert row["message"] == "to a@b.co, password=[secret]"


def test_log_entries_below_the_floor_are_taken_and_dropped() -> None:
    report = build(ROUTES["log"], log(level="info"), log(level="error"), log(level="debug"), privacy=MASKING)
    body = msgspec.json.decode(receipt(report))
    assert (body["accepted"], body["rows"], body["dropped"]) == (3, {"log": 1}, 2)
    (row,) = map(msgspec.json.decode, report.parts[0].rows.splitlines())
    assert (row["seq"], row["level"]) == (0, "error")


def test_a_request_of_which_all_is_dropped_has_no_batch() -> None:
    report = build(ROUTES["log"], log(), privacy=MASKING)
    assert msgspec.json.decode(receipt(report)) == {"accepted": 1, "rows": {}, "batch_id": None, "dropped": 1}


def test_a_text_that_masking_makes_longer_is_not_too_long() -> None:
    hashing = compiled(EffectivePolicy(personal_data=PrivacyMode.HASH, hash_key="0f" * 32))
    report = build(ROUTES["log"], log(context={"seen": "::1 " * 16_000}), privacy=hashing)
    assert len(report.parts[0].rows) > 200_000
