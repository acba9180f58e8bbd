"""What routes are handed: the caller of a token, and the agent of a path."""

from collections.abc import AsyncIterator

import pytest

from query_api import errors
from query_api.alert_registrars import AlertRuleRegistrar, SilenceRegistrar
from query_api.budget_registrar import BudgetRegistrar
from query_api.dependencies import find_agent, ref_of
from query_api.directory import Directory
from query_api.erasing.agents import AgentEnding
from query_api.erasing.runner import ErasureRunner
from query_api.erasure_registrar import ErasureRegistrar
from query_api.key_registrar import KeyRegistrar
from query_api.operator_registrar import OperatorRegistrar
from query_api.policy_registrar import PolicyRegistrar
from query_api.price_registrar import PriceRegistrar
from query_api.privacy_registrar import PrivacyRegistrar
from query_api.records import Records
from query_api.registrar import Registrar
from query_api.retention_registrar import RetentionRegistrar
from query_api.services import Control, Services
from query_api.trust_model_registrar import TrustModelRegistrar
from query_api.webhook_registrar import WebhookRegistrar
from runtime.control_log import ControlReader
from runtime.control_writer import ControlWriter
from runtime.problems import ProblemError
from schemas.control import Agent
from schemas.identity import AgentRef
from tests.query_api.test_app import SETTINGS

AGENT = Agent("acme", "scout", "gov-1", 1)


@pytest.fixture
async def services() -> AsyncIterator[Services]:
    """With one agent; nothing is connected."""
    directory = Directory()
    directory.apply("", "", AGENT)
    reader = ControlReader(SETTINGS.kafka, {}, "test")
    writer = ControlWriter(SETTINGS.kafka, reader, "test")
    services = Services(SETTINGS)
    records = Records(reader, writer)
    keys = KeyRegistrar(records)
    services._control = Control(
        directory,
        reader,
        writer,
        registrar=Registrar(directory, records, keys),
        operators=OperatorRegistrar(directory, records),
        keys=keys,
        privacy=PrivacyRegistrar(directory, records),
        policies=PolicyRegistrar(directory, records),
        prices=PriceRegistrar(records),
        alert_rules=AlertRuleRegistrar(directory, records),
        budgets=BudgetRegistrar(directory, records),
        silences=SilenceRegistrar(directory, records),
        trust_models=TrustModelRegistrar(records),
        retentions=RetentionRegistrar(records),
        webhooks=WebhookRegistrar(directory, records),
        erasures=ErasureRegistrar(directory, records),
        runner=ErasureRunner(SETTINGS, directory, records, AgentEnding(reader.state, records, keys)),
    )
    yield services
    await writer.stop()
    await reader.stop()


async def test_an_agent_is_found_in_its_tenant_only(services: Services) -> None:
    assert find_agent(services, "acme", "scout") == AGENT
    with pytest.raises(ProblemError) as missing:
        find_agent(services, "default", "scout")
    assert missing.value.kind is errors.NOT_FOUND


def test_an_agents_name_among_all_tenants() -> None:
    assert ref_of(AGENT) == AgentRef("acme", "scout")
