"""The trust model of a tenant: read and put."""

from typing import Annotated, cast

from fastapi import APIRouter, Query, Response

from query_api import errors
from query_api.dependencies import ConnectedServices, Governor, Reader
from query_api.offsets import announce_offsets
from query_api.openapi import CONTROL_READ_ERRORS, WRITE_ERRORS, problem_responses
from query_api.resources.trust_models import NewTrustModel, TrustModelReport, report_of
from query_api.resources.values import Parameters
from query_api.services import Services
from runtime.control_state import Entry
from schemas.control import TrustModel
from schemas.topics import Topic

router = APIRouter(tags=["agents"])

_PATH = "/api/v1/trust-model"


@router.get(_PATH, responses=problem_responses(*CONTROL_READ_ERRORS))
async def show_trust_model(
    parameters: Annotated[Parameters, Query()], caller: Reader, services: ConnectedServices
) -> TrustModelReport:
    """Show the parameters of a tenant's trust scores, each of which names the version it was made with."""
    return _report(services, caller.tenant_for(parameters.tenant))


@router.put(_PATH, responses=problem_responses(*WRITE_ERRORS, errors.CONFLICT))
async def put_trust_model(
    new: NewTrustModel,
    parameters: Annotated[Parameters, Query()],
    caller: Governor,
    services: ConnectedServices,
    response: Response,
) -> TrustModelReport:
    """Put parameters in the place of those before; scores follow within half a minute."""
    tenant_id, by = caller.tenant_for(parameters.tenant), caller.operator.operator_id
    offsets = await services.control.trust_models.put(tenant_id, new.parameters, by=by)
    announce_offsets(response, offsets)
    return _report(services, tenant_id)


def _report(services: Services, tenant_id: str) -> TrustModelReport:
    entry = services.control.reader.state.get(Topic.TRUST_MODELS, tenant_id)
    return report_of(tenant_id, cast("Entry[TrustModel] | None", entry))
