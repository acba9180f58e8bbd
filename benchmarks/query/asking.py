"""Asks one question again and again, by some clients at once, and says how long the answers took."""

import asyncio
import random
import time
from collections.abc import Sequence
from dataclasses import dataclass, field

import aiohttp

from benchmarks.query.questions import Question

_WARM_UP = 3
_MOST_SECONDS = 120


@dataclass
class Answers:
    """Times of good answers in milliseconds, and the statuses of all others."""

    times: list[float] = field(default_factory=list)
    refused: list[int] = field(default_factory=list)


async def ask(
    url: str, token: str, question: Question, agents: Sequence[str], plan: tuple[int, float]
) -> Answers:
    """`plan` is how many clients ask for how many seconds; each asks anew once it has its answer."""
    clients, seconds = plan
    answers = Answers()
    headers = {"Authorization": f"Bearer {token}"}
    timeout = aiohttp.ClientTimeout(total=_MOST_SECONDS)
    async with aiohttp.ClientSession(url, headers=headers, timeout=timeout) as session:
        for _ in range(_WARM_UP):
            await _ask_once(session, question.path(random.choice(agents)), Answers())  # noqa: S311 - no secret
        end = time.monotonic() + seconds

        async def client() -> None:
            while time.monotonic() < end:
                await _ask_once(session, question.path(random.choice(agents)), answers)  # noqa: S311 - no secret

        await asyncio.gather(*(client() for _ in range(clients)))
    return answers


async def _ask_once(session: aiohttp.ClientSession, path: str, answers: Answers) -> None:
    began = time.perf_counter()
    async with session.get(path) as answer:
        await answer.read()
        if answer.status == 200:
            answers.times.append((time.perf_counter() - began) * 1000)
        else:
            answers.refused.append(answer.status)
