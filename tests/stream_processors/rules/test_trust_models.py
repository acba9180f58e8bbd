"""Which model holds at which offset: the newest that came before it, whatever is repeated or comes late."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.control import Agent, TrustModel
from schemas.control_block import ControlRow
from schemas.errors import InvalidMessageError
from schemas.topics import Topic
from schemas.trust_model import LevelParameters, OutcomeParameters, TrustParameters
from stream_processors.rules.calibration import DEFAULTS
from stream_processors.rules.trust_models import (
    KEPT_OFFSETS,
    TrustModels,
    decode_models,
    encode_models,
)


def row(version: int, *, tenant: str = "t", parameters: TrustParameters | None = None) -> ControlRow:
    model = TrustModel(tenant, parameters or TrustParameters(), 1, "admin")
    return ControlRow(Topic.TRUST_MODELS, tenant, version, msgspec.Raw(msgspec.json.encode(model)))


def test_without_a_model_the_defaults_hold() -> None:
    assert TrustModels().at("t", 5) is DEFAULTS


def test_a_model_holds_from_its_record_on_for_its_tenant() -> None:
    models = TrustModels()
    models.absorb([row(1), row(3, tenant="u")], 10)
    models.absorb([row(2)], 20)
    assert [models.at("t", offset).version for offset in (9, 10, 19, 20, 99)] == [0, 1, 1, 2, 2]
    assert models.at("u", 99).version == 3
    assert models.at("v", 99) is DEFAULTS


def test_what_is_repeated_or_older_changes_nothing() -> None:
    models = TrustModels()
    models.absorb([row(2)], 10)
    before = models.tenants["t"]
    models.absorb([row(1)], 11)
    models.absorb([row(2)], 12)
    assert models.tenants["t"] == before


def test_what_a_fence_covers_is_skipped_in_a_replay() -> None:
    whole = TrustModels()
    for offset, version in ((10, 1), (20, 2)):
        whole.absorb([row(version)], offset)
    restored = TrustModels(whole.tenants.values())
    for offset, version in ((10, 1), (20, 2)):
        restored.absorb([row(version)], offset)
    assert restored.tenants == whole.tenants
    assert [restored.at("t", offset).version for offset in (5, 15, 25)] == [0, 1, 2]


def test_parameters_of_a_model_are_what_the_rules_read() -> None:
    models = TrustModels()
    models.absorb([row(1, parameters=TrustParameters(levels=LevelParameters(trusted=92)))], 0)
    assert models.at("t", 1).thresholds[4] == 920


@pytest.mark.parametrize(
    "bad",
    [
        ControlRow(Topic.AGENTS, "t/a", 1, msgspec.Raw(msgspec.json.encode(Agent("t", "a", "g", 1)))),
        ControlRow(Topic.TRUST_MODELS, "t", 1, msgspec.Raw(b"{}")),
        row(1, parameters=TrustParameters(levels=LevelParameters(good=90))),
    ],
)
def test_one_bad_row_and_none_counts(bad: ControlRow) -> None:
    models = TrustModels()
    with pytest.raises(InvalidMessageError):
        models.absorb([row(1, tenant="u"), bad], 5)
    assert models.tenants == {}


def test_versions_are_kept_only_as_long_as_a_replay_may_need_them() -> None:
    models = TrustModels()
    for version in range(1, 6):
        models.absorb([row(version)], version * KEPT_OFFSETS)
    assert len(models.tenants["t"].versions) == 2
    models.absorb([row(6)], 5 * KEPT_OFFSETS + 1)
    assert len(models.tenants["t"].versions) == 3


def test_changes_are_drained_once_in_order() -> None:
    models = TrustModels()
    models.absorb([row(1, tenant="b"), row(1, tenant="a")], 1)
    assert [changed.tenant_id for changed in models.drain_changed()] == ["a", "b"]
    assert models.drain_changed() == []


@given(st.integers(1, 1440), st.floats(0.1, 5))
def test_packing_loses_nothing(half_life: int, exponent: float) -> None:
    parameters = TrustParameters(
        outcomes=OutcomeParameters(fast_half_life_minutes=half_life, exponent=exponent)
    )
    models = TrustModels()
    models.absorb([row(1, parameters=parameters)], 3)
    packed = encode_models(models.tenants["t"])
    assert decode_models(packed) == models.tenants["t"]
    assert encode_models(decode_models(packed)) == packed


def test_bytes_of_nothing_are_refused() -> None:
    with pytest.raises(InvalidMessageError, match="not the trust models"):
        decode_models(b"\x01")
