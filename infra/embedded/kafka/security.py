"""The part of `server.properties` that says who is let in, and who may do everything; pure.

Clients say who they are by SCRAM-SHA-512, whose passwords the broker keeps in its own log. It cannot ask that
log before it has spoken to its controller, which is itself: for that it has a secret of its own, a new one
at each start, by PLAIN.
"""

from infra.kafka.principals import ADMIN, BROKER

PUBLIC, INTERNAL, CONTROLLER = "PUBLIC", "INTERNAL", "CONTROLLER"

_CLIENTS, _ITSELF = "SCRAM-SHA-512", "PLAIN"
_MODULES = "org.apache.kafka.common.security"
_CLIENT_LOGIN = f"{_MODULES}.scram.ScramLoginModule required;"


def security_properties(*, anonymous: bool, secret: str) -> dict[str, str]:
    """Build the properties; `secret` must not need quoting.

    `anonymous`: on the public listener clients have no password, and are Kafka's `User:ANONYMOUS`.
    """
    public = "PLAINTEXT" if anonymous else "SASL_PLAINTEXT"
    protocols = {PUBLIC: public, INTERNAL: "SASL_PLAINTEXT", CONTROLLER: "SASL_PLAINTEXT"}
    own_login = (
        f'{_MODULES}.plain.PlainLoginModule required username="{BROKER}" password="{secret}" '
        f'user_{BROKER}="{secret}";'
    )
    properties = {
        "listener.security.protocol.map": ",".join(f"{name}:{used}" for name, used in protocols.items()),
        "authorizer.class.name": "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
        "allow.everyone.if.no.acl.found": "false",
        "super.users": f"User:{ADMIN};User:{BROKER}",
        "sasl.mechanism.inter.broker.protocol": _ITSELF,
        "sasl.mechanism.controller.protocol": _ITSELF,
        **_mechanisms(CONTROLLER, {_ITSELF: own_login}),
        **_mechanisms(INTERNAL, {_CLIENTS: _CLIENT_LOGIN, _ITSELF: own_login}),
    }
    return properties if anonymous else properties | _mechanisms(PUBLIC, {_CLIENTS: _CLIENT_LOGIN})


def _mechanisms(listener: str, logins: dict[str, str]) -> dict[str, str]:
    prefix = f"listener.name.{listener.lower()}"
    return {
        f"{prefix}.sasl.enabled.mechanisms": ",".join(logins),
        **{f"{prefix}.{mechanism.lower()}.sasl.jaas.config": login for mechanism, login in logins.items()},
    }
