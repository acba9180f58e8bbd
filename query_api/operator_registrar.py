"""Creates, changes and removes operators; issues, rotates and revokes their tokens."""

import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import msgspec
import uuid_utils as uuid

from query_api import errors
from query_api.directory import Directory
from query_api.records import Records
from runtime.problems import ProblemError
from schemas.identity import hash_secret, new_operator_token
from schemas.operators import Operator, OperatorToken, leaves_no_admin

# Of each operator: those in force, and those that are over, whose traces are kept as long as there is room.
MOST_TOKENS = 20
MOST_FORMER_TOKENS = 20

Alter = Callable[[Operator], Operator]


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenWish:
    """What a new token is to be; its lifetime in milliseconds."""

    name: str = ""
    lifetime_ms: int


class Issued(NamedTuple):
    """An operator, a new token of theirs with its text, which is nowhere else, and offsets by topic."""

    operator: Operator
    token: OperatorToken
    text: str
    offsets: dict[str, int]


class OperatorRegistrar:
    """Every method returns once this process has read its own records back, with their offsets by topic.

    `by` is the id of the operator who asks. Every method raises ProblemError: KAFKA_AWAY, the outcome is
    unknown; CONFLICT, others kept changing it; those on an operator who exists also NOT_FOUND, they were
    removed meanwhile, and CONFLICT, it would take the last admin of all tenants away; of two processes that
    each take one of two away at the same time, the later in the log has taken nobody away.
    """

    def __init__(self, directory: Directory, records: Records) -> None:
        """Decide by what has been read into `directory`."""
        self._directory = directory
        self._records = records

    async def create(self, operator: Operator, wish: TokenWish) -> Issued:
        """Create an operator with a first token; the id may be that of one who was removed.

        Raises:
            ProblemError: CONFLICT also when there is such an operator.
        """
        token, text = new_token(wish, operator.created_at, by=operator.created_by)
        wanted = msgspec.structs.replace(operator, tokens=(token,))

        def alter(current: Operator) -> Operator:
            if current.removed_at is None:
                detail = f"There is an operator {operator.operator_id}: choose another id."
                raise ProblemError(errors.CONFLICT, detail)
            return wanted

        nothing = msgspec.structs.replace(operator, removed_at=0)
        created, offsets = await self._records.change(nothing, alter)
        return Issued(created, token, text, offsets)

    async def change(self, operator: Operator, changes: Mapping[str, Any]) -> tuple[Operator, dict[str, int]]:
        """Change fields by their names in the record."""
        return await self._alter(operator, lambda current: msgspec.structs.replace(current, **changes))

    async def remove(self, operator: Operator, *, by: str) -> dict[str, int]:
        """Remove an operator with all tokens; no request by them is taken any more."""
        now = _now()
        gone = {"tokens": (), "removed_at": now, "removed_by": by}
        _, offsets = await self._alter(operator, lambda current: msgspec.structs.replace(current, **gone))
        return offsets

    async def issue(self, operator: Operator, wish: TokenWish, *, by: str) -> Issued:
        """Give an operator one more token.

        Raises:
            ProblemError: CONFLICT also when they have as many as one may.
        """
        now = _now()
        token, text = new_token(wish, now, by=by)
        changed, offsets = await self._alter(operator, lambda current: with_token(current, token, now))
        return Issued(changed, token, text, offsets)

    async def rotate(self, operator: Operator, token_id: str, *, overlap_ms: int, by: str) -> Issued:
        """Issue a successor, good for as long as the token was made for; the token ends after the overlap.

        Done again, it makes another successor and gives the token no more time. One that never ends is
        succeeded by one that does not either.

        Raises:
            ProblemError: NOT_FOUND also when there is no such token; CONFLICT also when it is revoked.
        """
        now, text = _now(), new_operator_token()
        successor_id = str(uuid.uuid7())

        def alter(current: Operator) -> Operator:
            token = find_token(current, token_id)
            if token.revoked_at is not None:
                raise ProblemError(errors.CONFLICT, f"The token {token_id} is revoked: make a new one.")
            successor = msgspec.structs.replace(
                token,
                token_id=successor_id,
                token_hash=hash_secret(text),
                created_at=now,
                created_by=by,
                expires_at=None if token.lifetime_ms is None else now + token.lifetime_ms,
                rotated_from=token_id,
            )
            retired = msgspec.structs.replace(token, expires_at=_earlier(token.expires_at, now + overlap_ms))
            return with_token(_replaced(current, retired), successor, now)

        changed, offsets = await self._alter(operator, alter)
        return Issued(changed, find_token(changed, successor_id), text, offsets)

    async def revoke(self, operator: Operator, token_id: str, *, by: str) -> dict[str, int]:
        """Revoke a token for good; doing it again changes nothing.

        Raises:
            ProblemError: NOT_FOUND also when there is no such token.
        """
        now = _now()

        def alter(current: Operator) -> Operator:
            token = find_token(current, token_id)
            if token.revoked_at is not None:
                return current
            return _replaced(current, msgspec.structs.replace(token, revoked_at=now, revoked_by=by))

        _, offsets = await self._alter(operator, alter)
        return offsets

    async def _alter(self, operator: Operator, alter: Alter) -> tuple[Operator, dict[str, int]]:
        def guarded(current: Operator) -> Operator:
            if current.removed_at is not None:
                raise ProblemError(errors.NOT_FOUND, f"The operator {operator.operator_id} was removed.")
            altered = alter(current)
            require_an_admin(self._directory.operators(), current, altered, _now())
            return altered

        return await self._records.change(operator, guarded)


