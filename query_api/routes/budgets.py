"""Budgets of a tenant: create, list, show, put, delete."""

from typing import Annotated, NamedTuple

from fastapi import APIRouter, Depends, Path, Query, Response

from query_api import errors
from query_api.dependencies import ConnectedServices, Governor, Reader
from query_api.offsets import announce_offsets
from query_api.openapi import CONTROL_READ_ERRORS, WRITE_ERRORS, problem_responses
from query_api.resources.alert_rules import TermsChange
from query_api.resources.budgets import BudgetBody, BudgetDetails, BudgetList, NewBudget
from query_api.resources.values import Id, Parameters
from query_api.services import Services
from runtime.problems import ProblemError
from schemas.budgets import Budget

router = APIRouter(tags=["costs"])

_ALL = "/api/v1/budgets"
_ONE = "/api/v1/budgets/{budget_id}"
_WRITTEN = (*WRITE_ERRORS, errors.NOT_FOUND, errors.CONFLICT)

BudgetId = Annotated[Id, Path()]


def _budget_to_read(
    budget_id: BudgetId,
    parameters: Annotated[Parameters, Query()],
    caller: Reader,
    services: ConnectedServices,
) -> Budget:
    return _find(services, caller.tenant_for(parameters.tenant), budget_id)


class AskedChange(NamedTuple):
    """The budget that is to be changed, and the version that it is expected to have."""

    budget: Budget
    version: int | None


def _asked_change(
    budget_id: BudgetId,
    parameters: Annotated[TermsChange, Query()],
    caller: Governor,
    services: ConnectedServices,
) -> AskedChange:
    budget = _find(services, caller.tenant_for(parameters.tenant), budget_id)
    return AskedChange(budget, parameters.version)


@router.post(_ALL, status_code=201, responses=problem_responses(*WRITE_ERRORS, errors.CONFLICT))
async def create_budget(
    new: NewBudget,
    parameters: Annotated[Parameters, Query()],
    caller: Governor,
    services: ConnectedServices,
    response: Response,
) -> BudgetDetails:
    """Create a budget under an id of your choice; what was spent in its period before counts too."""
    budget, offsets = await services.control.budgets.create(
        caller.tenant_for(parameters.tenant), new.budget_id, new.terms(), by=caller.operator.operator_id
    )
    announce_offsets(response, offsets)
    response.headers["location"] = f"{_ALL}/{budget.budget_id}"
    return BudgetDetails.of(budget)


@router.get(_ALL, responses=problem_responses(*CONTROL_READ_ERRORS))
async def list_budgets(
    parameters: Annotated[Parameters, Query()], caller: Reader, services: ConnectedServices
) -> BudgetList:
    """List a tenant's budgets, by id."""
    budgets = services.control.directory.budgets(caller.tenant_for(parameters.tenant))
    return BudgetList(budgets=[BudgetDetails.of(budget) for budget in budgets])


@router.get(_ONE, responses=problem_responses(*CONTROL_READ_ERRORS, errors.NOT_FOUND))
async def show_budget(budget: Annotated[Budget, Depends(_budget_to_read)]) -> BudgetDetails:
    """Show a budget."""
    return BudgetDetails.of(budget)


@router.put(_ONE, responses=problem_responses(*_WRITTEN))
async def put_budget(
    asked: Annotated[AskedChange, Depends(_asked_change)],
    body: BudgetBody,
    caller: Governor,
    services: ConnectedServices,
    response: Response,
) -> BudgetDetails:
    """Put a budget in the place of the one before; an alert that no longer holds ends."""
    budget, offsets = await services.control.budgets.replace(
        asked.budget, body.terms(), by=caller.operator.operator_id, version=asked.version
    )
    announce_offsets(response, offsets)
    return BudgetDetails.of(budget)


@router.delete(_ONE, status_code=204, responses=problem_responses(*_WRITTEN))
async def delete_budget(
    budget_id: BudgetId,
    parameters: Annotated[Parameters, Query()],
    caller: Governor,
    services: ConnectedServices,
    response: Response,
) -> None:
    """Delete a budget, which ends its alert; its id may be used again."""
    budget = _find(services, caller.tenant_for(parameters.tenant), budget_id)
    announce_offsets(response, await services.control.budgets.delete(budget, by=caller.operator.operator_id))


def _find(services: Services, tenant_id: str, budget_id: str) -> Budget:
    budget = services.control.directory.budget(tenant_id, budget_id)
    if budget is None:
        raise ProblemError(errors.NOT_FOUND, f"There is no budget {budget_id} in tenant {tenant_id}.")
    return budget
