"""Which events a webhook is told of; pure."""

from schemas.derived import ROUTINE_TYPES
from schemas.messages.values import Severity
from schemas.webhooks import Webhook
from webhook_dispatcher.notification import Notification

_RANK = {severity: rank for rank, severity in enumerate(Severity)}


class Filter:
    """What a webhook asks for, made once, asked for each event."""

    def __init__(self, webhook: Webhook) -> None:
        """Of nobody else's tenant, whatever else it says."""
        self._tenant_id = webhook.tenant_id
        self._event_types = frozenset(webhook.event_types)
        self._agent_ids = frozenset(webhook.agent_ids)
        self._min_rank = 0 if webhook.min_severity is None else _RANK[webhook.min_severity]

    def takes(self, notification: Notification) -> bool:
        """Whether the webhook is to be told of it."""
        return (
            notification.tenant_id == self._tenant_id
            and not notification.quiet
            and self._takes_type(notification.event_type)
            and (not self._agent_ids or notification.agent_id in self._agent_ids)
            and (notification.severity is None or _RANK[notification.severity] >= self._min_rank)
        )

    def _takes_type(self, event_type: str) -> bool:
        if self._event_types:
            return event_type in self._event_types
        return event_type not in ROUTINE_TYPES
