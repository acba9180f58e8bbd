"""The compose file and the image: sound, pinned, healthy, and about files that exist."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from infra.embedded.kafka.jars import KAFKA_VERSION

ROOT = Path(__file__).parents[3]
SERVICES: dict[str, dict[str, Any]] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())["services"]
DOCKERFILE = (ROOT / "infra" / "docker" / "Dockerfile").read_text()


@pytest.mark.parametrize("name", SERVICES)
def test_every_service_is_pinned_and_has_a_health_check(name: str) -> None:
    service = SERVICES[name]
    assert re.fullmatch(r"[a-z/-]+:\d[\w.]*", service["image"])
    assert service["healthcheck"]["test"]


@pytest.mark.parametrize("name", SERVICES)
def test_nothing_is_published_beyond_loopback(name: str) -> None:
    assert all(port.startswith("127.0.0.1:") for port in SERVICES[name].get("ports", []))


def test_the_broker_is_the_one_that_is_embedded() -> None:
    assert SERVICES["kafka"]["image"] == f"apache/kafka:{KAFKA_VERSION}"


def test_our_processes_wait_for_healthy_stores() -> None:
    conditions = {name: after["condition"] for name, after in SERVICES["promethios"]["depends_on"].items()}
    assert conditions == {"kafka": "service_healthy", "clickhouse": "service_healthy"}


def test_the_image_is_pinned_and_copies_what_is_there() -> None:
    assert re.search(r"^FROM python:3\.\d+\.\d+-slim", DOCKERFILE, re.MULTILINE)
    for sources in re.findall(r"^COPY (.+) \S+$", DOCKERFILE, re.MULTILINE):
        for source in sources.split():
            assert (ROOT / source).exists(), source


def test_the_image_does_not_run_as_root() -> None:
    assert re.search(r"^USER (?!root)", DOCKERFILE, re.MULTILINE)
    assert (ROOT / SERVICES["promethios"]["build"]["dockerfile"]).exists()
