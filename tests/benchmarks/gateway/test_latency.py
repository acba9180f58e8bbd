"""The table of answering times, and the verdict."""

from benchmarks.gateway.latency import EMPTY, Latency, latency_table, latency_verdicts

OURS = Latency("gateway-1", 1, 5000.0, 0.008, 0.030, 0)
EMPTY_ROUTE = Latency(EMPTY, 1, 5000.0, 0.001, 0.010, 0)


def test_each_server_has_a_row_over_all_rounds() -> None:
    lines = latency_table([OURS, EMPTY_ROUTE, OURS._replace(p99=0.020, failures=3)]).splitlines()
    assert lines[2] == "| 1, gateway-1 | 5,000 | 8.0 (8.0-8.0) | 25.0 (20.0-30.0) | 3 |"
    assert lines[3].startswith(f"| 1, {EMPTY} |")


def test_the_difference_of_the_medians_is_what_counts() -> None:
    assert latency_verdicts([OURS, EMPTY_ROUTE]) == [
        "1 events a request at half load: ack p99 +20.0 ms over the empty route; must +25: met"
    ]
    assert latency_verdicts([OURS._replace(p99=0.036), EMPTY_ROUTE])[0].endswith("not met")
    assert latency_verdicts([OURS]) == []
