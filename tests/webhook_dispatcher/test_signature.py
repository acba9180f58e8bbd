"""What we sign, the stock library verifies: with any secret that is in force, and with no other."""

import base64
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from standardwebhooks.webhooks import Webhook as StockWebhook
from standardwebhooks.webhooks import WebhookVerificationError

from schemas.webhooks import SigningSecret
from tests.webhook_dispatcher.samples import SECRET
from webhook_dispatcher.signature import sign

BODY = b'{"test": 2432232314}'
OTHER = "whsec_" + base64.b64encode(b"another secret of thirty bytes").decode()


def now_ms() -> int:
    return time.time_ns() // 1_000_000


def test_the_example_of_the_specification() -> None:
    signed = sign([SigningSecret(SECRET)], "msg_p5jXN8AQM9LWM0D4loKWxJek", 1_614_265_330_999, BODY)
    assert signed == {
        "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
        "webhook-timestamp": "1614265330",
        "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    }


@given(
    st.binary(min_size=24, max_size=64),
    st.from_regex(r"[A-Za-z0-9_:-]{1,40}", fullmatch=True),
    st.text(st.characters(codec="utf-8")),
)
def test_the_stock_library_verifies_it(key: bytes, message_id: str, text: str) -> None:
    secret = "whsec_" + base64.b64encode(key).decode()
    body = text.encode()
    StockWebhook(secret).verify(
        body, sign([SigningSecret(secret)], message_id, now_ms(), body), json_parse=False
    )


def test_while_secrets_overlap_each_of_them_verifies() -> None:
    secrets = [SigningSecret(OTHER), SigningSecret(SECRET, now_ms() + 60_000)]
    signed = sign(secrets, "e1", now_ms(), BODY)
    for secret in secrets:
        assert StockWebhook(secret.secret).verify(BODY, signed) == {"test": 2432232314}


def test_an_expired_secret_signs_no_more() -> None:
    now = now_ms()
    signed = sign([SigningSecret(OTHER), SigningSecret(SECRET, now)], "e1", now, BODY)
    assert signed["webhook-signature"].count("v1,") == 1
    with pytest.raises(WebhookVerificationError):
        StockWebhook(SECRET).verify(BODY, signed)


@pytest.mark.parametrize("header", ["webhook-id", "webhook-timestamp"])
def test_what_was_changed_on_the_way_does_not_verify(header: str) -> None:
    signed = sign([SigningSecret(SECRET)], "e1", now_ms(), BODY)
    changed = signed | {header: signed[header][:-1] + ("2" if signed[header][-1] == "1" else "1")}
    with pytest.raises(WebhookVerificationError):
        StockWebhook(SECRET).verify(BODY, changed)
    with pytest.raises(WebhookVerificationError):
        StockWebhook(SECRET).verify(BODY + b" ", signed)