def require_an_admin(operators: Iterable[Operator], before: Operator, after: Operator, now: int) -> None:
    """Refuse a change by which nobody would be left who administers all tenants.

    Raises:
        ProblemError: CONFLICT.
    """
    others = (found for found in operators if found.operator_id != before.operator_id)
    if leaves_no_admin(before, after, others, now):
        detail = f"{before.operator_id} is the last admin of all tenants who has a token: make another first."
        raise ProblemError(errors.CONFLICT, detail)


def new_token(wish: TokenWish, now: int, *, by: str | None) -> tuple[OperatorToken, str]:
    """A token's record, and its text."""
    text = new_operator_token()
    token = OperatorToken(
        token_id=str(uuid.uuid7()),
        token_hash=hash_secret(text),
        created_at=now,
        expires_at=now + wish.lifetime_ms,
        name=wish.name,
        lifetime_ms=wish.lifetime_ms,
        created_by=by,
    )
    return token, text


def with_token(operator: Operator, token: OperatorToken, now: int) -> Operator:
    """The operator with one more token, the newest last, and no more former ones than are kept.

    Raises:
        ProblemError: CONFLICT; there are as many in force as there may be.
    """
    in_force = [found for found in operator.tokens if found.in_force(now)]
    if len(in_force) >= MOST_TOKENS:
        detail = f"{operator.operator_id} has {MOST_TOKENS} tokens in force: revoke one first."
        raise ProblemError(errors.CONFLICT, detail)
    former = [found for found in operator.tokens if not found.in_force(now)][-MOST_FORMER_TOKENS:]
    kept = [found for found in operator.tokens if found in in_force or found in former]
    return msgspec.structs.replace(operator, tokens=(*kept, token))


def find_token(operator: Operator, token_id: str) -> OperatorToken:
    """A token by its id.

    Raises:
        ProblemError: NOT_FOUND.
    """
    for token in operator.tokens:
        if token.token_id == token_id:
            return token
    raise ProblemError(errors.NOT_FOUND, f"The operator {operator.operator_id} has no token {token_id}.")


def _replaced(operator: Operator, token: OperatorToken) -> Operator:
    tokens = tuple(token if found.token_id == token.token_id else found for found in operator.tokens)
    return msgspec.structs.replace(operator, tokens=tokens)


def _earlier(end: int | None, other: int) -> int:
    return other if end is None else min(end, other)


def _now() -> int:
    return time.time_ns() // 1_000_000
