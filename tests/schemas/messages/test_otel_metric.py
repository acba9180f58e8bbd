"""A metric point is encoded with the columns of its type only."""

import msgspec

from schemas.messages.otel_metric import OtelMetricRow, OtelMetricType, Temporality


def test_a_gauge_has_no_buckets() -> None:
    row = OtelMetricRow("queue.size", OtelMetricType.GAUGE, value=3.5)
    assert msgspec.json.encode(row) == b'{"metric_name":"queue.size","metric_type":"gauge","value":3.5}'


def test_rows_do_not_share_their_lists() -> None:
    one, other = (OtelMetricRow("m", OtelMetricType.SUM) for _ in range(2))
    one.bucket_counts.append(1)
    one.attributes["a"] = 1
    assert (other.bucket_counts, other.attributes) == ([], {})


def test_temporality_is_left_out_where_it_is_not_said() -> None:
    row = OtelMetricRow("m", OtelMetricType.SUM, temporality=Temporality.DELTA)
    assert b'"temporality":"delta"' in msgspec.json.encode(row)
    row.temporality = Temporality.UNSPECIFIED
    assert b"temporality" not in msgspec.json.encode(row)
