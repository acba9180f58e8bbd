"""Bad input on every route of a real gateway: a clear refusal, no hang, no growth, the next one served."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import psutil
import pytest

from runtime.settings import KafkaAddress
from schemas.messages.registry import REPORT_ROUTES
from tests.integration.bad_framing import CLOSED, STREAMS, Stream
from tests.integration.bad_heads import PACKED, SENDERS
from tests.integration.bad_otlp import JSON_ATTACKS, JSON_TARGETS, PROTOBUF_ATTACKS, PROTOBUF_TARGETS
from tests.integration.bad_requests import AGENT, BODIES, CLAIMS, TAKEN, TARGETS, VALUES, Attack, Target
from tests.integration.gateway_process import GatewayProcess, serving_gateway
from tests.integration.raw_http import RawAnswer, exchange, request

pytestmark = [pytest.mark.integration]

_MIB = 1024 * 1024
# What a dozen requests at once may take beside each other, one for each route.
_MOST_GROWTH = 96 * _MIB
EVERYWHERE = [*TARGETS, *JSON_TARGETS, *PROTOBUF_TARGETS]


class Besieged:
    """A gateway with short times, and the key of the one agent that it knows."""

    def __init__(self, process: GatewayProcess, token: str) -> None:
        self._process = process
        self._memory = psutil.Process(process.pid)
        self._key = {"Authorization": f"Bearer {token}"}

    def attack(self, attack: Attack, target: Target) -> RawAnswer:
        headers = {**self._key, **target.headers, **attack.headers}
        body = attack.body_for(target)
        return exchange(self._process.port, [request(target.path + attack.query, headers, body)])

    def stream(self, stream: Stream, target: Target) -> RawAnswer:
        parts = stream.parts(target, {**self._key, **target.headers})
        return exchange(self._process.port, parts, pause=stream.pause, half_close=stream.half_close)

    def serves(self, target: Target) -> bool:
        good = request(target.path, {**self._key, **target.headers}, target.good)
        return exchange(self._process.port, [good]).status in {200, 202}

    @property
    def resident(self) -> int:
        return int(self._memory.memory_info().rss)

    @contextmanager
    def growing_little(self) -> Iterator[None]:
        """Bounds what the gateway takes at most while the block runs (Linux: proc_pid_clear_refs(5))."""
        before, folder = self.resident, Path(f"/proc/{self._process.pid}")
        (folder / "clear_refs").write_text("5")
        yield
        (peak,) = (line for line in (folder / "status").read_text().splitlines() if line.startswith("VmHWM"))
        assert int(peak.split()[1]) * 1024 - before < _MOST_GROWTH


@pytest.fixture(scope="module")
def gateway(kafka_address: KafkaAddress, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Besieged]:
    short = {"gateway_head_seconds": "3", "gateway_body_seconds": "3"}
    with serving_gateway(kafka_address, tmp_path_factory.mktemp("gateway"), AGENT, **short) as (
        process,
        reporter,
    ):
        yield Besieged(process, reporter.token)
    assert "request_failed" not in process.log


def refused_by_all(
    gateway: Besieged, targets: Sequence[Target], attack: Callable[[Target], RawAnswer]
) -> dict[str, str]:
    """Attack routes at the same time; the tags by route. They are all served afterwards."""
    with gateway.growing_little(), ThreadPoolExecutor(len(targets)) as threads:
        names = [target.name for target in targets]
        answers = dict(zip(names, threads.map(attack, targets), strict=True))
        assert all(threads.map(gateway.serves, targets))
    assert all(answer.status < 500 for answer in answers.values()), answers
    return {name: _outcome(answer) for name, answer in answers.items()}


def _outcome(answer: RawAnswer) -> str:
    if answer.status == 0:
        return CLOSED
    return TAKEN if answer.status in {200, 202} else answer.tag


def test_every_route_is_attacked() -> None:
    assert {target.path for target in TARGETS} == {route.path for route in REPORT_ROUTES}


def _assert_allowed(attack: Attack, targets: Sequence[Target], outcomes: dict[str, str]) -> None:
    wrong = {
        target.name: outcomes[target.name]
        for target in targets
        if not attack.allows(target, outcomes[target.name])
    }
    assert wrong == {}


@pytest.mark.parametrize("attack", [*BODIES, *VALUES, *CLAIMS], ids=lambda attack: attack.name)
def test_bad_reports_are_refused(gateway: Besieged, attack: Attack) -> None:
    _assert_allowed(attack, TARGETS, refused_by_all(gateway, TARGETS, partial(gateway.attack, attack)))


@pytest.mark.parametrize("attack", JSON_ATTACKS, ids=lambda attack: attack.name)
def test_bad_otlp_json_is_refused(gateway: Besieged, attack: Attack) -> None:
    outcomes = refused_by_all(gateway, JSON_TARGETS, partial(gateway.attack, attack))
    _assert_allowed(attack, JSON_TARGETS, outcomes)


@pytest.mark.parametrize("attack", PROTOBUF_ATTACKS, ids=lambda attack: attack.name)
def test_bad_otlp_protobuf_is_refused(gateway: Besieged, attack: Attack) -> None:
    outcomes = refused_by_all(gateway, PROTOBUF_TARGETS, partial(gateway.attack, attack))
    _assert_allowed(attack, PROTOBUF_TARGETS, outcomes)


@pytest.mark.parametrize("attack", [*PACKED, *SENDERS], ids=lambda attack: attack.name)
def test_bad_heads_and_bombs_are_refused(gateway: Besieged, attack: Attack) -> None:
    outcomes = refused_by_all(gateway, EVERYWHERE, partial(gateway.attack, attack))
    _assert_allowed(attack, EVERYWHERE, outcomes)


@pytest.mark.parametrize("stream", STREAMS, ids=lambda stream: stream.name)
def test_what_is_no_http_is_refused(gateway: Besieged, stream: Stream) -> None:
    outcomes = refused_by_all(gateway, EVERYWHERE, partial(gateway.stream, stream))
    assert set(outcomes.values()) <= stream.tags, outcomes


def test_repeating_the_worst_takes_no_more_memory(gateway: Besieged) -> None:
    worst = [attack for attack in PACKED if "GiB" in attack.name or "million" in attack.name]
    some = EVERYWHERE[::4]

    def all_of_them() -> int:
        for attack in worst:
            refused_by_all(gateway, some, partial(gateway.attack, attack))
        return gateway.resident

    # What is resident after a round depends on who came first: a leak grows with each, the most of few is not
    # passed by the least of later ones.
    rounds = [all_of_them() for _ in range(8)]
    assert min(rounds[-3:]) - max(rounds[:2]) < 16 * _MIB, rounds
