"""Renew `jars.txt`: `python -m infra.embedded.kafka.lock` resolves the pinned version from the network."""

import hashlib
import tempfile
from pathlib import Path

from jgo.maven import Artifact, MavenContext

from infra.embedded.kafka.jars import KAFKA_VERSION, PINS_FILE, Jar, format_pins

# The command line tools, such as the console consumer: of them the broker itself needs nothing.
TOOLS = "kafka-tools"
KAFKA_GROUP = "org.apache.kafka"

# Kafka logs through SLF4J 1.7 and ships no binding for it in its dependencies; without one it logs nothing.
LOG_BINDING = "log4j-slf4j-impl"
LOG_GROUP = "org.apache.logging.log4j"


def resolve(context: MavenContext) -> list[Artifact]:
    """Resolve the broker's run-time jars.

    Kafka is resolved alone: a second coordinate beside it would bring its own managed versions (log4j's bill
    of materials makes kafka-clients 3.9 of 4.3), so the binding is added by hand, at log4j's own version. So
    are the tools, whose other dependencies (Connect) nothing here uses.
    """
    kafka = context.create_dependency(f"{KAFKA_GROUP}:kafka_2.13:{KAFKA_VERSION}")
    inputs, transitive = context.resolver.resolve([kafka])
    needed = [d for d in transitive if d.scope in {"compile", "runtime"}]
    artifacts: list[Artifact] = [dependency.artifact for dependency in [*inputs, *needed]]
    log4j = next(a for a in artifacts if a.groupId == LOG_GROUP and a.artifactId == "log4j-core")
    binding = context.project(LOG_GROUP, LOG_BINDING).at_version(log4j.version).artifact()
    return [*artifacts, binding, context.project(KAFKA_GROUP, TOOLS).at_version(KAFKA_VERSION).artifact()]


def pin(artifact: Artifact) -> Jar:
    """Download one artifact and take down what it is."""
    path = Path(artifact.resolve())
    content = path.read_bytes()
    coordinate = f"{artifact.groupId}:{artifact.artifactId}:{artifact.version}"
    return Jar(coordinate=coordinate, sha256=hashlib.sha256(content).hexdigest(), size=len(content))


def main() -> None:
    """Write the pins of the version that `jars.py` names."""
    with tempfile.TemporaryDirectory() as folder:
        context = MavenContext(repo_cache=Path(folder), timeout=60)
        PINS_FILE.write_text(format_pins(tuple(pin(a) for a in resolve(context))), encoding="utf-8")


if __name__ == "__main__":
    main()
