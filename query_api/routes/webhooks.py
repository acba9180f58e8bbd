"""Webhooks: create, list, show, change, rotate the secret, test, delete; what was delivered.

All of it is for those who govern: a URL may itself be a secret, as those of chats are.
"""

from typing import Annotated

from fastapi import APIRouter, Body, Depends, Query, Response

from query_api import errors
from query_api.cursors import EventCursor, decode_cursor
from query_api.database import Row
from query_api.dependencies import ConnectedServices, Governor
from query_api.offsets import announce_offsets
from query_api.openapi import CONTROL_READ_ERRORS, READ_ERRORS, WRITE_ERRORS, problem_responses
from query_api.paging import event_cursor, split_page
from query_api.private_answers import forbid_storing
from query_api.queries import webhooks
from query_api.resources.values import Parameters
from query_api.resources.webhooks import (
    Delivery,
    DeliveryPage,
    DeliveryParameters,
    NewWebhook,
    SecretRotation,
    SentTest,
    WebhookChange,
    WebhookDetails,
    WebhookList,
    WebhookWithSecret,
)
from query_api.services import Services
from query_api.webhook_registrar import Issued
from runtime.problems import ProblemError
from schemas.webhooks import Webhook

router = APIRouter(tags=["webhooks"])

_PATH = "/api/v1/webhooks"
_ONE = _PATH + "/{webhook_id}"
_CREATE_ERRORS = problem_responses(*WRITE_ERRORS, errors.CONFLICT)
_CHANGE_ERRORS = problem_responses(*WRITE_ERRORS, errors.NOT_FOUND, errors.CONFLICT)

TenantParameters = Annotated[Parameters, Query()]


def _webhook(
    webhook_id: str, parameters: TenantParameters, caller: Governor, services: ConnectedServices
) -> Webhook:
    return _find(services, caller.tenant_for(parameters.tenant), webhook_id)


WebhookOfPath = Annotated[Webhook, Depends(_webhook)]


@router.post(_PATH, status_code=201, responses=_CREATE_ERRORS)
async def create_webhook(
    new: NewWebhook,
    parameters: TenantParameters,
    caller: Governor,
    services: ConnectedServices,
    response: Response,
) -> WebhookWithSecret:
    """Create a webhook, told of what happens from now on; its secret is shown only here."""
    tenant_id = caller.tenant_for(parameters.tenant)
    _check_url(services, new.url)
    issued = await services.control.webhooks.create(tenant_id, new.wish(), by=caller.operator.operator_id)
    return _shown_once(response, issued)


@router.get(_PATH, responses=problem_responses(*CONTROL_READ_ERRORS))
async def list_webhooks(
    parameters: TenantParameters, caller: Governor, services: ConnectedServices
) -> WebhookList:
    """List the webhooks of a tenant, oldest first, without their secrets."""
    found = services.control.directory.webhooks(caller.tenant_for(parameters.tenant))
    return WebhookList(webhooks=[WebhookDetails.of(webhook) for webhook in found])


@router.get(_ONE, responses=problem_responses(*CONTROL_READ_ERRORS, errors.NOT_FOUND))
async def show_webhook(webhook: WebhookOfPath) -> WebhookDetails:
    """Show a webhook without its secrets."""
    return WebhookDetails.of(webhook)


@router.patch(_ONE, responses=_CHANGE_ERRORS)
async def change_webhook(
    webhook: WebhookOfPath, change: WebhookChange, services: ConnectedServices, response: Response
) -> WebhookDetails:
    """Change a webhook. One that is enabled again is told of what happens from then on."""
    changes = change.changes()
    if "url" in changes:
        _check_url(services, change.url)
    changed, offsets = await services.control.webhooks.change(webhook, changes)
    announce_offsets(response, offsets)
    return WebhookDetails.of(changed)


@router.post(_ONE + "/rotate", status_code=201, responses=_CHANGE_ERRORS)
async def rotate_webhook_secret(
    webhook: WebhookOfPath,
    services: ConnectedServices,
    response: Response,
    rotation: Annotated[SecretRotation | None, Body()] = None,
) -> WebhookWithSecret:
    """Give it a new secret, shown only here; the former one signs too for a day, or as asked."""
    overlap_ms = (rotation or SecretRotation()).overlap_seconds * 1000
    return _shown_once(response, await services.control.webhooks.rotate(webhook, overlap_ms=overlap_ms))


@router.post(_ONE + "/test", status_code=202, responses=_CHANGE_ERRORS)
async def test_webhook(webhook: WebhookOfPath, services: ConnectedServices, response: Response) -> SentTest:
    """Send a test event, once; what came of it is among the deliveries."""
    notification_id, offsets = await services.control.webhooks.ask_for_test(webhook)
    announce_offsets(response, offsets)
    return SentTest(notification_id=notification_id)


@router.delete(_ONE, status_code=204, responses=_CHANGE_ERRORS)
async def delete_webhook(webhook: WebhookOfPath, services: ConnectedServices, response: Response) -> None:
    """Delete a webhook for good."""
    announce_offsets(response, await services.control.webhooks.delete(webhook))


@router.get(_ONE + "/deliveries", responses=problem_responses(*READ_ERRORS, errors.NOT_FOUND))
async def list_deliveries(
    webhook_id: str,
    parameters: Annotated[DeliveryParameters, Query()],
    caller: Governor,
    services: ConnectedServices,
) -> DeliveryPage:
    """List the attempts of the last thirty days, newest first."""
    tenant_id = caller.tenant_for(parameters.tenant)
    webhook = _find(services, tenant_id, webhook_id)
    wanted = webhooks.DeliverySearch(
        webhook_id=webhook.webhook_id,
        outcome=parameters.outcome,
        notification_id=parameters.notification_id,
    )
    cursor = decode_cursor(parameters.cursor, EventCursor)
    query = webhooks.deliveries(tenant_id, wanted, cursor, parameters.limit + 1)
    page, next_cursor = split_page(await services.database.rows(query), parameters.limit, event_cursor)
    return DeliveryPage(deliveries=[_delivery(row) for row in page], next_cursor=next_cursor)


def _find(services: Services, tenant_id: str, webhook_id: str) -> Webhook:
    webhook = services.control.directory.webhook(tenant_id, webhook_id)
    if webhook is None:
        raise ProblemError(errors.NOT_FOUND, f"There is no webhook {webhook_id} in tenant {tenant_id}.")
    return webhook


def _check_url(services: Services, url: str) -> None:
    try:
        services.reach.check_url(url)
    except ValueError as error:
        wrong = {"in": "body", "field": "url", "reason": str(error)}
        raise ProblemError(errors.INVALID, "See `errors` for each field.", [wrong]) from error


def _shown_once(response: Response, issued: Issued) -> WebhookWithSecret:
    announce_offsets(response, issued.offsets)
    forbid_storing(response)
    details = WebhookDetails.of(issued.webhook).model_dump()
    return WebhookWithSecret.model_validate({**details, "secret": issued.secret})


def _delivery(row: Row) -> Delivery:
    return Delivery.model_validate(
        {
            **row,
            "delivery_id": row["event_id"],
            "attempted_at": row["event_time"],
            "agent_id": row["agent_id"] or None,
            "http_status": row["http_status"] or None,
            "error": row["error"] or None,
        }
    )
