"""What all routes share: limits before work, keys that come twice, and what is counted."""

import asyncio
import gzip
import json
import zlib
from collections.abc import Callable
from typing import Any

import pytest

from ingest_gateway.auth import Identity, KeyIndex
from ingest_gateway.limits import Limits
from schemas.block import decode_block
from schemas.identity import new_api_key
from tests.ingest_gateway.fakes import AGENT, TOKEN, api_key
from tests.ingest_gateway.harness import LOG, LOGS, Harness, running, tag_of

AS_JSON = {"Content-Type": "application/json"}
OTHER = LOG | {"message": "other"}
TRACE = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


def packed(body: object, encoding: str = "gzip") -> dict[str, Any]:
    pack: Callable[[bytes], bytes] = gzip.compress if encoding == "gzip" else zlib.compress
    headers = AS_JSON | {"Content-Encoding": encoding}
    return {"content": pack(json.dumps(body).encode()), "headers": headers}


def keyed(body: object = LOG, key: str = "k") -> dict[str, Any]:
    return {"json": body, "headers": {"Idempotency-Key": key}}


async def samples(harness: Harness) -> dict[str, float]:
    lines = (await harness.client.get("/metrics")).text.splitlines()
    return {name: float(value) for name, value in (line.rsplit(" ", 1) for line in lines if line[0] != "#")}


@pytest.mark.parametrize("encoding", ["gzip", "deflate"])
async def test_a_packed_body_is_taken_like_a_plain_one(encoding: str) -> None:
    async with running() as harness:
        assert (await harness.post(**packed([LOG, LOG], encoding))).status_code == 202
        await harness.post(json=[LOG, LOG])
        (_, first, _), (_, second, _) = harness.sink.records
        assert [json.loads(line)["message"] for line in first.splitlines()] == ["m", "m"]
        assert len(first) == len(second)


async def test_the_header_that_would_help_comes_with_the_refusal() -> None:
    async with running() as harness:
        response = await harness.post(content=b"", headers=AS_JSON | {"Content-Encoding": "br"})
        assert (response.status_code, tag_of(response)) == (415, "wrong-content-encoding")
        assert response.headers["accept-encoding"] == "gzip, zstd, deflate"


@pytest.mark.parametrize("name", ["Idempotency-Key", "Authorization", "Content-Type", "X-Agent-ID"])
async def test_a_repeated_header_is_refused(name: str) -> None:
    async with running() as harness:
        headers = [("Authorization", f"Bearer {TOKEN}"), ("Content-Type", "application/json")]
        headers += [(name, "x"), (name, "x")] if name not in dict(headers) else [(name, dict(headers)[name])]
        response = await harness.client.post(LOGS, content=json.dumps(LOG), headers=headers)
        assert (response.status_code, tag_of(response)) == (400, "repeated-header")
        assert harness.sink.records == []


async def test_a_key_that_arrives_meanwhile_is_let_in(monkeypatch: pytest.MonkeyPatch) -> None:
    looked_for, find = asyncio.Event(), KeyIndex.find

    def noted(keys: KeyIndex, token: bytes, now: int) -> Identity:
        looked_for.set()
        return find(keys, token, now)

    monkeypatch.setattr(KeyIndex, "find", noted)
    async with running(AGENT) as harness:
        answer = asyncio.create_task(harness.post())
        await looked_for.wait()
        harness.control.change(api_key())
        assert (await answer).status_code == 202


async def test_a_key_that_sends_too_much_waits_and_others_do_not() -> None:
    other = new_api_key("agent-1")
    keys = (api_key(), api_key(other, key_id="key-2"))
    async with running(AGENT, *keys, limits=Limits(requests_per_second=2)) as harness:
        answers = [await harness.post() for _ in range(3)]
        assert [answer.status_code for answer in answers] == [202, 202, 429]
        assert tag_of(answers[2]) == "rate-limited"
        assert answers[2].headers["retry-after"] == "1"
        assert answers[2].headers["ratelimit"] == '"requests";r=0;t=1'
        assert (await harness.post(headers={"Authorization": f"Bearer {other}"})).status_code == 202


@pytest.mark.parametrize(
    "limits", [Limits(events_per_second=1), Limits(bytes_per_second=10)], ids=["events", "bytes"]
)
async def test_what_a_request_holds_is_charged_to_its_key(limits: Limits) -> None:
    async with running(limits=limits) as harness:
        assert (await harness.post(json=[LOG] * 5)).status_code == 202
        response = await harness.post()
        assert (response.status_code, tag_of(response)) == (429, "rate-limited")
        assert int(response.headers["retry-after"]) >= 3


