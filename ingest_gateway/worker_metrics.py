"""One page of Prometheus metrics for all workers that share a port, each series with its worker as a label.

A scrape reaches whichever worker the kernel picks, which then asks the others on their private sockets.
"""

import asyncio
from collections.abc import Iterable
from pathlib import Path

import httpx
from prometheus_client.exposition import generate_latest
from prometheus_client.metrics_core import Metric
from prometheus_client.parser import text_string_to_metric_families
from prometheus_client.registry import Collector

from ingest_gateway.metrics import GatewayMetrics
from runtime.logging import get_logger

_log = get_logger(__name__)

OWN_PATH = "/metrics/worker"

_ANSWER_SECONDS = 1.0
_LABEL = "worker"


class WorkerMetrics:
    """The metrics of this worker and of those beside it."""

    def __init__(self, own: GatewayMetrics, socket: Path | None) -> None:
        """`socket` is this worker's private one; those of the others lie beside it, with other numbers."""
        self._own = own
        self._socket = socket

    def own_page(self) -> bytes:
        """This worker's metrics."""
        return generate_latest(_Families(self._labelled()))

    async def page(self) -> bytes:
        """The metrics of all workers that answer."""
        texts = await asyncio.gather(*map(_ask, self._others()))
        pages = [self._labelled(), *map(text_string_to_metric_families, texts)]
        return generate_latest(_Families(merged(pages)))

    def _labelled(self) -> Iterable[Metric]:
        worker = {_LABEL: str(self._own.worker)}
        for family in self._own.registry.collect():
            # When a series began is a family of its own in the text, which nobody needs.
            family.samples = [
                sample._replace(labels={**sample.labels, **worker})
                for sample in family.samples
                if not sample.name.endswith("_created")
            ]
            yield family

    def _others(self) -> list[Path]:
        if self._socket is None:
            return []
        anybody = self._socket.name.replace(str(self._own.worker), "*")
        return sorted(path for path in self._socket.parent.glob(anybody) if path != self._socket)


class _Families(Collector):
    def __init__(self, families: Iterable[Metric]) -> None:
        self._families = families

    def collect(self) -> Iterable[Metric]:
        return self._families


def merged(pages: Iterable[Iterable[Metric]]) -> list[Metric]:
    """The families of all pages, each once, with the samples of all."""
    families: dict[str, Metric] = {}
    for page in pages:
        for family in page:
            known = families.setdefault(family.name, family)
            if known is not family:
                known.samples += family.samples
    return list(families.values())


async def _ask(socket: Path) -> str:
    """Another worker's page; empty when it has ended, or does not answer in time."""
    transport = httpx.AsyncHTTPTransport(uds=str(socket))
    try:
        async with httpx.AsyncClient(transport=transport, timeout=_ANSWER_SECONDS) as client:
            answer = await client.get(f"http://gateway{OWN_PATH}")
            return answer.text if answer.is_success else ""
    except httpx.TransportError as error:
        _log.info("worker_metrics_missing", socket=socket.name, reason=repr(error))
        return ""
