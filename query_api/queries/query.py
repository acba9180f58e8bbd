"""A query: its SQL text and the values bound to it, and the conditions that several queries share."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from schemas.identity import AgentRef


@dataclass(frozen=True, slots=True)
class Query:
    """SQL with `{name:Type}` placeholders, and their values."""

    sql: str
    parameters: dict[str, Any]


@dataclass(slots=True)
class Conditions:
    """A WHERE clause under construction; every value is bound, none is put into the text."""

    clauses: list[str] = field(default_factory=list)
    parameters: dict[str, Any] = field(default_factory=dict)

    def add(self, clause: str, **values: Any) -> None:  # noqa: ANN401 - whatever ClickHouse can bind
        """Ask for one more condition."""
        self.clauses.append(clause)
        self.parameters.update(values)

    def add_time_range(self, column: str, start: int | None, end: int | None) -> None:
        """Ask for `start` <= column < `end`, in milliseconds; None leaves that side open."""
        if start is not None:
            self.add(f"{column} >= {moment('start')}", start=start)
        if end is not None:
            self.add(f"{column} < {moment('end')}", end=end)

    def add_any_of(self, column: str, values: Iterable[str]) -> None:
        """Ask for one of the values; none means any."""
        wanted = [str(value) for value in values]
        if wanted:
            self.add(f"{column} IN {{{column}_values:Array(String)}}", **{f"{column}_values": wanted})

    @property
    def sql(self) -> str:
        """The clauses joined."""
        return " AND ".join(self.clauses)


def of_tenant(tenant_id: str) -> Conditions:
    """The condition that no query may lack."""
    conditions = Conditions()
    conditions.add("tenant_id = {tenant_id:String}", tenant_id=tenant_id)
    return conditions


def of_agent(ref: AgentRef) -> Conditions:
    """Rows of one agent."""
    conditions = of_tenant(ref.tenant_id)
    conditions.add("agent_id = {agent_id:String}", agent_id=ref.agent_id)
    return conditions


def moment(parameter: str) -> str:
    """A bound number of milliseconds as the tables' DateTime64."""
    return f"fromUnixTimestamp64Milli({{{parameter}:Int64}}, 'UTC')"
