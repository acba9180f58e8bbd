"""An identity provider of a test's own: keys, tokens, and a server for its key set that can misbehave."""

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from jwt.algorithms import ECAlgorithm, RSAAlgorithm

from query_api.oidc.settings import Provider

ISSUER = "https://login.example.com/"
AUDIENCE = "promethios"

Key = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey


def rsa_key(bits: int = 2048) -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=bits)


def ec_key(curve: ec.EllipticCurve | None = None) -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(curve or ec.SECP256R1())


def public_jwk(key: Key, kid: str | None, **more: object) -> dict[str, Any]:
    """The public half as it stands in a key set."""
    public = key.public_key()
    text = RSAAlgorithm.to_jwk(public) if isinstance(public, rsa.RSAPublicKey) else ECAlgorithm.to_jwk(public)
    # The library says `key_ops` for what it was given; providers say `use`.
    entry = {name: value for name, value in json.loads(text).items() if name != "key_ops"}
    return {**entry, **({} if kid is None else {"kid": kid}), **more}


def public_pem(key: Key) -> bytes:
    return key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


def key_set(*entries: dict[str, Any]) -> bytes:
    return json.dumps({"keys": entries}).encode()


def claims(**changed: object) -> dict[str, Any]:
    """Good claims but for what is changed; None leaves a claim out."""
    now = int(time.time())
    good = {
        "iss": ISSUER,
        "aud": AUDIENCE,
        "sub": "ada",
        "iat": now,
        "exp": now + 7200,
        "promethios_role": "analyst",
        "promethios_tenant": "acme",
    }
    return {name: value for name, value in {**good, **changed}.items() if value is not None}


def token(key: Key, kid: str | None, header: dict[str, Any] | None = None, **changed: object) -> str:
    """A token signed by the key's own algorithm."""
    algorithm = "RS256" if isinstance(key, rsa.RSAPrivateKey) else "ES256"
    headers = {**({} if kid is None else {"kid": kid}), **(header or {})}
    return jwt.encode(claims(**changed), key, algorithm=algorithm, headers=headers)


def provider(jwks_url: str = "https://login.example.com/keys", **changed: Any) -> Provider:  # noqa: ANN401 - of any field
    """What is trusted."""
    fields: dict[str, Any] = {
        "issuer": ISSUER,
        "audience": AUDIENCE,
        "jwks_url": jwks_url,
        "role_claim": "promethios_role",
        "tenant_claim": "promethios_tenant",
        **changed,
    }
    return Provider(**fields)


class KeyServer:
    """Answers with `body` and `status`, after `hang` is set; counts how often it was asked."""

    def __init__(self, port: int) -> None:
        self.url = f"http://127.0.0.1:{port}/keys"
        self.body = b""
        self.status = 200
        self.headers: dict[str, str] = {}
        self.asked = 0
        self.may_answer = threading.Event()
        self.may_answer.set()


@contextmanager
def key_server(body: bytes) -> Iterator[KeyServer]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            served.asked += 1
            if not served.may_answer.wait(20):
                return
            self.send_response(served.status)
            for name, value in served.headers.items():
                self.send_header(name, value)
            self.end_headers()
            try:
                self.wfile.write(served.body)
            except OSError:
                return  # who asked has gone

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    served = KeyServer(server.server_port)
    served.body = body
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield served
    finally:
        served.may_answer.set()
        server.shutdown()
        thread.join()
        server.server_close()
