"""Bad heads for any route and body: how it is packed and announced, and who sends it."""

from tests.integration import bad_bodies as bad
from tests.integration.bad_requests import TARGETS, Attack

_GZIP = {"Content-Encoding": "gzip"}
_ZSTD = {"Content-Encoding": "zstd"}
_DEFLATE = {"Content-Encoding": "deflate"}
_NOT_AS_SAID = {"bad-content-encoding"}
_TOO_LARGE = {"decoded-too-large", "compression-too-high"}
_SOME = TARGETS[0].good
_SOME_GZIP = bad.gzipped(_SOME)

PACKED = [
    Attack("an unknown encoding", {"wrong-content-encoding"}, headers={"Content-Encoding": "br"}),
    Attack("two encodings", {"wrong-content-encoding"}, headers={"Content-Encoding": "gzip, gzip"}),
    Attack("gzip that is none", _NOT_AS_SAID, _SOME, headers=_GZIP),
    Attack("zstd that is none", _NOT_AS_SAID, _SOME, headers=_ZSTD),
    Attack("deflate that is none", _NOT_AS_SAID, _SOME, headers=_DEFLATE),
    Attack("nothing in gzip", _NOT_AS_SAID, b"", headers=_GZIP),
    Attack("gzip that is cut off", _NOT_AS_SAID, _SOME_GZIP[:-1], headers=_GZIP),
    Attack("gzip with a tail", _NOT_AS_SAID, _SOME_GZIP + b"tail", headers=_GZIP),
    Attack("gzip whose sum is wrong", _NOT_AS_SAID, _SOME_GZIP[:-8] + bytes(8), headers=_GZIP),
    Attack("zstd that is cut off", _NOT_AS_SAID, bad.packed(_SOME)[:-1], headers=_ZSTD),
    Attack("zstd with a window of 2 GiB", _NOT_AS_SAID, bad.zstd_head(31) + bytes(100), headers=_ZSTD),
    Attack("100,000 empty gzip files", _NOT_AS_SAID, bad.gzipped(b"") * 100_000, headers=_GZIP),
    Attack("100,000 empty zstd frames", _NOT_AS_SAID, bad.packed(b"") * 100_000, headers=_ZSTD),
    Attack("a thousand layers of gzip", {"bad-json", "bad-protobuf"}, bad.layers(_SOME, 1000), headers=_GZIP),
    Attack("zstd of 10 GiB", _TOO_LARGE, bad.zstd_bomb(bad.TEN_GIB), headers=_ZSTD),
    Attack("gzip of 3 GiB", _TOO_LARGE, bad.deflate_bomb(bad.THREE_GIB, 31), headers=_GZIP),
    Attack("deflate of 3 GiB", _TOO_LARGE, bad.deflate_bomb(bad.THREE_GIB, 15), headers=_DEFLATE),
    Attack("raw deflate of 3 GiB", _TOO_LARGE, bad.deflate_bomb(bad.THREE_GIB, -15), headers=_DEFLATE),
    Attack("a million keys in zstd", _TOO_LARGE, bad.packed(bad.wide_object(1_000_000)), headers=_ZSTD),
]

_WRONG_TYPES = {
    "no type": "",
    "plain text": "text/plain",
    "a form's type": "application/x-www-form-urlencoded",
    "a multipart type": "multipart/form-data; boundary=x",
    "XML": "application/xml",
    "a type in capitals": "APPLICATION/SOMETHING",
    "no type at all": ";;;",
    "a type of 8,000 characters": "application/" + "x" * 8_000,
}
_UNKNOWN = {"missing-key", "mistyped-key", "unknown-key"}
SENDERS = [
    *(
        Attack(name, {"wrong-content-type"}, headers={"Content-Type": value})
        for name, value in _WRONG_TYPES.items()
    ),
    Attack("no key", _UNKNOWN, headers={"Authorization": ""}),
    Attack("another scheme", _UNKNOWN, headers={"Authorization": "Basic YTpi"}),
    Attack("an empty key", _UNKNOWN, headers={"Authorization": "Bearer "}),
    Attack("half a key", _UNKNOWN, headers={"Authorization": "Bearer promethios_bad-input"}),
    Attack(
        "a key of 8,000 characters", _UNKNOWN, headers={"Authorization": "Bearer promethios_" + "x" * 8_000}
    ),
    Attack("a key beyond ASCII", _UNKNOWN, headers={"Authorization": "Bearer promethios_ä_\xff"}),
    Attack("a key in the URL", {"key-in-url"}, query="?api_key=1"),
    Attack("a token in the URL", {"key-in-url"}, query="?a=b&Token=x"),
    Attack("the key itself in the URL", {"key-in-url"}, query="?x=promethios_bad-input_secret"),
    Attack("an escaped key in the URL", {"key-in-url"}, query="?x=%70romethios_bad-input_secret"),
    Attack("another agent's id", {"other-agent"}, headers={"X-Agent-ID": "somebody-else"}),
    Attack("another governance id", {"other-agent"}, headers={"X-Governance-ID": "somebody-else"}),
    Attack("an empty idempotency key", {"bad-idempotency-key"}, headers={"Idempotency-Key": ""}),
    Attack("too long an idempotency key", {"bad-idempotency-key"}, headers={"Idempotency-Key": "x" * 256}),
    Attack("an idempotency key beyond ASCII", {"bad-idempotency-key"}, headers={"Idempotency-Key": "ä"}),
    Attack("half a quoted idempotency key", {"bad-idempotency-key"}, headers={"Idempotency-Key": '"x'}),
]
