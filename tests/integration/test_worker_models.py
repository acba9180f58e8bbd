"""A changed trust model reaches every partition's log, holds from there, and is the same in a replay."""

import pytest

from runtime.control_log import ControlReader
from runtime.control_writer import ControlWriter
from runtime.settings import KafkaAddress
from schemas.control import TrustModel
from schemas.derived import TrustScore
from schemas.topics import Topic
from schemas.trust_model import IncidentParameters, TrustParameters
from tests.integration.stream_process import until
from tests.integration.telemetry_feed import Fleet, send
from tests.integration.worker_oracle import assert_equals_replay, read_events
from tests.integration.worker_process import WorkerProcess

pytestmark = [pytest.mark.integration, pytest.mark.fault, pytest.mark.timeout(180)]

TENANT = "models"


async def put(address: KafkaAddress, model: TrustModel) -> None:
    """Write a model as the query API does."""
    reader = ControlReader(address, {Topic.TRUST_MODELS: TrustModel}, "test-models")
    writer = ControlWriter(address, reader, "test-models")
    await reader.start()
    await writer.start()
    try:
        entry = reader.state.get(Topic.TRUST_MODELS, model.tenant_id)
        await writer.put(Topic.TRUST_MODELS, model.tenant_id, model, replaces=entry.version if entry else 0)
    finally:
        await writer.stop()
        await reader.stop()


async def versions(address: KafkaAddress) -> set[int]:
    """Of the models that this tenant's published scores were made with."""
    scores = [event.data for event in await read_events(address) if isinstance(event.data, TrustScore)]
    return {score.model_version for score in scores if score.tenant_id == TENANT}


async def test_a_model_holds_from_its_place_in_the_log_across_a_kill(
    topics: KafkaAddress, worker: WorkerProcess
) -> None:
    fleet = Fleet("models", agents=20, seed=11, tenant=TENANT)
    worker.start()
    await worker.has_stored(await send(topics, fleet.blocks(60)))
    assert await versions(topics) == {0}
    strict = TrustParameters(incidents=IncidentParameters(threshold=4.0))
    await put(topics, TrustModel(TENANT, strict, 1, "admin"))

    async def arrived() -> bool:
        await worker.has_stored(await send(topics, fleet.blocks(20)))
        return 1 in await versions(topics)

    await until("scores are made with the new model", arrived)
    worker.kill()
    await put(topics, TrustModel(TENANT, TrustParameters(), 2, "admin"))
    worker.start()
    await worker.ready()

    async def changed() -> bool:
        await worker.has_stored(await send(topics, fleet.blocks(20)))
        return 2 in await versions(topics)

    await until("scores are made with the newest model", changed)
    assert await worker.stop() == 0
    await assert_equals_replay(topics)