async def test_a_body_that_cannot_be_read_is_charged_too() -> None:
    async with running(limits=Limits(bytes_per_second=100)) as harness:
        assert (await harness.post(content=b"x" * 1000, headers=AS_JSON)).status_code == 400
        assert (await harness.post()).status_code == 429


async def test_a_key_used_for_another_body_is_refused() -> None:
    async with running() as harness:
        assert (await harness.post(**keyed())).status_code == 202
        response = await harness.post(**keyed(OTHER))
        assert (response.status_code, tag_of(response)) == (422, "idempotency-key-reused")
        assert (await harness.post(**keyed())).status_code == 202
        assert (await harness.post(**keyed(OTHER, "another"))).status_code == 202
        assert len(harness.sink.records) == 3


async def test_the_same_body_packed_otherwise_is_the_same_body() -> None:
    async with running() as harness:
        plain: dict[str, Any] = {"content": json.dumps(LOG), "headers": AS_JSON}
        for form in (packed(LOG, "gzip"), packed(LOG, "deflate"), plain):
            form["headers"] = form["headers"] | {"Idempotency-Key": "k"}
            assert (await harness.post(**form)).status_code == 202


async def test_a_request_of_which_nothing_was_stored_leaves_its_key_free() -> None:
    async with running(limits=Limits(max_events=1)) as harness:
        assert (await harness.post(**keyed(LOG | {"level": "loud"}))).status_code == 422
        assert (await harness.post(**keyed([LOG, LOG]))).status_code == 413
        assert (await harness.post(**keyed())).status_code == 202


async def test_while_kafka_is_away_a_key_stays_free_and_after_an_unknown_outcome_it_is_taken() -> None:
    async with running() as harness:
        harness.sink.hang()
        assert tag_of(await harness.post(**keyed())) == "outcome-unknown"
        assert tag_of(await harness.post(**keyed(key="later"))) == "kafka-unavailable"
        harness.sink.flow()
        async with asyncio.timeout(60):
            while (await harness.post()).status_code != 202:  # noqa: ASYNC110 - it is asked by requests
                await asyncio.sleep(0.001)
        assert tag_of(await harness.post(**keyed(OTHER))) == "idempotency-key-reused"
        assert (await harness.post(**keyed())).status_code == 202
        assert (await harness.post(**keyed(OTHER, "later"))).status_code == 202


async def test_without_room_for_its_rows_a_request_is_told_to_come_back() -> None:
    async with running(limits=Limits(unacknowledged_bytes=1000, ack_seconds=60)) as harness:
        harness.sink.hang()
        first = asyncio.create_task(harness.post())
        while not harness.gateway.intake().coalescer.unacknowledged_bytes:  # noqa: ASYNC110 - it has no event
            await asyncio.sleep(0)
        response = await harness.post()
        assert (response.status_code, tag_of(response)) == (503, "overloaded")
        assert response.headers["retry-after"] == "1"
        harness.sink.flow()
        assert (await first).status_code == 202


@pytest.mark.parametrize(("header", "kept"), [(TRACE, TRACE), ("nonsense", ""), (None, "")])
async def test_the_trace_of_a_request_stands_in_its_segment(header: str | None, kept: str) -> None:
    async with running() as harness:
        await harness.post(headers={} if header is None else {"traceparent": header})
        ((_, value, headers),) = harness.sink.records
        assert decode_block(headers, value).segments[0].traceparent == kept


async def test_bytes_are_counted_as_sent_and_as_meant_and_ages_once_a_request() -> None:
    async with running() as harness:
        dated = [LOG | {"timestamp": "2026-01-31T12:00:00Z"}] * 40
        form = packed(dated)
        await harness.post(**form)
        await harness.post(content=json.dumps(LOG), headers=AS_JSON)
        found = await samples(harness)
        assert found['promethios_gateway_events_total{kind="log",worker="3"}'] == 41
        sent = found['promethios_gateway_received_bytes_total{worker="3"}']
        meant = found['promethios_gateway_decoded_bytes_total{worker="3"}']
        assert sent == len(form["content"]) + len(json.dumps(LOG))
        assert meant == len(json.dumps(dated)) + len(json.dumps(LOG))
        assert found['promethios_gateway_event_age_seconds_count{worker="3"}'] == 1
