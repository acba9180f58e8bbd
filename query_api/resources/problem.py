"""The shape of every error."""

from pydantic import BaseModel, Field


class FieldError(BaseModel):
    """What is wrong with one field; `in` is body, query or path."""

    place: str = Field(alias="in")
    field: str
    reason: str


class Problem(BaseModel):
    """RFC 9457 problem details; `tag` is stable, the texts are not."""

    type: str
    title: str
    status: int
    tag: str
    detail: str | None = None
    errors: list[FieldError] | None = None
