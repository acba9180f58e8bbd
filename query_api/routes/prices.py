"""The price table of a tenant: show, put, delete."""

from typing import Annotated, cast

from fastapi import APIRouter, Query, Response

from query_api import errors
from query_api.dependencies import ConnectedServices, Governor, Reader
from query_api.offsets import announce_offsets
from query_api.openapi import CONTROL_READ_ERRORS, WRITE_ERRORS, problem_responses
from query_api.resources.prices import NewPrices, PriceChange, PriceReport, report_of
from query_api.resources.values import Parameters
from query_api.services import Services
from schemas.prices import PriceTable
from schemas.topics import Topic

router = APIRouter(tags=["costs"])

_PATH = "/api/v1/prices"


@router.get(_PATH, responses=problem_responses(*CONTROL_READ_ERRORS))
async def show_prices(
    parameters: Annotated[Parameters, Query()], caller: Reader, services: ConnectedServices
) -> PriceReport:
    """Show the prices by which tokens are charged whose cost agents do not tell."""
    return _report(services, caller.tenant_for(parameters.tenant))


@router.put(_PATH, responses=problem_responses(*WRITE_ERRORS, errors.CONFLICT))
async def put_prices(
    new: NewPrices,
    parameters: Annotated[PriceChange, Query()],
    caller: Governor,
    services: ConnectedServices,
    response: Response,
) -> PriceReport:
    """Put a table in the place of the one before; what comes from now on is charged by it, nothing anew."""
    tenant_id, by = caller.tenant_for(parameters.tenant), caller.operator.operator_id
    offsets = await services.control.prices.put(
        tenant_id, new.currency, new.model_prices(), by=by, version=parameters.version
    )
    announce_offsets(response, offsets)
    return _report(services, tenant_id)


@router.delete(_PATH, responses=problem_responses(*WRITE_ERRORS, errors.CONFLICT))
async def delete_prices(
    parameters: Annotated[Parameters, Query()],
    caller: Governor,
    services: ConnectedServices,
    response: Response,
) -> PriceReport:
    """Go back to the prices that come with the release."""
    tenant_id = caller.tenant_for(parameters.tenant)
    announce_offsets(
        response, await services.control.prices.delete(tenant_id, by=caller.operator.operator_id)
    )
    return _report(services, tenant_id)


def _report(services: Services, tenant_id: str) -> PriceReport:
    entry = services.control.reader.state.get(Topic.PRICES, tenant_id)
    return report_of(tenant_id, None if entry is None else cast("PriceTable", entry.data))
