"""A fuzz run over every route of an OpenAPI document: schemathesis' engine, bounded, with a tally."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import httpx

if TYPE_CHECKING:
    # Imported where it is used: it takes seconds, and every process of a run would import it to collect.
    from schemathesis import Config
    from schemathesis.engine.recorder import ScenarioRecorder

NO_ANSWER = 0
_ANSWER_SECONDS = 60
# Answers that go on until somebody leaves.
_ENDLESS = "/stream$"
# Refusals of ours beside those that schemathesis knows for invalid data.
_REFUSALS = ["400", "401", "403", "404", "405", "406", "408", "413", "414", "415", "422", "428", "431"]


@dataclass(frozen=True)
class Effort:
    """How long a run is; the same again for a seed.

    Each route gets the document's examples, the boundaries of its schemas, and `examples` of random data;
    with `seconds` that goes on until they have passed.
    """

    seed: int
    examples: int
    seconds: int | None = None


@dataclass(frozen=True)
class Service:
    """Where to send requests, with which headers, and what has to be known to get past the first checks.

    `parameters` and `fields` have the values of those where others would be refused at once or are more than
    JSON Schema can say, and none for a parameter that is to be left out. `lenient` matches paths whose schema
    is not exact: they may refuse what it allows, and their boundaries are left to longer runs. `unsaid` is in
    the refusals by a rule over several fields that no schema says, and only in those; empty if there is none.
    """

    base_url: str
    headers: Mapping[str, str]
    parameters: Mapping[str, Sequence[Any]]
    fields: Mapping[str, Sequence[Any]]
    lenient: str
    unsaid: str


@dataclass
class Tally:
    """Answers by route and status, and what was wrong, each once with a way to repeat it.

    `unsaid` is as in `Service`.
    """

    unsaid: str
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

    def add(self, recorder: "ScenarioRecorder") -> None:
        """Count what a scenario did."""
        for interaction in recorder.interactions.values():
            response = interaction.response
            self.answers[recorder.label, NO_ANSWER if response is None else response.status_code] += 1
        for case_id, check in (
            (case_id, one) for case_id, checks in recorder.checks.items() for one in checks
        ):
            if check.failure_info is not None and not self._is_unsaid(check.name, recorder, case_id):
                failure = check.failure_info.failure
                text = f"{recorder.label}: {failure.title}: {failure.message}"
                self.failures.setdefault(text, check.failure_info.code_sample)

    def _is_unsaid(self, check: str, recorder: "ScenarioRecorder", case_id: str) -> bool:
        response = recorder.interactions[case_id].response
        return (
            check == "positive_data_acceptance"
            and bool(self.unsaid)
            and response is not None
            and self.unsaid in response.text
        )


def fuzz(service: Service, effort: Effort) -> Tally:
    """Send generated requests, valid and invalid, to each route, with all of schemathesis' checks.

    No 5xx; documented statuses, types and schemas only; invalid data refused and valid data taken.
    """
    from schemathesis import openapi  # noqa: PLC0415 - see above
    from schemathesis.engine import from_schema  # noqa: PLC0415 - see above
    from schemathesis.engine.events import FatalError, NonFatalError, ScenarioFinished  # noqa: PLC0415 - see above

    description = httpx.get(f"{service.base_url}/openapi.json", timeout=_ANSWER_SECONDS).raise_for_status()
    document = description.json()
    _restrict(document, service)
    schema = openapi.from_dict(document, config=_config(service, effort)).exclude(path_regex=_ENDLESS)
    tally = Tally(service.unsaid)
    for event in from_schema(schema).execute():
        if isinstance(event, ScenarioFinished):
            tally.add(event.recorder)
        elif isinstance(event, NonFatalError):
            tally.failures[f"{event.label}: {event.info.title}: {event.info.message}"] = ""
        elif isinstance(event, FatalError):
            raise event.exception
    return tally


def _config(service: Service, effort: Effort) -> "Config":
    from schemathesis import Config  # noqa: PLC0415 - see above

    off = {"enabled": False}
    config: dict[str, Any] = {
        "seed": effort.seed,
        "base-url": service.base_url,
        "headers": dict(service.headers),
        "request-timeout": _ANSWER_SECONDS,
        "continue-on-failure": True,
        "generation": {"max-examples": effort.examples, "database": "none", "no-shrink": True},
        "phases": {"stateful": off},
        "checks": {"negative_data_rejection": {"expected-statuses": _REFUSALS}},
        "operations": [
            {
                "include-path-regex": service.lenient,
                "checks": {"negative_data_rejection": off, "positive_data_acceptance": off},
                "phases": {} if effort.seconds else {"coverage": off},
            }
        ],
    }
    if effort.seconds:
        config["max-time"] = effort.seconds
    return Config.from_dict(config)


def _restrict(node: Any, service: Service) -> None:  # noqa: ANN401 - any part of the document
    """Let parameters and fields that are known take these values only, wherever they are described."""
    if isinstance(node, list):
        node[:] = [item for item in node if _known_values(item, service) != ()]
        for item in node:
            _restrict(item, service)
    elif isinstance(node, dict):
        for name in service.fields.keys() & node.get("properties", {}).keys():
            node["properties"][name] = {"enum": list(service.fields[name])}
        if values := _known_values(node, service):
            node["schema"] = {"enum": list(values)}
        for item in node.values():
            _restrict(item, service)


def _known_values(node: Any, service: Service) -> Sequence[Any] | None:  # noqa: ANN401 - any part of the document
    """Those of a parameter; None for any other part, and where any value will do."""
    is_parameter = isinstance(node, dict) and isinstance(node.get("in"), str)
    return service.parameters.get(node["name"]) if is_parameter else None
