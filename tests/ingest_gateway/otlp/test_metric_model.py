"""Which fields of metrics are left out on purpose."""

from opentelemetry.proto.metrics.v1 import metrics_pb2

from ingest_gateway.otlp import metric_model


def test_of_a_metric_only_its_metadata_is_left_out() -> None:
    official = set(metrics_pb2.Metric.DESCRIPTOR.fields_by_name)
    assert official - set(metric_model.Metric.__struct_fields__) == {"metadata"}


def test_points_are_read_whole() -> None:
    for model, official in (
        (metric_model.NumberPoint, metrics_pb2.NumberDataPoint),
        (metric_model.HistogramPoint, metrics_pb2.HistogramDataPoint),
        (metric_model.ExponentialPoint, metrics_pb2.ExponentialHistogramDataPoint),
        (metric_model.SummaryPoint, metrics_pb2.SummaryDataPoint),
        (metric_model.Buckets, metrics_pb2.ExponentialHistogramDataPoint.Buckets),
        (metric_model.Quantile, metrics_pb2.SummaryDataPoint.ValueAtQuantile),
    ):
        assert set(model.__struct_fields__) == set(official.DESCRIPTOR.fields_by_name)
