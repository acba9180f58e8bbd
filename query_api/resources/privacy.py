"""Privacy policies: what is masked in agents' texts, and from which level on their logs are kept."""

from typing import Any, Self

import msgspec
from pydantic import BaseModel, ConfigDict, Field, field_validator

from privacy.labels import NAME_RULE
from privacy.own_patterns import MAX_LENGTH, MAX_PATTERNS, OwnPatterns
from privacy.policy import EffectivePolicy
from schemas.errors import InvalidMessageError
from schemas.messages.values import LogLevel
from schemas.nesting import check_nesting
from schemas.privacy import OwnPattern, PrivacyMode, PrivacyPolicy

_MODES = "`off`, `mask` (`[email]`) or `hash` (`[email:9f86d081884c]`, equal for equal values of the tenant)"


class OwnPatternModel(BaseModel):
    """A pattern of the tenant's own; what matches is masked under its name."""

    model_config = ConfigDict(extra="forbid")

    name: str = Field(description=NAME_RULE, examples=["staff-number"])
    pattern: str = Field(description=f"RE2, at most {MAX_LENGTH} characters", examples=[r"\bE-\d{5}\b"])


class PolicyOfAgent(BaseModel):
    """What an agent has otherwise than its tenant; null or left out means as the tenant says."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"personal_data": "hash", "min_log_level": "warn"}]}
    )

    personal_data: PrivacyMode | None = Field(default=None, description=_MODES)
    secrets: PrivacyMode | None = Field(default=None, description=_MODES)
    own_patterns: PrivacyMode | None = Field(default=None, description=_MODES)
    min_log_level: LogLevel | None = Field(
        default=None, description="log entries below it are accepted, counted and dropped"
    )

    def applied(self, current: PrivacyPolicy) -> PrivacyPolicy:
        """A control record that says this, and keeps what only we know."""
        return msgspec.structs.replace(
            current,
            personal_data=self.personal_data,
            secrets=self.secrets,
            own_patterns=self.own_patterns,
            min_log_level=self.min_log_level,
        )


class PolicyOfTenant(PolicyOfAgent):
    """What counts for all agents of a tenant; null or left out means the default."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "personal_data": "mask",
                    "secrets": "mask",
                    "patterns": [{"name": "staff-number", "pattern": r"\bE-\d{5}\b"}],
                }
            ]
        },
    )

    patterns: list[OwnPatternModel] = Field(default=[], max_length=MAX_PATTERNS)

    @field_validator("patterns")
    @classmethod
    def _can_be_used(cls, patterns: list[OwnPatternModel]) -> list[OwnPatternModel]:
        OwnPatterns(_own(patterns))
        return patterns

    def applied(self, current: PrivacyPolicy) -> PrivacyPolicy:
        """As for an agent, with the patterns."""
        return msgspec.structs.replace(super().applied(current), patterns=_own(self.patterns))


class PolicyInForce(BaseModel):
    """What becomes of texts in the end, whoever said so."""

    personal_data: PrivacyMode
    secrets: PrivacyMode
    own_patterns: PrivacyMode
    min_log_level: LogLevel
    patterns: list[OwnPatternModel]

    @classmethod
    def of(cls, policy: EffectivePolicy) -> Self:
        """What may be shown of it."""
        return cls(
            personal_data=policy.personal_data,
            secrets=policy.secrets,
            own_patterns=policy.own_patterns,
            min_log_level=policy.min_log_level,
            patterns=_models(policy.patterns),
        )


class TenantPrivacy(BaseModel):
    """A tenant's policy as it was put, and what follows from it."""

    tenant_id: str
    policy: PolicyOfTenant
    in_force: PolicyInForce


class AgentPrivacy(BaseModel):
    """An agent's policy as it was put, and what follows from it and its tenant's."""

    tenant_id: str
    agent_id: str
    policy: PolicyOfAgent
    in_force: PolicyInForce


class MaskingTrial(BaseModel):
    """A text, or any JSON with texts in it, and the policy to try: the tenant's unless another is given."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"value": "mail bob@example.com", "policy": {}}]}
    )

    value: Any
    policy: PolicyOfTenant | None = None

    @field_validator("value")
    @classmethod
    def _could_be_reported(cls, value: Any) -> Any:  # noqa: ANN401 - any JSON value
        try:
            check_nesting(value, "")
            msgspec.json.encode(value)
        except InvalidMessageError as error:
            raise ValueError(error.reason) from None
        except UnicodeEncodeError:
            raise ValueError("holds half of a surrogate pair, which is no Unicode text") from None
        return value


class MaskedTrial(BaseModel):
    """What would go to Kafka; hashes are made with a key of this answer's own."""

    value: Any = Field(examples=["mail [email]"])


def policy_of_tenant(policy: PrivacyPolicy | None) -> PolicyOfTenant:
    """A tenant's control record as it is shown: without its key."""
    if policy is None:
        return PolicyOfTenant()
    return PolicyOfTenant.model_construct(**_modes(policy), patterns=_models(policy.patterns))


def policy_of_agent(policy: PrivacyPolicy | None) -> PolicyOfAgent:
    """An agent's control record as it is shown."""
    return PolicyOfAgent() if policy is None else PolicyOfAgent.model_construct(**_modes(policy))


def _modes(policy: PrivacyPolicy) -> dict[str, Any]:
    return {
        "personal_data": policy.personal_data,
        "secrets": policy.secrets,
        "own_patterns": policy.own_patterns,
        "min_log_level": policy.min_log_level,
    }


def _own(patterns: list[OwnPatternModel]) -> tuple[OwnPattern, ...]:
    return tuple(OwnPattern(pattern.name, pattern.pattern) for pattern in patterns)


def _models(patterns: tuple[OwnPattern, ...]) -> list[OwnPatternModel]:
    return [OwnPatternModel(name=pattern.name, pattern=pattern.pattern) for pattern in patterns]
