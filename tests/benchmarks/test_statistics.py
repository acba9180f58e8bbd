"""The benchmark's arithmetic."""

import math

from benchmarks.load import Accepted
from benchmarks.statistics import histogram_percentile, percentile, sql_delays, trust_delays


def request(batch_id: str, due: float, answered: float) -> Accepted:
    return Accepted("a", batch_id, due, answered, 1)


def test_percentiles_are_values_that_were_seen() -> None:
    values = [float(number) for number in range(1, 101)]
    assert percentile(values, 0.5) == 51.0
    assert percentile(values, 0.99) == 100.0
    assert percentile(values, 1.0) == 100.0
    assert math.isnan(percentile([], 0.5))


def test_a_request_that_was_never_seen_is_counted_not_ignored() -> None:
    delays, missing = sql_delays([request("x", 1, 2), request("y", 1, 2)], {"x": 2.5})
    assert delays == [0.5]
    assert missing == 1


def test_the_first_score_that_covers_a_request_counts() -> None:
    moves = {"a": [(1.0, 1.5), (3.0, 3.2), (4.0, 4.1)]}
    delays, unpublished = trust_delays([request("x", 2.0, 2.2), request("y", 5.0, 5.1)], moves)
    assert delays == [1.0]
    assert unpublished == 1


def test_a_percentile_of_a_histogram_is_a_bound_that_holds() -> None:
    cumulative = {0.1: 50.0, 0.5: 98.0, 1.0: 99.0, float("inf"): 100.0}
    assert histogram_percentile(cumulative, 0.5) == 0.1
    assert histogram_percentile(cumulative, 0.99) == 1.0
    assert histogram_percentile(cumulative, 1.0) == float("inf")
    assert math.isnan(histogram_percentile({}, 0.5))
