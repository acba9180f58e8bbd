"""JSON Web Tokens."""

import pytest

from privacy.detectors.jwt import JWT
from tests.privacy.samples import found

# RFC 7515, A.1 and A.5; RFC 7516's form has five parts.
SIGNED = "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9" + ".eyJpc3MiOiJqb2UifQ.dBjftJeZ4CVP-mB92K27uhbUJU1p"
UNSIGNED = "eyJhbGciOiJub25lIn0" + ".eyJpc3MiOiJqb2UifQ."
ENCRYPTED = "eyJhbGciOiJSU0EtT0FFUCJ9" + ".OKOawDo13gRp.48V1_ALb6US.5eym8TW_c8SuK.XFBoMYUZodetZdvTi"


@pytest.mark.parametrize("token", [SIGNED, UNSIGNED, ENCRYPTED])
def test_tokens(token: str) -> None:
    assert found(JWT, f"got {token} back") == [token]


@pytest.mark.parametrize("text", ["eyJ", "eyJhbGciOiJub25lIn0", "eyJ.a.b", "xeyJhbGciOiJub25lIn0.eyJpc3Mi"])
def test_no_tokens(text: str) -> None:
    assert found(JWT, text) == []
