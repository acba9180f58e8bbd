"""Who is let in by which listener, and that nobody is allowed what no entry grants."""

import pytest

from infra.embedded.kafka.security import security_properties


@pytest.mark.parametrize(("anonymous", "public"), [(True, "PLAINTEXT"), (False, "SASL_PLAINTEXT")])
def test_only_the_public_listener_can_do_without_passwords(anonymous: bool, public: str) -> None:
    found = security_properties(anonymous=anonymous, secret="s")
    protocols = dict(pair.split(":") for pair in found["listener.security.protocol.map"].split(","))
    assert protocols == {"PUBLIC": public, "INTERNAL": "SASL_PLAINTEXT", "CONTROLLER": "SASL_PLAINTEXT"}


def test_what_is_not_granted_is_refused_to_all_but_the_administrator_and_the_broker() -> None:
    found = security_properties(anonymous=True, secret="s")
    assert found["authorizer.class.name"].endswith(".StandardAuthorizer")
    assert found["allow.everyone.if.no.acl.found"] == "false"
    assert found["super.users"] == "User:promethios-admin;User:promethios-broker"


@pytest.mark.parametrize("anonymous", [True, False])
def test_every_listener_that_asks_knows_how_to_check(anonymous: bool) -> None:
    found = security_properties(anonymous=anonymous, secret="s")
    asking = {"internal", "controller"} | (set() if anonymous else {"public"})
    for listener in asking:
        mechanisms = found[f"listener.name.{listener}.sasl.enabled.mechanisms"].split(",")
        for mechanism in mechanisms:
            assert f"listener.name.{listener}.{mechanism.lower()}.sasl.jaas.config" in found
    assert not any(name.startswith("listener.name.public") for name in found) or not anonymous


def test_the_brokers_own_secret_opens_nothing_to_the_public() -> None:
    found = security_properties(anonymous=False, secret="only-the-broker")
    holding = {name for name, value in found.items() if "only-the-broker" in value}
    assert holding == {f"listener.name.{name}.plain.sasl.jaas.config" for name in ("internal", "controller")}
    assert found["listener.name.public.sasl.enabled.mechanisms"] == "SCRAM-SHA-512"
