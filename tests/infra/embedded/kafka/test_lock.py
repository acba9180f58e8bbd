"""Pinning takes down what arrived."""

import hashlib
from pathlib import Path
from types import SimpleNamespace
from typing import cast

from jgo.maven import Artifact

from infra.embedded.kafka.jars import Jar
from infra.embedded.kafka.lock import pin


def test_a_pin_is_the_artifacts_coordinate_and_bytes(tmp_path: Path) -> None:
    path = tmp_path / "thing-1.0.jar"
    path.write_bytes(b"content")
    artifact = SimpleNamespace(groupId="org.example", artifactId="thing", version="1.0", resolve=lambda: path)
    assert pin(cast("Artifact", artifact)) == Jar(
        "org.example:thing:1.0", hashlib.sha256(b"content").hexdigest(), 7
    )
