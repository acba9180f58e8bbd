"""Rules and policy engine do no I/O, read no clock, draw no lots, compute nothing that differs by machine."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
FOLDERS = (ROOT / "stream_processors" / "rules", ROOT / "policy_engine", ROOT / "alert_engine")
# The form in which states are held is that in which they are written.
FILES = (ROOT / "stream_processors" / "state" / "snapshot.py",)
SOURCES = sorted((*FILES, *(path for folder in FOLDERS for path in folder.rglob("*.py"))))

ALLOWED_MODULES = {
    "bisect",
    "collections.abc",
    "dataclasses",
    "datetime",
    "decimal",
    "enum",
    "functools",
    "hashlib",
    "heapq",
    "math",
    "operator",
    "msgspec",
    "struct",
    "typing",
    "uuid",
    "zlib",
}
OUR_MODULES = (
    "schemas.",
    "policy_engine.",
    "alert_engine.",
    "stream_processors.rules",
    "stream_processors.deduplication",
    "stream_processors.state.snapshot",
)
# `schemas.identity` draws secrets and imports the Kafka client.
NOT_OURS = {"schemas.identity"}

# Of these modules only what is correctly rounded, or a function of its arguments alone.
ALLOWED_NAMES = {
    "math": {"floor", "frexp", "ldexp", "sqrt"},
    "uuid": {"UUID", "uuid5"},
    "datetime": {"UTC", "datetime", "timedelta"},
    # What it remembers is a function of the arguments.
    "functools": {"lru_cache"},
}
# `sum` of floats differs between Python versions, `hash` and `id` between processes; `pow` is libm's.
FORBIDDEN_CALLS = {
    "open",
    "print",
    "input",
    "eval",
    "exec",
    "sum",
    "hash",
    "id",
    "pow",
    "__import__",
    "globals",
}
FORBIDDEN_ATTRIBUTES = {"now", "utcnow", "today", "timestamp_now", "uuid1", "uuid4", "getnode"}


def offences(source: str) -> Iterator[str]:
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (f"import {alias.name}" for alias in node.names if not _may_import(alias.name))
            # `import math` would hide which of its functions are used.
            yield from (f"import {alias.name} whole" for alias in node.names if alias.name in ALLOWED_NAMES)
        elif isinstance(node, ast.ImportFrom):
            module = node.module or ""
            if not _may_import(module):
                yield f"import {module}"
            allowed = ALLOWED_NAMES.get(module)
            yield from (
                f"{module}.{a.name}" for a in node.names if allowed is not None and a.name not in allowed
            )
        elif isinstance(node, ast.BinOp | ast.AugAssign) and isinstance(node.op, ast.Pow):
            yield "** is libm's pow"
        elif (
            isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in FORBIDDEN_CALLS
        ):
            yield f"{node.func.id}()"
        elif isinstance(node, ast.Attribute) and node.attr in FORBIDDEN_ATTRIBUTES:
            yield f".{node.attr}"
        elif isinstance(node, ast.AsyncFunctionDef | ast.Await | ast.AsyncFor | ast.AsyncWith | ast.Global):
            yield type(node).__name__


def _may_import(module: str) -> bool:
    return module in ALLOWED_MODULES or (module.startswith(OUR_MODULES) and module not in NOT_OURS)


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: f"{path.parent.name}-{path.name}")
def test_the_rules_are_pure(path: Path) -> None:
    assert list(offences(path.read_text())) == []


def test_there_are_rules_to_look_at() -> None:
    assert len(SOURCES) > 10


@pytest.mark.parametrize(
    "source",
    [
        "import time",
        "import os.path",
        "import math",
        "from math import exp",
        "from random import random",
        "from faust import App",
        "from aiokafka import AIOKafkaConsumer",
        "import clickhouse_connect",
        "from schemas.identity import new_secret",
        "from stream_processors.checkpoint.store import anything",
        "from uuid import uuid4",
        "from datetime import datetime\nx = datetime.now()",
        "x = 2.0 ** 0.5",
        "x = sum([0.1])",
        "x = hash('a')",
        "open('f')",
        "async def f(): ...",
    ],
)
def test_the_guard_sees_each_offence(source: str) -> None:
    assert list(offences(source)) != []
