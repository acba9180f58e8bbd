"""Draw the trust and the spend of a fleet: `python examples/analytics/fleet.py --out fleet.png`.

It asks ClickHouse itself by clickhouse-connect, so it is for the owner of the machine; `--api` asks the query
API instead, as an analyst of one tenant does. Needs clickhouse-connect, httpx, pandas, pyarrow, matplotlib.
"""

import argparse
import io
from collections.abc import Callable
from pathlib import Path

import clickhouse_connect
import httpx
import matplotlib as mpl
import pandas as pd

mpl.use("Agg")
import matplotlib.pyplot as plt

TRUST = """
SELECT agent_id, toStartOfInterval(time, INTERVAL 5 MINUTE) AS at, avg(score) AS trust
FROM trust_timeline WHERE time > now() - INTERVAL 7 DAY{and_tenant}
GROUP BY agent_id, at ORDER BY agent_id, at
"""
SPEND = """
SELECT agent_id, day, toFloat64(sum(spent)) AS spent, currency
FROM spend_by_agent_day WHERE day > today() - 7{and_tenant}
GROUP BY agent_id, day, currency ORDER BY day, agent_id
"""

Ask = Callable[[str], pd.DataFrame]


def ask_clickhouse(host: str, port: int, password: str, tenant: str) -> Ask:
    """Ask on ClickHouse's own port, where every tenant's rows are."""
    client = clickhouse_connect.get_client(
        host=host, port=port, username="promethios", password=password, database="promethios"
    )
    own = " AND tenant_id = {tenant:String}"
    return lambda sql: client.query_df(sql.format(and_tenant=own), parameters={"tenant": tenant})


def ask_api(url: str, token: str, tenant: str) -> Ask:
    """Ask the query API, which shows the rows of one tenant."""

    def ask(sql: str) -> pd.DataFrame:
        answer = httpx.post(
            f"{url}/api/v1/sql",
            json={"query": sql.format(and_tenant="")},
            params={"tenant": tenant, "format": "parquet"},
            headers={"Authorization": f"Bearer {token}"},
            timeout=60,
        )
        answer.raise_for_status()
        return pd.read_parquet(io.BytesIO(answer.content))

    return ask


def draw(ask: Ask, out: Path) -> None:
    """Trust over time above, spend by day below, each agent in one colour."""
    trust, spend = ask(TRUST), ask(SPEND)
    agents = sorted({*trust["agent_id"], *spend["agent_id"]})
    colours = {agent: plt.get_cmap("tab10")(number % 10) for number, agent in enumerate(agents)}
    figure, (above, below) = plt.subplots(2, 1, figsize=(10, 7), layout="constrained")
    for agent, scores in trust.groupby("agent_id"):
        above.plot(scores["at"], scores["trust"], label=agent, color=colours[agent], marker=".")
    above.set(title="Trust", ylabel="score, 0 to 100", ylim=(0, 102))
    above.legend(loc="lower left", ncols=5, fontsize="small")
    by_day = spend.pivot_table(index="day", columns="agent_id", values="spent", aggfunc="sum").fillna(0)
    if not by_day.empty:
        by_day.index = pd.to_datetime(by_day.index).strftime("%d %b")
        by_day.plot.bar(
            stacked=True, ax=below, color=[colours[agent] for agent in by_day], rot=0, legend=False
        )
    below.set(title="Spend", xlabel="", ylabel=", ".join(sorted(set(spend["currency"]))) or "nothing spent")
    figure.savefig(out, dpi=110)


def main() -> None:
    """Read the command line and draw."""
    parser = argparse.ArgumentParser(description="Draw the trust and the spend of a fleet.")
    parser.add_argument(
        "--data-dir", type=Path, default=Path(".promethios"), help="of a stack on this machine"
    )
    parser.add_argument("--tenant", default="default")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8123, help="of ClickHouse")
    parser.add_argument("--api", help="URL of the query API, to be asked instead of ClickHouse")
    parser.add_argument("--out", type=Path, default=Path("fleet.png"))
    options = parser.parse_args()
    if options.api:
        token = (options.data_dir / "admin.token").read_text().strip()
        ask = ask_api(options.api, token, options.tenant)
    else:
        password = (options.data_dir / "clickhouse.password").read_text().strip()
        ask = ask_clickhouse(options.host, options.port, password, options.tenant)
    draw(ask, options.out)
    print(f"drawn: {options.out}")


if __name__ == "__main__":
    main()
