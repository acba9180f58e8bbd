"""Events as texts for Slack, and for whatever takes the same incoming webhooks (Mattermost, for one); pure.

By https://docs.slack.dev/messaging/formatting-message-text: `&`, `<` and `>` are escaped, which also keeps
texts that agents write from calling everybody in a channel.
"""

import msgspec

from schemas.derived import (
    DERIVED_TYPES,
    AgentStatus,
    Alert,
    AlertChange,
    DerivedData,
    PolicyViolation,
    Spend,
    TrustScore,
)
from schemas.webhooks import Webhook
from webhook_dispatcher.notification import Notification

_MAX_CHARACTERS = 3000
_NEWS_OF_ALERTS: dict[AlertChange | None, str] = {
    AlertChange.ESCALATED: "worse than before",
    AlertChange.UNSILENCED: "firing, no longer silenced",
}
_DATA_TYPES = {derived.name: derived.data for derived in DERIVED_TYPES}


def slack_text(notification: Notification) -> str:
    """One or two lines about an event.

    Raises:
        msgspec.MsgspecError: its data is not what its type promises.
    """
    data_type = _DATA_TYPES.get(notification.event_type)
    if data_type is None:
        return _cut(_bold(notification.event_type, notification.agent_id))
    data: DerivedData = msgspec.json.decode(notification.value, type=data_type)
    headline, text = _words(data)
    return _cut(f"{_bold(headline, notification.agent_id)}\n{_escaped(text)}")


def text_of_test(webhook: Webhook) -> str:
    """What a test event says."""
    return _cut(f"*Test* of the webhook {_escaped(webhook.name or webhook.webhook_id)}: it works.")


def _words(data: DerivedData) -> tuple[str, str]:
    match data:
        case Alert():
            news = _NEWS_OF_ALERTS.get(data.change, data.state.value)
            return f"Alert {news}: {data.rule} ({data.severity})", data.summary
        case PolicyViolation():
            return f"Policy violation: {data.rule} ({data.severity}, {data.source})", data.description
        case TrustScore():
            codes = ", ".join(f"{reason.code} -{reason.points:g}" for reason in data.reasons)
            return f"Trust {data.score:g} ({data.level})", codes
        case AgentStatus():
            return f"Agent {data.status}", data.reason
        case Spend():
            sums = ", ".join(
                f"{figure.amount} {figure.currency}" for figure in data.figures if figure.currency
            )
            return f"Spent on {data.day}, {data.cost_center or 'no cost centre'}", sums


def _bold(headline: str, agent_id: str) -> str:
    about = f" agent `{_escaped(agent_id)}`" if agent_id else ""
    return f"*{_escaped(headline)}*{about}"


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _cut(text: str) -> str:
    return text.strip() if len(text) <= _MAX_CHARACTERS else text[: _MAX_CHARACTERS - 1] + "…"
