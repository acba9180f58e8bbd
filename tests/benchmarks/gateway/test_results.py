"""The comparison's arithmetic and tables."""

from dataclasses import replace

from benchmarks.gateway.results import Case, Sample, markdown, spread, throughput_table, verdicts

HUNDRED = Case(100, 256)
SAMPLE = Sample("gateway-1", HUNDRED, 2.0, 1_000_000, 1_010_000, 0, 4.04, 1.01, 0.02)


def test_rates_count_what_was_acknowledged_and_cpu_what_was_stored() -> None:
    assert SAMPLE.rate == 500_000
    assert SAMPLE.server_cpu_per_million == 4.0
    assert SAMPLE.broker_cpu_per_million == 1.0


def test_kafka_may_have_more_only_of_what_has_no_good_answer() -> None:
    under_way = HUNDRED.events * HUNDRED.connections
    assert SAMPLE.is_accounted_for
    assert not replace(SAMPLE, stored=SAMPLE.acknowledged - 1).is_accounted_for
    assert replace(SAMPLE, stored=SAMPLE.acknowledged + under_way).is_accounted_for
    assert not replace(SAMPLE, stored=SAMPLE.acknowledged + under_way + 1).is_accounted_for
    assert replace(SAMPLE, stored=SAMPLE.acknowledged + under_way + 1, failures=1).is_accounted_for


def test_a_spread_shows_the_middle_and_the_ends() -> None:
    assert spread([3.0, 1.0, 2.0]).text(".1f") == "2.0 (1.0-3.0)"


def test_a_table_is_markdown() -> None:
    assert markdown(("a", "b"), [("x", "1")]) == "| a | b |\n| --- | ---: |\n| x | 1 |"


def test_servers_are_compared_by_their_medians() -> None:
    theirs = replace(SAMPLE, server="collector", acknowledged=500_000, stored=500_000)
    table = throughput_table([theirs, SAMPLE, replace(SAMPLE, seconds=1.0, failures=2)], "collector")
    rows = [line.split(" | ") for line in table.splitlines()[2:]]
    assert [row[0] for row in rows] == ["| 100, 256, collector", "| 100, 256, gateway-1"]
    assert rows[1][1:3] == ["750,000 (500,000-1,000,000)", "3.00"]
    assert rows[1][-1] == "2 |"


def test_a_requirement_is_met_or_not() -> None:
    theirs = replace(SAMPLE, server="collector", acknowledged=500_000)
    assert verdicts([SAMPLE, theirs], "gateway-1", "collector") == [
        "gateway-1, 100 events a request, 256 connections: 2.00 x the collector; must 1: met; aim 3: not met"
    ]
    assert verdicts([SAMPLE], "gateway-1", "collector") == []
