"""The OpenTelemetry Collector: built once from its modules, then run with our configuration."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from benchmarks.gateway.servers import Program
from runtime.settings import KafkaAddress

COLLECTOR_PATH = "/v1/logs"
BUILDER = "go.opentelemetry.io/collector/cmd/builder@v0.155.0"
_FILES = Path(__file__).with_name("otelcol")
_BINARY = Path("dist") / "otelcol"
_MISSING = (
    "Go is missing; it builds the OpenTelemetry Collector: install it (1.25 or newer, https://go.dev/dl), or "
    "leave the collector out: --servers gateway-1 gateway-2."
)


def build(cache: Path) -> Path:
    """The collector's binary, which the first call makes in `cache`; needs the Go module proxy and minutes.

    Raises:
        SystemExit: there is no Go, or it failed; says what to do.
    """
    wanted = (_FILES / "builder.yaml").read_bytes()
    binary, built_from = cache / _BINARY, cache / "built-from.yaml"
    if binary.is_file() and built_from.is_file() and built_from.read_bytes() == wanted:
        return binary
    go = shutil.which("go")
    if go is None:
        raise SystemExit(_MISSING)
    cache.mkdir(parents=True, exist_ok=True)
    print(f"building the OpenTelemetry Collector in {cache}; the first time takes minutes", file=sys.stderr)
    environment = {**os.environ, "GOBIN": str(cache)}
    try:
        subprocess.run([go, "install", BUILDER], check=True, env=environment)
        subprocess.run(
            [str(cache / "builder"), "--config", str(_FILES / "builder.yaml")], check=True, cwd=cache
        )
    except subprocess.CalledProcessError as error:
        raise SystemExit(
            f"The collector was not built ({error}): check that Go is 1.25 or newer and reaches its proxy."
        ) from None
    built_from.write_bytes(wanted)
    return binary


def program(binary: Path, port: int, kafka: KafkaAddress, topic: str) -> Program:
    """How it runs: where it listens, what it publishes to, and as whom.

    Raises:
        ValueError: the broker asks for no password, for which the collector's configuration is not made.
    """
    if kafka.username is None or kafka.password is None:
        raise ValueError("the collector is configured for a broker that asks for a password")
    environment = {
        "BENCH_ENDPOINT": f"127.0.0.1:{port}",
        "BENCH_KAFKA": kafka.bootstrap_servers,
        "BENCH_KAFKA_USER": kafka.username,
        "BENCH_KAFKA_PASSWORD": kafka.password.get_secret_value(),
        "BENCH_TOPIC": topic,
    }
    return Program([str(binary), "--config", str(_FILES / "config.yaml")], environment, COLLECTOR_PATH)
