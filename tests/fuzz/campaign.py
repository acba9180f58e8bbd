"""A fuzz run over every route of an OpenAPI document: schemathesis' engine, bounded, with a tally."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import httpx
from schemathesis import Config, openapi
from schemathesis.engine import from_schema
from schemathesis.engine.events import FatalError, NonFatalError, ScenarioFinished
from schemathesis.engine.recorder import ScenarioRecorder

NO_ANSWER = 0
_ANSWER_SECONDS = 10
# Refusals of ours beside those that schemathesis knows for invalid data.
_REFUSALS = ["400", "401", "403", "404", "405", "406", "408", "413", "414", "415", "422", "428", "431"]


@dataclass(frozen=True)
class Effort:
    """How long a run is; the same again for a seed.

    Each route gets the document's examples, the boundaries of its schemas, and `examples` of random data;
    with `seconds` that goes on until they have passed. Routes whose schema says less than is checked are
    `lenient`: they may refuse what it allows, and their boundaries are left out unless there are `seconds`.
    """

    seed: int
    examples: int
    seconds: int | None = None
    lenient: Sequence[str] = ()


@dataclass
class Tally:
    """Answers by route and status, and what was wrong, each once with a way to repeat it."""

    answers: Counter[tuple[str, int]] = field(default_factory=Counter)
    failures: dict[str, str] = field(default_factory=dict)

    @property
    def server_errors(self) -> Counter[tuple[str, int]]:
        """What no request may get: 5xx, or nothing."""
        return Counter(
            {(route, status): n for (route, status), n in self.answers.items() if not 0 < status < 500}
        )

    def report(self) -> str:
        """One line a route, with the statuses and how often they came; then the failures."""
        by_route: dict[str, list[str]] = {}
        for (route, status), count in sorted(self.answers.items()):
            by_route.setdefault(route, []).append(f"{status or 'no answer'}: {count}")
        lines = [f"{route:48} {'  '.join(statuses)}" for route, statuses in by_route.items()]
        lines.append(f"{self.answers.total()} cases, {self.server_errors.total()} of them 5xx or unanswered")
        lines += [f"FAILED {failure}\n       {sample}" for failure, sample in self.failures.items()]
        return "\n".join(lines)

    def add(self, recorder: ScenarioRecorder) -> None:
        """Count what a scenario did."""
        for interaction in recorder.interactions.values():
            response = interaction.response
            self.answers[recorder.label, NO_ANSWER if response is None else response.status_code] += 1
        for check in (check for checks in recorder.checks.values() for check in checks):
            if check.failure_info is not None:
                failure = check.failure_info.failure
                text = f"{recorder.label}: {failure.title}: {failure.message}"
                self.failures.setdefault(text, check.failure_info.code_sample)


def fuzz(
    base_url: str, headers: Mapping[str, str], effort: Effort, known: Mapping[str, Sequence[Any]]
) -> Tally:
    """Send generated requests, valid and invalid, to each route, with all of schemathesis' checks.

    No 5xx; documented statuses, types and schemas only; invalid data refused and valid data taken. `known`
    has the values of fields and headers where others would be refused at once or are more than JSON Schema
    can say, and none for a parameter that is to be left out.
    """
    document = httpx.get(f"{base_url}/openapi.json", timeout=_ANSWER_SECONDS).raise_for_status().json()
    _restrict(document, known)
    schema = openapi.from_dict(document, config=_config(base_url, headers, effort))
    tally = Tally()
    for event in from_schema(schema).execute():
        if isinstance(event, ScenarioFinished):
            tally.add(event.recorder)
        elif isinstance(event, NonFatalError):
            tally.failures[f"{event.label}: {event.info.title}: {event.info.message}"] = ""
        elif isinstance(event, FatalError):
            raise event.exception
    return tally


def _config(base_url: str, headers: Mapping[str, str], effort: Effort) -> Config:
    off = {"enabled": False}
    config: dict[str, Any] = {
        "seed": effort.seed,
        "base-url": base_url,
        "headers": dict(headers),
        "request-timeout": _ANSWER_SECONDS,
        "continue-on-failure": True,
        "generation": {"max-examples": effort.examples, "database": "none", "no-shrink": True},
        "phases": {"stateful": off},
        "checks": {"negative_data_rejection": {"expected-statuses": _REFUSALS}},
        "operations": [
            {
                "include-path": path,
                "checks": {"negative_data_rejection": off, "positive_data_acceptance": off},
                "phases": {} if effort.seconds else {"coverage": off},
            }
            for path in effort.lenient
        ],
    }
    if effort.seconds:
        config["max-time"] = effort.seconds
    return Config.from_dict(config)


def _restrict(node: Any, known: Mapping[str, Sequence[Any]]) -> None:  # noqa: ANN401 - any part of the document
    """Let properties and parameters of these names take these values only, wherever they are described."""
    if isinstance(node, list):
        node[:] = [item for item in node if not _is_left_out(item, known)]
        for item in node:
            _restrict(item, known)
    if not isinstance(node, dict):
        return
    for name in known.keys() & node.get("properties", {}).keys():
        node["properties"][name] = {"enum": list(known[name])}
    if node.get("in") and node.get("name") in known:
        node["schema"] = {"enum": list(known[node["name"]])}
    for item in node.values():
        _restrict(item, known)


def _is_left_out(item: Any, known: Mapping[str, Sequence[Any]]) -> bool:  # noqa: ANN401 - any part of the document
    return isinstance(item, dict) and bool(item.get("in")) and known.get(item.get("name", "")) == ()
