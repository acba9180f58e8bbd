"""A demo from beginning to end: recruit, work, say goodbye, wait, read back, tell."""

import asyncio
import contextlib
import time
from dataclasses import dataclass
from datetime import datetime

from rich.console import Console

from infra.demo.fleet import Fleet, agent_prefix, recruit
from infra.demo.interruption import Interruption
from infra.demo.plan import MIN_SECONDS_FOR_SILENCE, Conduct, plan
from infra.demo.progress import Display, Rate, Snapshot
from infra.demo.query_client import AlertFound, QueryClient
from infra.demo.results import AgentResult, read_back
from infra.demo.settling import wait_until_settled, wait_until_stored
from infra.demo.site import Site, StackAddresses, open_site
from infra.demo.stored import faults
from infra.demo.table import results_table, totals
from infra.errors import StackError
from schemas.derived import AlertState

_SHOW_SECONDS = 0.5
_ALERTS_SECONDS = 2.0


@dataclass(frozen=True, slots=True)
class DemoOptions:
    """What was asked for."""

    agents: int
    seconds: float
    seed: int


async def run_demo(addresses: StackAddresses, options: DemoOptions, console: Console) -> bool:
    """Run a demo in the main thread; True when all that was accepted is stored, each event once.

    Raises:
        StackError: the stack does not answer, or nothing was accepted.
    """
    interruption = Interruption()
    async with open_site(addresses) as site:
        with interruption.handle_signals():
            prefix = agent_prefix(datetime.now().astimezone())
            plans = plan(options.seed, options.agents, options.seconds)
            with console.status("creating the agents …"):
                fleet = await recruit(plans, prefix, site)
            console.print(_introduction(fleet, prefix, options), highlight=False)
            await _work(fleet, site, options.seconds, interruption, console)
            return await _conclude(fleet, site, prefix, interruption, console)


async def _work(
    fleet: Fleet, site: Site, seconds: float, interruption: Interruption, console: Console
) -> None:
    watching = asyncio.create_task(_watch(fleet, site.query, console))
    try:
        await fleet.work(seconds, interruption.stop_work, interruption.stop_waiting)
    finally:
        watching.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await watching
    interruption.stop_work.set()


async def _conclude(
    fleet: Fleet, site: Site, prefix: str, interruption: Interruption, console: Console
) -> bool:
    await fleet.say_goodbye(interruption.stop_waiting)
    if fleet.total().accepted == 0:
        problems = [text for delivery in fleet.deliveries.values() for text in delivery.problems]
        raise StackError(
            f"The gateway accepted nothing: {problems[0] if problems else 'nothing was reported'}"
        )
    with console.status("waiting until all of it is visible …"):
        stored = await wait_until_stored(fleet, site, interruption.stop_waiting)
        late = await wait_until_settled(fleet, site, interruption.stop_waiting)
        results = await read_back(fleet, stored, site.query)
    found = faults(fleet.deliveries, stored)
    _tell(fleet, prefix, results, console)
    if late:
        console.print(
            f"The processors have not taken the last reports of {len(late)} agents yet.", style="yellow"
        )
    for fault in found:
        console.print(fault, style="bold red", highlight=False)
    return not found


def _introduction(fleet: Fleet, prefix: str, options: DemoOptions) -> str:
    bad = sum(agent.plan.conduct is not Conduct.GOOD for agent in fleet.agents)
    text = (
        f"{options.agents} agents {prefix}-… work for {options.seconds:g} s, {bad} of them misbehave "
        f"(seed {options.seed}). Ctrl-C ends it with the results so far."
    )
    if options.seconds < MIN_SECONDS_FOR_SILENCE:
        text += (
            f"\nNo agent goes silent: an absence is noticed from --seconds {MIN_SECONDS_FOR_SILENCE:g} on."
        )
    return text


def _tell(fleet: Fleet, prefix: str, results: list[AgentResult], console: Console) -> None:
    deliveries = fleet.deliveries.values()
    console.print(results_table(prefix, results))
    requests = sum(delivery.requests for delivery in deliveries)
    for line in totals(results, requests, sum(delivery.repeats for delivery in deliveries)):
        console.print(line, highlight=False)
    for problem in [text for delivery in deliveries for text in delivery.problems][:5]:
        console.print(f"on the way: {problem}", style="yellow", markup=False, highlight=False)


async def _watch(fleet: Fleet, query: QueryClient, console: Console) -> None:
    """Show how it goes until cancelled."""
    began, asked_at, rate = time.monotonic(), float("-inf"), Rate()
    alerts: list[AlertFound] | None = None
    ids = frozenset(fleet.agent_ids)
    with Display(console, "promethios demo") as display:
        while True:
            now = time.monotonic()
            if now - asked_at >= _ALERTS_SECONDS:
                asked_at, found = now, await _alerts(query, ids)
                alerts = alerts if found is None else found
            display.show(_snapshot(fleet, now - began, rate, alerts))
            await asyncio.sleep(_SHOW_SECONDS)


async def _alerts(query: QueryClient, agent_ids: frozenset[str]) -> list[AlertFound] | None:
    try:
        return [alert for alert in await query.alerts() if alert.agent_id in agent_ids]
    except StackError:
        # Only for show: the last answer stays.
        return None


def _snapshot(fleet: Fleet, elapsed: float, rate: Rate, alerts: list[AlertFound] | None) -> Snapshot:
    silent = sum(agent.plan.conduct_at(elapsed) is Conduct.SILENCE for agent in fleet.agents)
    accepted = fleet.total().accepted
    resolved = None if alerts is None else sum(alert.state is AlertState.RESOLVED for alert in alerts)
    return Snapshot(
        elapsed=elapsed,
        working=len(fleet.agents) - silent,
        silent=silent,
        accepted=accepted,
        events_a_second=rate.update(elapsed, accepted),
        repeats=sum(delivery.repeats for delivery in fleet.deliveries.values()),
        alerts_firing=None if alerts is None or resolved is None else len(alerts) - resolved,
        alerts_resolved=resolved,
    )
