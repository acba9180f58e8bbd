"""What one may ask of the query API, and the least role that may: the only place where that is said."""

from enum import StrEnum

from schemas.operators import Role


class Right(StrEnum):
    """What a route needs of its caller; each route declares exactly one."""

    # The fleet: status, trust, metrics, costs, alerts, violations, and the rules that they come from.
    READ = "read"
    # What agents wrote: logs in searches, downloads and tails; runs with their texts.
    READ_CONTENT = "read-content"
    # Who read what.
    READ_ACCESSES = "read-accesses"
    # Queries of one's own.
    SQL = "sql"
    # Policies, trust model, alert rules, silences, budgets, approvals, webhooks, suspensions.
    GOVERN = "govern"
    # Agents, their labels and keys.
    MANAGE_AGENTS = "manage-agents"
    # What is masked; erasures; exports of all that an agent has.
    PRIVACY = "privacy"
    # Operators and their tokens.
    MANAGE_OPERATORS = "manage-operators"


LEAST_ROLE: dict[Right, Role] = {
    Right.READ: Role.VIEWER,
    Right.READ_CONTENT: Role.ANALYST,
    Right.READ_ACCESSES: Role.ANALYST,
    Right.SQL: Role.ANALYST,
    Right.GOVERN: Role.OPERATOR,
    Right.MANAGE_AGENTS: Role.OPERATOR,
    Right.PRIVACY: Role.ADMIN,
    Right.MANAGE_OPERATORS: Role.ADMIN,
}


def may(role: Role, right: Right) -> bool:
    """Whether somebody in this role has the right."""
    return role.includes(LEAST_ROLE[right])
