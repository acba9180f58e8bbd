"""The same thing is asked for once at a time."""

import uuid

import msgspec
import pytest

from query_api import errors
from query_api.erasure_registrar import ErasureRegistrar
from runtime.problems import ProblemError
from runtime.settings import KafkaAddress
from schemas.erasures import ErasureMode, ErasureState
from tests.query_api.registrars import connected

pytestmark = pytest.mark.integration


async def test_an_erasure_that_is_not_done_is_not_asked_for_again(control_kafka: KafkaAddress) -> None:
    # Tenants of nobody: no runner on this broker finds anything of theirs.
    tenant, value = f"erased-{uuid.uuid4().hex[:8]}", "bob@example.com"
    async with connected(control_kafka) as process:
        registrar = ErasureRegistrar(process.directory, process.records)
        wish = {"agent_id": None, "value": value, "mode": ErasureMode.ERASE, "reason": "", "by": "tests"}
        first, _ = await registrar.request(tenant, **wish)  # type: ignore[arg-type] # as named above
        assert process.directory.erasure(tenant, first.erasure_id) is not None
        with pytest.raises(ProblemError) as refused:
            await registrar.request(tenant, **wish)  # type: ignore[arg-type] # as named above
        assert refused.value.kind is errors.CONFLICT
        other, _ = await registrar.request(f"{tenant}-2", **wish)  # type: ignore[arg-type] # as named above
        assert other.erasure_id != first.erasure_id
        for erasure in (first, other):
            await process.records.change(
                erasure, lambda found: msgspec.structs.replace(found, state=ErasureState.DONE)
            )
        again, _ = await registrar.request(tenant, **wish)  # type: ignore[arg-type] # as named above
        assert [found.erasure_id for found in process.directory.erasures(tenant)] == [
            first.erasure_id,
            again.erasure_id,
        ]
        await process.records.change(
            again, lambda found: msgspec.structs.replace(found, state=ErasureState.DONE)
        )
