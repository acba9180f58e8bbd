"""What the routes need, connected: the control records, their writer, and ClickHouse."""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass

import msgspec
from aiokafka.errors import KafkaError
from clickhouse_connect.driver.exceptions import ClickHouseError

from query_api import errors
from query_api.access_log import AccessLog
from query_api.alert_registrars import AlertRuleRegistrar, SilenceRegistrar
from query_api.analyst_queries import AnalystQueries
from query_api.auth import Caller, authenticate
from query_api.budget_registrar import BudgetRegistrar
from query_api.database import Database
from query_api.directory import Directory
from query_api.downloads import Downloads
from query_api.erasing.agents import AgentEnding
from query_api.erasing.runner import ErasureRunner
from query_api.erasure_registrar import ErasureRegistrar
from query_api.key_registrar import KeyRegistrar
from query_api.last_uses import LastUses
from query_api.oidc.issuer import Issuer
from query_api.oidc.tokens import looks_like_jwt
from query_api.operator_registrar import OperatorRegistrar
from query_api.policy_registrar import PolicyRegistrar
from query_api.price_registrar import PriceRegistrar
from query_api.privacy_registrar import PrivacyRegistrar
from query_api.records import Records
from query_api.registrar import Registrar
from query_api.retention_registrar import RetentionRegistrar
from query_api.settings import QuerySettings
from query_api.tail_feed import STOPPING, TailFeed
from query_api.tailing import Tailing
from query_api.trust_model_registrar import TrustModelRegistrar
from query_api.webhook_registrar import WebhookRegistrar
from runtime.client_address import ClientAddresses
from runtime.control_log import ControlReader
from runtime.control_writer import ControlWriter
from runtime.key_usage import KeyUsage
from runtime.key_usage_publisher import KeyUsagePublisher
from runtime.logging import get_logger
from runtime.outgoing import Reach
from runtime.problems import ProblemError
from runtime.restarting_producer import RestartingProducer
from schemas.control import CONTROL_TYPES, CONTROL_VOIDS

_log = get_logger(__name__)

_CLIENT_ID = "promethios-query"
_CONNECT_SECONDS = 30.0
_FIRST_BACKOFF_SECONDS = 0.25
_LONGEST_BACKOFF_SECONDS = 1.0
_LOOK_SECONDS = 1.0
# Each keeps ClickHouse and a core busy for as long as it is sent.
_MOST_EXPORTS = 2
# As long as gateways take reports without hearing of the keys.
_MOST_SILENT_SECONDS = 10.0
_LAST_ACCESSES_SECONDS = 2.0


@dataclass(frozen=True, slots=True)
class Control:
    """The control records, read to their end, and who writes them."""

    directory: Directory
    reader: ControlReader
    writer: ControlWriter
    registrar: Registrar
    keys: KeyRegistrar
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
    erasures: ErasureRegistrar
    runner: ErasureRunner


