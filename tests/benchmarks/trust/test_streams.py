"""A simulated agent's requests: in the order of time, until it falls silent, and liars lie."""

from itertools import islice, pairwise
from typing import cast

from benchmarks.trust.conducts import Label, make_agent
from benchmarks.trust.streams import requests
from schemas.block import Kind
from stream_processors.rules.evidence import EventRow


def test_requests_come_in_the_order_of_time_and_end_with_silence() -> None:
    agent = make_agent(Label.SILENT, "streams")
    times = [request.time for request in requests(agent)]
    assert all(earlier <= later for earlier, later in pairwise(times))
    assert agent.onset - 10 < times[-1] < agent.onset


def test_only_liars_claim_what_failed_for_a_success() -> None:
    claims = {}
    for label in (Label.NOISY, Label.LIAR):
        stream = (request for request in requests(make_agent(label, "streams")) if request.failed)
        failed = list(islice(stream, 150))
        calls = [cast("list[EventRow]", r.rows)[1] for r in failed if r.kind is Kind.EVENT]
        claims[label] = sum(bool(call.success) for call in calls) / len(calls)
    assert claims[Label.NOISY] == 0.0
    assert 0.3 < claims[Label.LIAR] < 0.8
