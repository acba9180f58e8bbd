"""Alert rules of a tenant, defaults too: create, list, show, put, delete."""

from typing import Annotated, NamedTuple

from fastapi import APIRouter, Depends, Path, Query, Response

from alert_engine.defaults import DEFAULT_TERMS
from query_api import errors
from query_api.dependencies import ConnectedServices, Governor, Reader
from query_api.offsets import announce_offsets
from query_api.openapi import CONTROL_READ_ERRORS, WRITE_ERRORS, problem_responses
from query_api.resources.alert_rules import (
    AlertRuleBody,
    AlertRuleDetails,
    AlertRuleList,
    NewAlertRule,
    TermsChange,
    details_of_rule,
)
from query_api.resources.values import Id, Parameters
from query_api.services import Services
from runtime.problems import ProblemError
from schemas.alert_rules import AlertRule

router = APIRouter(tags=["alerts"])

_ALL = "/api/v1/alert-rules"
_ONE = "/api/v1/alert-rules/{rule_id}"
_WRITTEN = (*WRITE_ERRORS, errors.NOT_FOUND, errors.CONFLICT)

RuleId = Annotated[Id, Path()]


def _rule_to_read(
    rule_id: RuleId,
    parameters: Annotated[Parameters, Query()],
    caller: Reader,
    services: ConnectedServices,
) -> AlertRule:
    return _find(services, caller.tenant_for(parameters.tenant), rule_id)


class AskedChange(NamedTuple):
    """The rule that is to be changed, and the version that it is expected to have."""

    rule: AlertRule
    version: int | None


def _asked_change(
    rule_id: RuleId,
    parameters: Annotated[TermsChange, Query()],
    caller: Governor,
    services: ConnectedServices,
) -> AskedChange:
    rule = _find(services, caller.tenant_for(parameters.tenant), rule_id)
    return AskedChange(rule, parameters.version)


@router.post(_ALL, status_code=201, responses=problem_responses(*WRITE_ERRORS, errors.CONFLICT))
async def create_rule(
    new: NewAlertRule,
    parameters: Annotated[Parameters, Query()],
    caller: Governor,
    services: ConnectedServices,
    response: Response,
) -> AlertRuleDetails:
    """Create a rule under an id of your choice; what agents report from now on counts for it."""
    rule, offsets = await services.control.alert_rules.create(
        caller.tenant_for(parameters.tenant), new.rule_id, new.terms(), by=caller.operator.operator_id
    )
    announce_offsets(response, offsets)
    response.headers["location"] = f"{_ALL}/{rule.rule_id}"
    return _details(rule)


@router.get(_ALL, responses=problem_responses(*CONTROL_READ_ERRORS))
async def list_rules(
    parameters: Annotated[Parameters, Query()], caller: Reader, services: ConnectedServices
) -> AlertRuleList:
    """List a tenant's rules by id, defaults too."""
    tenant_id = caller.tenant_for(parameters.tenant)
    rules = {rule_id: _default(tenant_id, rule_id) for rule_id in DEFAULT_TERMS}
    rules |= services.control.directory.alert_rules(tenant_id)
    return AlertRuleList(rules=[_details(rule) for _, rule in sorted(rules.items())])


@router.get(_ONE, responses=problem_responses(*CONTROL_READ_ERRORS, errors.NOT_FOUND))
async def show_rule(rule: Annotated[AlertRule, Depends(_rule_to_read)]) -> AlertRuleDetails:
    """Show a rule."""
    return _details(rule)


@router.put(_ONE, responses=problem_responses(*_WRITTEN))
async def put_rule(
    asked: Annotated[AskedChange, Depends(_asked_change)],
    body: AlertRuleBody,
    caller: Governor,
    services: ConnectedServices,
    response: Response,
) -> AlertRuleDetails:
    """Put a rule in the place of the one before, be it a default; what came before is not judged anew."""
    rule, offsets = await services.control.alert_rules.replace(
        asked.rule, body.terms(), by=caller.operator.operator_id, version=asked.version
    )
    announce_offsets(response, offsets)
    return _details(rule)


@router.delete(_ONE, status_code=204, responses=problem_responses(*_WRITTEN))
async def delete_rule(
    rule_id: RuleId,
    parameters: Annotated[Parameters, Query()],
    caller: Governor,
    services: ConnectedServices,
    response: Response,
) -> None:
    """Delete a rule, and resolve its alerts; a default is then as it was from the start."""
    rule = _find(services, caller.tenant_for(parameters.tenant), rule_id)
    if not rule.version:
        detail = f'{rule_id} is a default as it was given: to switch it off, put it with "enabled": false.'
        raise ProblemError(errors.CONFLICT, detail)
    offsets = await services.control.alert_rules.delete(rule, by=caller.operator.operator_id)
    announce_offsets(response, offsets)


def _find(services: Services, tenant_id: str, rule_id: str) -> AlertRule:
    rule = services.control.directory.alert_rules(tenant_id).get(rule_id)
    if rule is not None:
        return rule
    if rule_id in DEFAULT_TERMS:
        return _default(tenant_id, rule_id)
    raise ProblemError(errors.NOT_FOUND, f"There is no alert rule {rule_id} in tenant {tenant_id}.")


def _default(tenant_id: str, rule_id: str) -> AlertRule:
    """A default as it was given; nobody has written it at any time."""
    return AlertRule(tenant_id, rule_id, 0, DEFAULT_TERMS[rule_id], 0, "", 0, "", deleted=True)


def _details(rule: AlertRule) -> AlertRuleDetails:
    return details_of_rule(rule, is_default=rule.rule_id in DEFAULT_TERMS)
