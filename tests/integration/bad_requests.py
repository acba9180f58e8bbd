"""What no agent should send, as tables: a route's good body, what is done to it, and the answers allowed."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from operator import attrgetter

import orjson

from schemas.messages.registry import REPORT_ROUTES
from tests.integration import bad_bodies as bad

AGENT = "bad-input"
TAKEN = ""
_MARK = b'"<here>"'
_JSON = {"Content-Type": "application/json"}


@dataclass(frozen=True)
class Target:
    """A route, and a body that it takes, with a place for any value.

    In a body with `has_free_json` that is free JSON, else a field that the route does not know.
    """

    name: str
    path: str
    template: bytes
    has_free_json: bool = True
    headers: Mapping[str, str] = field(default_factory=lambda: _JSON)

    @property
    def good(self) -> bytes:
        """What is taken."""
        return (
            self.with_value(b'"x"') if self.has_free_json else self.template.replace(b',"any":' + _MARK, b"")
        )

    def with_value(self, value: bytes) -> bytes:
        """The body with some JSON in its place."""
        return self.template.replace(_MARK, value)


Making = Callable[[Target], bytes]


@dataclass(frozen=True)
class Attack:
    """A body, or how to make it of a route's; `headers` come in place of the good ones.

    `tags` are those of the answers that will do, `TAKEN` for a success.
    """

    name: str
    tags: set[str]
    body: bytes | Making = attrgetter("good")
    headers: Mapping[str, str] = field(default_factory=dict)
    query: str = ""

    def body_for(self, target: Target) -> bytes:
        """What is sent to a route."""
        return self.body if isinstance(self.body, bytes) else self.body(target)

    def allows(self, target: Target, tag: str) -> bool:
        """Whether a route may answer so; where a value stands in an unknown field, that may be said too."""
        in_unknown_field = isinstance(self.body, Within) and not target.has_free_json
        return tag in self.tags or (in_unknown_field and tag == "bad-fields")


@dataclass(frozen=True)
class Within:
    """A good body with a bad value in its place."""

    value: bytes

    def __call__(self, target: Target) -> bytes:
        """The body for a route."""
        return target.with_value(self.value)


def _replacing(old: bytes, new: bytes) -> Making:
    """A good body, in which something else stands where `old` comes first."""
    return lambda target: target.good.replace(old, new, 1)


def _naming_twice(first: str, second: str) -> Making:
    """A good body that names its agent twice."""

    def make(target: Target) -> bytes:
        named = b'"agentId"' if b'"agentId"' in target.good else b'"instance_id"'
        old, new = (b"%b:%b" % (named, orjson.dumps(name)) for name in (first, second))
        return target.good.replace(b"%b:%b" % (named, orjson.dumps(AGENT)), old + b"," + new)

    return make


_CONTEXT = {"any": "<here>"}
_VIOLATION = {"type": "t", "severity": "low", "context": _CONTEXT}
_TEMPLATES: dict[str, dict[str, object]] = {
    "heartbeat": {"agentId": AGENT, "status": "active", "any": "<here>"},
    "metrics": {
        "agentId": AGENT,
        "metrics": {"interactions": 0, "responseTime": 0, "violations": [_VIOLATION]},
    },
    "violation": {"agentId": AGENT, "violation": _VIOLATION},
    "log": {"agentId": AGENT, "level": "info", "message": "m", "context": _CONTEXT},
    "event": {"instance_id": AGENT, "event_type": "Decision", "payload": {"attributes": _CONTEXT}},
    "cost": {"instance_id": AGENT, "metric_type": "tokens_in", "amount": 1, "any": "<here>"},
}
TARGETS = [
    Target(
        route.name, route.path, orjson.dumps(_TEMPLATES[route.name]), route.name not in {"heartbeat", "cost"}
    )
    for route in REPORT_ROUTES
]

_NO_JSON = {"bad-json"}
_TOO_DEEP = {"bad-json", "bad-fields"}
_TOO_WIDE = {"bad-fields", "event-too-large", "too-many-values"}
_NO_NUMBER = {"bad-json", "bad-fields"}
_GOOD = TARGETS[0].good

# Of a body as a whole.
BODIES = [
    Attack("no body", _NO_JSON, b""),
    Attack("blanks", _NO_JSON, b" \r\n\t"),
    Attack("a form", _NO_JSON, b"agentId=bad-input"),
    Attack("NUL bytes", _NO_JSON, bytes(1000)),
    Attack("null", {"bad-fields"}, b"null"),
    Attack("a number", {"bad-fields"}, b"12"),
    Attack("an empty object", {"bad-fields"}, b"{}"),
    Attack("an array of nothing", {"no-events"}, b"[]"),
    Attack("an array of arrays", {"bad-fields"}, b"[[]]"),
    Attack("an unclosed text", _NO_JSON, b'{"'),
    Attack("arrays 100,000 deep", _TOO_DEEP, bad.deep_arrays(100_000)),
    Attack("unclosed arrays 100,000 deep", _TOO_DEEP, b"[" * 100_000),
    Attack("objects 100,000 deep", _TOO_DEEP, bad.deep_objects(100_000)),
    Attack("a million keys", {"body-too-large"}, bad.wide_object(1_000_000)),
    Attack("300,000 keys", {"bad-fields"}, bad.wide_object(300_000)),
    Attack("a million values", {"too-many-values"}, bad.wide_array(1_000_000)),
    Attack("20,000 empty events", {"bad-fields", "too-many-events"}, b"[" + b"{}," * 19_999 + b"{}]"),
    Attack("200,000 digits", _NO_NUMBER, b"1" * 200_000),
    Attack("UTF-16", _NO_JSON, _GOOD.decode().encode("utf-16")),
    Attack("UTF-16 without a mark", _NO_JSON, _GOOD.decode().encode("utf-16-be")),
    Attack("UTF-32", _NO_JSON, _GOOD.decode().encode("utf-32")),
    Attack("a byte order mark", _NO_JSON, b"\xef\xbb\xbf" + _GOOD),
    Attack("more than is taken", {"body-too-large"}, b" " * (4 * 1024 * 1024 + 1)),
]

# Of a value within a good body.
VALUES = [
    Attack("arrays 100,000 deep within", _TOO_DEEP, Within(bad.deep_arrays(100_000))),
    Attack("arrays 100 deep within", _TOO_DEEP, Within(bad.deep_arrays(100))),
    Attack("objects 100,000 deep within", _TOO_DEEP, Within(bad.deep_objects(100_000))),
    Attack("2,000 keys within", _TOO_WIDE, Within(bad.wide_object(2_000))),
    Attack("300,000 keys within", _TOO_WIDE, Within(bad.wide_object(300_000))),
    Attack("a million values within", _TOO_WIDE, Within(bad.wide_array(1_000_000))),
    Attack("200,000 digits within", _NO_NUMBER, Within(b"1" * 200_000)),
    Attack("200,000 digits of a fraction", _NO_NUMBER | {TAKEN}, Within(b"0." + b"1" * 200_000)),
    Attack("200,000 digits of an exponent", _NO_NUMBER, Within(b"1e" + b"9" * 200_000)),
    Attack("too large a number", _NO_NUMBER, Within(b"1e999")),
    Attack("too small a number", _NO_NUMBER, Within(b"-1e999")),
    Attack("NaN", _NO_JSON, Within(b"NaN")),
    Attack("Infinity", _NO_JSON, Within(b"-Infinity")),
    Attack("a lone surrogate", _NO_JSON, Within(rb'"\ud800"')),
    Attack("surrogates the wrong way", _NO_JSON, Within(rb'"\udc00\ud800"')),
    Attack("a NUL byte", _NO_JSON, Within(b'"a\0b"')),
    Attack("an escaped NUL", {TAKEN}, Within(rb'"a\u0000b"')),
    Attack("Latin-1", _NO_JSON, Within(b'"\xe4"')),
    Attack("overlong UTF-8", _NO_JSON, Within(b'"\xc0\xaf"')),
    Attack("a surrogate in UTF-8", _NO_JSON, Within(b'"\xed\xa0\x80"')),
    Attack("half a character", _NO_JSON, Within(b'"\xe2\x82"')),
    Attack("an unknown escape", _NO_JSON, Within(rb'"\x41"')),
    Attack("a line break in a text", _NO_JSON, Within(b'"a\nb"')),
    Attack("a comment", _NO_JSON, Within(b"/* here */ 1")),
    Attack("the same key twice", {TAKEN}, Within(b'{"a":1,"a":2}')),
    Attack("a text of 100,000 characters", {"bad-fields"}, Within(b'"' + b"x" * 100_000 + b'"')),
    Attack("a text of a million characters", {"event-too-large"}, Within(b'"' + b"x" * 1_000_000 + b'"')),
]

# Of whom a body is from.
CLAIMS = [
    Attack("another agent", {"other-agent"}, _replacing(orjson.dumps(AGENT), b'"somebody-else"')),
    Attack("another tenant", {"other-tenant", "bad-fields"}, _replacing(b"{", b'{"tenant_id":"other",')),
    Attack("another tenant, as a list", {"bad-fields"}, _replacing(b"{", b'{"tenant_id":["default"],')),
    Attack("another agent second", {"other-agent"}, _naming_twice(AGENT, "somebody-else")),
    Attack("another agent first", {TAKEN}, _naming_twice("somebody-else", AGENT)),
    Attack(
        "another agent in the middle",
        {"other-agent"},
        lambda t: b"[%b,%b,%b]" % (t.good, t.good.replace(AGENT.encode(), b"somebody-else"), t.good),
    ),
]
