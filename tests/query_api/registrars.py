"""What a process of the query API writes control records with, several times in one test."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass

import msgspec

from query_api.alert_registrars import AlertRuleRegistrar, SilenceRegistrar
from query_api.budget_registrar import BudgetRegistrar
from query_api.directory import Directory
from query_api.key_registrar import KeyRegistrar
from query_api.operator_registrar import OperatorRegistrar
from query_api.policy_registrar import PolicyRegistrar
from query_api.price_registrar import PriceRegistrar
from query_api.privacy_registrar import PrivacyRegistrar
from query_api.records import Records
from query_api.registrar import Registrar
from query_api.retention_registrar import RetentionRegistrar
from query_api.trust_model_registrar import TrustModelRegistrar
from query_api.webhook_registrar import WebhookRegistrar
from runtime.control_log import ControlReader
from runtime.control_state import Voids
from runtime.control_writer import ControlWriter
from runtime.settings import KafkaAddress
from schemas.control import CONTROL_TYPES, CONTROL_VOIDS


@dataclass
class Process:
    """One process's view of the control records, and its writers."""

    directory: Directory
    reader: ControlReader
    records: Records
    keys: KeyRegistrar
    registrar: Registrar
    operators: OperatorRegistrar
    privacy: PrivacyRegistrar
    trust_models: TrustModelRegistrar
    retentions: RetentionRegistrar
    policies: PolicyRegistrar
    prices: PriceRegistrar
    alert_rules: AlertRuleRegistrar
    budgets: BudgetRegistrar
    silences: SilenceRegistrar
    webhooks: WebhookRegistrar


@asynccontextmanager
async def connected(
    address: KafkaAddress, voids: Mapping[str, Voids] = CONTROL_VOIDS
) -> AsyncIterator[Process]:
    directory = Directory()
    types: dict[str, type[msgspec.Struct]] = {str(topic): data for topic, data in CONTROL_TYPES.items()}
    reader = ControlReader(address, types, "test-registrar", voids)
    reader.subscribe(directory.apply)
    reader.subscribe_ends(directory.end)
    writer = ControlWriter(address, reader, "test-registrar")
    try:
        await reader.start()
        await writer.start()
        records = Records(reader, writer)
        keys = KeyRegistrar(records)
        yield Process(
            directory,
            reader,
            records,
            keys,
            registrar=Registrar(directory, records, keys),
            operators=OperatorRegistrar(directory, records),
            privacy=PrivacyRegistrar(directory, records),
            policies=PolicyRegistrar(directory, records),
            prices=PriceRegistrar(records),
            alert_rules=AlertRuleRegistrar(directory, records),
            budgets=BudgetRegistrar(directory, records),
            silences=SilenceRegistrar(directory, records),
            trust_models=TrustModelRegistrar(records),
            retentions=RetentionRegistrar(records),
            webhooks=WebhookRegistrar(directory, records),
        )
    finally:
        await writer.stop()
        await reader.stop()
