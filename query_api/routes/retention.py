"""How long a tenant's rows are kept: read and put."""

from typing import Annotated, cast

from fastapi import APIRouter, Query, Response

from query_api import errors
from query_api.dependencies import ConnectedServices, Governor, Reader
from query_api.offsets import announce_offsets
from query_api.openapi import CONTROL_READ_ERRORS, WRITE_ERRORS, problem_responses
from query_api.resources.retention import NewRetention, RetentionReport, report_of
from query_api.resources.values import Parameters
from query_api.services import Services
from runtime.control_state import Entry
from schemas.retention import Retention
from schemas.topics import Topic

router = APIRouter(tags=["retention"])

_PATH = "/api/v1/retention"


@router.get(_PATH, responses=problem_responses(*CONTROL_READ_ERRORS))
async def show_retention(
    parameters: Annotated[Parameters, Query()], caller: Reader, services: ConnectedServices
) -> RetentionReport:
    """Show after how many days a tenant's rows go, by table."""
    return _report(services, caller.tenant_for(parameters.tenant))


@router.put(_PATH, responses=problem_responses(*WRITE_ERRORS, errors.CONFLICT))
async def put_retention(
    new: NewRetention,
    parameters: Annotated[Parameters, Query()],
    caller: Governor,
    services: ConnectedServices,
    response: Response,
) -> RetentionReport:
    """Put days by table in the place of those before; what is older goes within an hour, for good."""
    tenant_id, by = caller.tenant_for(parameters.tenant), caller.operator.operator_id
    announce_offsets(response, await services.control.retentions.put(tenant_id, new.days, by=by))
    return _report(services, tenant_id)


def _report(services: Services, tenant_id: str) -> RetentionReport:
    entry = services.control.reader.state.get(Topic.RETENTIONS, tenant_id)
    return report_of(tenant_id, cast("Entry[Retention] | None", entry))
