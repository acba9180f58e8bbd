"""Labels of agents, by which rules and silences are for some of them."""

from typing import Annotated

from pydantic import Field

_MOST = 32

LabelName = Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9._/-]{0,62}$")]
LabelValue = Annotated[str, Field(pattern=r"^[A-Za-z0-9._/-]{1,128}$")]
Labels = Annotated[
    dict[LabelName, LabelValue], Field(max_length=_MOST, examples=[{"team": "payments", "stage": "prod"}])
]
