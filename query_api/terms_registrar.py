"""Creates, changes and deletes what a tenant has under names of its own choice, such as policies."""

import time
from collections.abc import Callable
from typing import Any, Generic, NamedTuple, TypeVar

import msgspec

from query_api import errors
from query_api.records import Records
from runtime.problems import ProblemError
from schemas.alert_rules import AlertRule, AlertSilence
from schemas.budgets import Budget
from schemas.control import control_key
from schemas.policy import Policy

RecordT = TypeVar("RecordT", Policy, AlertRule, AlertSilence, Budget)
TermsT = TypeVar("TermsT")


class Kind(NamedTuple, Generic[RecordT, TermsT]):
    """One kind of record: how it is made, what people call it, and how many a tenant may have.

    `nothing` are the terms of one that is deleted. A default may be changed without being created, as
    `is_default` says by its name.
    """

    record: Callable[[str, str, int, TermsT, int, str, int, str, bool], RecordT]
    noun: str
    nouns: str
    most: int
    nothing: TermsT
    is_default: Callable[[str], bool] = lambda _: False


class TermsRegistrar(Generic[RecordT, TermsT]):
    """Every method returns once this process has read its own records back, with their offsets by topic.

    `by` is the id of the operator who asks. Every method raises ProblemError: KAFKA_AWAY, the outcome is
    unknown; CONFLICT, others kept changing it.
    """

    def __init__(self, kind: Kind[RecordT, TermsT], records: Records, count: Callable[[str], int]) -> None:
        """`count` says how many a tenant has by what has been read."""
        self._kind: Kind[RecordT, TermsT] = kind
        self._records = records
        self._count = count

    async def create(
        self, tenant_id: str, name: str, terms: TermsT, *, by: str
    ) -> tuple[RecordT, dict[str, int]]:
        """Create a record; its name may be that of one that was deleted.

        Raises:
            ProblemError: CONFLICT also when there is one of the name, or the tenant has as many as it may.
        """
        self._check_room(tenant_id)
        kind = self._kind

        def created(current: RecordT) -> RecordT:
            if not current.deleted or kind.is_default(name):
                detail = f"There is {kind.noun} {name} already: put it anew to change it."
                raise ProblemError(errors.CONFLICT, detail)
            return self._first(tenant_id, name, terms, by, current.version + 1)

        return await self._records.change(self._first(tenant_id, name, terms, by, 0), created)

    async def replace(
        self, record: RecordT, terms: TermsT, *, by: str, version: int | None
    ) -> tuple[RecordT, dict[str, int]]:
        """Put other terms in the place of a record's, or of a default's; the same change nothing.

        Raises:
            ProblemError: NOT_FOUND, it was deleted meanwhile; CONFLICT also when it is not at `version`.
        """
        tenant_id, name = control_key(record).split("/")

        def replaced(current: RecordT) -> RecordT:
            is_default = current.deleted and self._kind.is_default(name)
            if current.deleted and not is_default:
                raise ProblemError(errors.NOT_FOUND, f"There is no {name} any more: it was deleted.")
            # A default that the tenant has as it was given is at version 0, whatever was deleted before.
            known = 0 if is_default else current.version
            if version not in {None, known}:
                raise ProblemError(errors.CONFLICT, f"Its version is {known} by now: read it again.")
            if is_default:
                return self._first(tenant_id, name, terms, by, current.version + 1)
            return current if current.terms == terms else _next(current, by, terms=terms)

        return await self._records.change(record, replaced)

    async def delete(self, record: RecordT, *, by: str) -> dict[str, int]:
        """Delete a record; one that is deleted already stays as it is."""

        def deleted(current: RecordT) -> RecordT:
            if current.deleted:
                return current
            return _next(current, by, terms=self._kind.nothing, deleted=True)

        _, offsets = await self._records.change(record, deleted)
        return offsets

    def _check_room(self, tenant_id: str) -> None:
        kind = self._kind
        if self._count(tenant_id) >= kind.most:
            detail = f"The tenant {tenant_id} has {kind.most} {kind.nouns}, more it cannot have."
            raise ProblemError(errors.CONFLICT, detail)

    def _first(self, tenant_id: str, name: str, terms: TermsT, by: str, version: int) -> RecordT:
        """A record as it is created; without a version one that has never been."""
        now = _now()
        return self._kind.record(tenant_id, name, version, terms, now, by, now, by, not version)


def _next(record: RecordT, by: str, **changes: Any) -> RecordT:  # noqa: ANN401 - any field
    version = record.version + 1
    changed: RecordT = msgspec.structs.replace(
        record, version=version, changed_at=_now(), changed_by=by, **changes
    )
    return changed


def _now() -> int:
    return time.time_ns() // 1_000_000
