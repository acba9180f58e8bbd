"""A password that was set lets in, and the one before it does not."""

import dataclasses

import pytest
from aiokafka.errors import ClusterAuthorizationFailedError
from pydantic import SecretStr

from infra.kafka.password_requests import set_passwords
from infra.kafka.principals import ADMIN, READER
from runtime.settings import KafkaAddress
from tests.embedded_broker import as_user
from tests.kafka_probe import is_let_in, probing, until_it_is

pytestmark = pytest.mark.integration

USER = "tests-of-passwords"


async def test_the_newest_password_counts(kafka_address: KafkaAddress) -> None:
    if kafka_address.username != ADMIN:
        pytest.skip("needs an embedded broker")
    first, second = (
        dataclasses.replace(kafka_address, username=USER, password=SecretStr(f"{which}-password"))
        for which in ("first", "second")
    )
    async with probing(kafka_address) as probe:
        await set_passwords(probe.admin, {USER: "first-password"})
        await until_it_is(True, lambda: is_let_in(first))
        await set_passwords(probe.admin, {USER: "second-password"})
        await until_it_is(True, lambda: is_let_in(second))
        assert not await is_let_in(first)


async def test_who_may_not_is_told(kafka_address: KafkaAddress) -> None:
    if kafka_address.username != ADMIN:
        pytest.skip("needs an embedded broker")
    async with probing(as_user(kafka_address, READER)) as probe:
        with pytest.raises(ClusterAuthorizationFailedError):
            await set_passwords(probe.admin, {ADMIN: "taken-over"})
