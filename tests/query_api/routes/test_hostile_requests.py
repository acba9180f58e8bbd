"""Every route of the query API under generated requests; `make fuzz` does the same for longer."""

import pytest

from tests.fuzz.campaign import Effort, fuzz
from tests.fuzz.targets import query_service
from tests.query_api.api_process import ADMIN, QueryApiProcess

pytestmark = [pytest.mark.integration, pytest.mark.timeout(600)]

# Not the one of tests.fuzz: a worker of the suite may run both against one broker.
AGENT = "asked-anything"


def test_no_request_is_answered_with_5xx_or_not_at_all(query_api: QueryApiProcess) -> None:
    with query_api.client() as client:
        client.post("/api/v1/agents", json={"agent_id": AGENT})
    tally = fuzz(query_service(query_api.url, ADMIN, AGENT), Effort(seed=4, examples=5))
    assert not tally.server_errors, tally.report()
    asked = {label for label, _ in tally.answers}
    assert {"GET /api/v1/fleet", "POST /api/v1/log-downloads", "GET /api/v1/events"} <= asked
