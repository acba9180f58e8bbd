"""Every route of a real gateway under generated requests; `make fuzz` does the same for longer."""

from collections.abc import Iterator

import pytest

from ingest_gateway.otlp.routes import OTLP_ROUTES, OtlpRoute
from runtime.settings import KafkaAddress
from schemas.messages.registry import REPORT_ROUTES, ReportRoute
from tests.fuzz.campaign import Effort, Tally, fuzz
from tests.fuzz.targets import gateway_service
from tests.integration.gateway_process import serving_gateway

pytestmark = [pytest.mark.integration]

AGENT = "fuzzed"


@pytest.fixture(scope="module")
def tally(kafka_address: KafkaAddress, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Tally]:
    folder = tmp_path_factory.mktemp("gateway")
    with serving_gateway(kafka_address, folder, AGENT) as (process, reporter):
        service = gateway_service(process.base_url, reporter.token, AGENT, f"gov-{AGENT}")
        yield fuzz(service, Effort(seed=4, examples=5))
    assert "request_failed" not in process.log


def test_no_request_is_answered_with_5xx_or_not_at_all(tally: Tally) -> None:
    assert not tally.server_errors, tally.report()


def test_answers_are_as_described(tally: Tally) -> None:
    assert tally.failures == {}, tally.report()


@pytest.mark.parametrize("route", [*REPORT_ROUTES, *OTLP_ROUTES], ids=lambda route: route.name)
def test_each_route_has_taken_and_refused(route: ReportRoute | OtlpRoute, tally: Tally) -> None:
    statuses = {status for (label, status) in tally.answers if label == f"POST {route.path}"}
    assert statuses & {200, 202}
    assert any(400 <= status < 500 for status in statuses)
