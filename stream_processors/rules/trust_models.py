"""Which trust parameters hold for a tenant at each offset of a partition: a function of the log alone.

A checkpoint may be written in part, so a replay can begin before the last change of a model while the model
is restored from after it. Therefore the versions before are kept, each with the offset that it holds from,
until no replay can begin so far back.
"""

from collections.abc import Iterable, Sequence

import msgspec

from schemas.control import TrustModel
from schemas.control_block import ControlRow
from schemas.errors import InvalidMessageError
from schemas.topics import Topic
from schemas.trust_model import TrustParameters, check_parameters
from stream_processors.rules.calibration import DEFAULTS, Calibration, calibrate

# Far more records than a checkpoint covers.
KEPT_OFFSETS = 100_000


class ModelVersion(msgspec.Struct, array_like=True, frozen=True):
    """Parameters that hold from the record at `since`."""

    since: int
    version: int
    parameters: TrustParameters


class TenantModels(msgspec.Struct, array_like=True, frozen=True):
    """A tenant's versions, oldest first, at least one; `fence` is the offset of the last change."""

    tenant_id: str
    fence: int
    versions: tuple[ModelVersion, ...]


class TrustModels:
    """The models of a partition's tenants; a tenant that has none is judged by the defaults."""

    def __init__(self, tenants: Iterable[TenantModels] = ()) -> None:
        self.tenants = {models.tenant_id: models for models in tenants}
        self._in_force = {tenant_id: _calibrated(models) for tenant_id, models in self.tenants.items()}
        self._changed: set[str] = set()

    def at(self, tenant_id: str, offset: int) -> Calibration:
        """What holds for a tenant's agents at the record of that offset."""
        for since, calibration in self._in_force.get(tenant_id, ()):
            if since <= offset:
                return calibration
        return DEFAULTS

    def absorb(self, rows: Sequence[ControlRow], offset: int) -> None:
        """Take models as they stand at `offset`; one that is not newer than the last changes nothing.

        Raises:
            InvalidMessageError: a row is no model, or its parameters contradict each other; then all count
            for nothing.
        """
        for version, model in [(row.version, decode_model(row)) for row in rows]:
            known = self.tenants.get(model.tenant_id)
            versions = () if known is None else known.versions
            if known is not None and (offset <= known.fence or version <= versions[-1].version):
                continue
            newest = ModelVersion(offset, version, model.parameters)
            models = TenantModels(model.tenant_id, offset, (*_needed(versions, offset), newest))
            self.tenants[model.tenant_id] = models
            self._in_force[model.tenant_id] = _calibrated(models)
            self._changed.add(model.tenant_id)

    def drain_changed(self) -> list[TenantModels]:
        """The tenants whose models changed since the last call, in the order of their ids."""
        changed = [self.tenants[tenant_id] for tenant_id in sorted(self._changed)]
        self._changed.clear()
        return changed


def decode_model(row: ControlRow) -> TrustModel:
    """The model of a control row.

    Raises:
        InvalidMessageError: it is no model, or one whose parameters contradict each other.
    """
    if row.topic is not Topic.TRUST_MODELS:
        raise InvalidMessageError(f"the rules do not read {row.topic}", field="topic")
    try:
        model = msgspec.json.decode(row.data, type=TrustModel)
    except msgspec.MsgspecError as error:
        raise InvalidMessageError(f"not a trust model: {error}") from error
    check_parameters(model.parameters)
    return model


def _needed(versions: tuple[ModelVersion, ...], offset: int) -> tuple[ModelVersion, ...]:
    """Without those whose successor came so long ago that no replay begins before it."""
    kept = versions
    while len(kept) > 1 and kept[1].since + KEPT_OFFSETS <= offset:
        kept = kept[1:]
    return kept


def _calibrated(models: TenantModels) -> tuple[tuple[int, Calibration], ...]:
    """Newest first, as that is asked for most."""
    return tuple((v.since, calibrate(v.parameters, v.version)) for v in reversed(models.versions))


_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(TenantModels)


def encode_models(models: TenantModels) -> bytes:
    """A tenant's models as a checkpoint holds them."""
    return _encoder.encode(models)


def decode_models(packed: bytes) -> TenantModels:
    """Read a tenant's packed models.

    Raises:
        InvalidMessageError: the bytes are no models of this release.
    """
    try:
        return _decoder.decode(packed)
    except msgspec.MsgspecError as error:
        raise InvalidMessageError(f"not the trust models of a tenant: {error}") from error