class Services:
    """Connects in the background, and again when following has ended; until then answers say 503."""

    def __init__(self, settings: QuerySettings) -> None:
        """Nothing is connected before `start`."""
        self.last_uses = LastUses()
        self.exports = asyncio.Semaphore(_MOST_EXPORTS)
        self.addresses = ClientAddresses(settings.trusted_proxies)
        self._producer = RestartingProducer(settings.kafka, client_id=f"{_CLIENT_ID}-accesses")
        self.accesses = AccessLog(self._producer)
        # Of operators' tokens, as gateways note those of agents' keys.
        self.usage = KeyUsage()
        self._issuer = None if settings.provider is None else Issuer(settings.provider)
        self._usage_publisher = KeyUsagePublisher(self.usage, settings.kafka, client_id=_CLIENT_ID)
        self.analyst_queries = AnalystQueries(settings.clickhouse, settings.sql_limits, settings.sql_at_once)
        self._feed = TailFeed(settings.kafka, settings.query_tails)
        self.downloads = Downloads(settings)
        self.tailing = Tailing(self._feed, self.accesses)
        self._settings = settings
        self._control: Control | None = None
        self._database: Database | None = None
        self._tasks: list[asyncio.Task[None]] = []

    def start(self) -> None:
        """Begin to connect; returns at once."""
        self._usage_publisher.start()
        self._tasks = [
            asyncio.create_task(self._keep_control(), name="control"),
            asyncio.create_task(self._connect_database(), name="clickhouse"),
            asyncio.create_task(self.last_uses.follow(self._settings.kafka, _CLIENT_ID), name="key usage"),
        ]

    async def stop(self) -> None:
        """Disconnect."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._feed.stop()
        await self.accesses.close(_LAST_ACCESSES_SECONDS)
        await self._producer.stop()
        await self._usage_publisher.stop()
        if self._issuer is not None:
            await self._issuer.stop()
        if self._database is not None:
            await self._database.close()
        await self.analyst_queries.close()

    def end_tails(self) -> None:
        """Let live tails end, for which the server would wait as it stops."""
        self._feed.end_all(STOPPING)

    @property
    def control(self) -> Control:
        """The control records.

        Raises:
            ProblemError: STARTING, they are not read to their end yet; KAFKA_AWAY, what changed lately is not
                known.
        """
        if self._control is None:
            raise ProblemError(errors.STARTING, "Please ask again in a moment.")
        reader = self._control.reader
        if reader.following and reader.silent_seconds > _MOST_SILENT_SECONDS:
            raise ProblemError(errors.KAFKA_AWAY, "A token that was revoked meanwhile would not be noticed.")
        return self._control

    async def authenticate(self, token: str) -> Caller:
        """The operator behind a token of ours, or of the identity provider if there is one.

        Raises:
            ProblemError: UNAUTHENTICATED; FORBIDDEN, a token of the provider's names no role or tenant;
                ISSUER_AWAY; and as `control`.
        """
        directory, now = self.control.directory, time.time_ns() // 1_000_000
        if self._issuer is not None and looks_like_jwt(token):
            return await self._issuer.authenticate(token)
        caller = authenticate(token, directory, now)
        if caller.token_id is not None:
            self.usage.note(caller.token_id, now)
        return caller

    @property
    def reach(self) -> Reach:
        """Where webhooks may lead."""
        return self._settings.reach

    @property
    def database(self) -> Database:
        """ClickHouse.

        Raises:
            ProblemError: CLICKHOUSE_AWAY; it has not answered yet.
        """
        if self._database is None:
            raise ProblemError(errors.CLICKHOUSE_AWAY, "It has not answered since this process started.")
        return self._database

    async def checks(self) -> dict[str, bool]:
        """What readiness depends on."""
        return {
            "control": self._control is not None and self._control.reader.following,
            "clickhouse": self._database is not None and await self._database.answers(),
        }

    async def _keep_control(self) -> None:
        backoff = _FIRST_BACKOFF_SECONDS
        while True:
            try:
                async with _connected_control(self._settings) as control:
                    self._control, backoff = control, _FIRST_BACKOFF_SECONDS
                    _log.info("control_records_read")
                    erasing = asyncio.create_task(control.runner.run(), name="erasures")
                    try:
                        while control.reader.following:  # noqa: ASYNC110 - the reader has no event for its end
                            await asyncio.sleep(_LOOK_SECONDS)
                    finally:
                        erasing.cancel()
                        await asyncio.gather(erasing, return_exceptions=True)
            except (KafkaError, OSError, TimeoutError) as error:
                _log.warning("kafka_away", reason=str(error) or type(error).__name__, again_in=backoff)
            finally:
                self._control = None
            await asyncio.sleep(backoff)
            backoff = min(2 * backoff, _LONGEST_BACKOFF_SECONDS)

    async def _connect_database(self) -> None:
        backoff = _FIRST_BACKOFF_SECONDS
        while self._database is None:
            try:
                self._database = await Database.connect(
                    self._settings.clickhouse, self._settings.query_seconds
                )
            except (ClickHouseError, OSError, TimeoutError) as error:
                _log.warning("clickhouse_away", reason=str(error), again_in=backoff)
                await asyncio.sleep(backoff)
                backoff = min(2 * backoff, _LONGEST_BACKOFF_SECONDS)


@contextlib.asynccontextmanager
async def _connected_control(settings: QuerySettings) -> AsyncIterator[Control]:
    directory = Directory()
    types: dict[str, type[msgspec.Struct]] = {str(topic): data for topic, data in CONTROL_TYPES.items()}
    reader = ControlReader(settings.kafka, types, _CLIENT_ID, CONTROL_VOIDS)
    reader.subscribe(directory.apply)
    reader.subscribe_ends(directory.end)
    writer = ControlWriter(settings.kafka, reader, _CLIENT_ID)
    try:
        async with asyncio.timeout(_CONNECT_SECONDS):
            await reader.start()
            await writer.start()
        records = Records(reader, writer)
        keys = KeyRegistrar(records)
        yield Control(
            directory,
            reader,
            writer,
            registrar=Registrar(directory, records, keys),
            keys=keys,
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
            erasures=ErasureRegistrar(directory, records),
            runner=ErasureRunner(settings, directory, records, AgentEnding(reader.state, records, keys)),
        )
    finally:
        await writer.stop()
        await reader.stop()
