"""Queries of analysts."""

from pydantic import BaseModel, ConfigDict, Field

from query_api.analyst_sql.grammar import MAX_CHARACTERS
from query_api.resources.values import Parameters
from query_api.result_formats import ResultFormat


class SqlQuery(BaseModel):
    """One SELECT over the tables and views; it sees the rows of the caller's tenant."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "query": "SELECT agent_id, count() AS errors FROM agent_logs WHERE level = 'ERROR' "
                    "GROUP BY agent_id ORDER BY errors DESC LIMIT 10"
                }
            ]
        },
    )

    query: str = Field(min_length=1, max_length=MAX_CHARACTERS, description="ClickHouse's SQL")


class SqlParameters(Parameters):
    """In which form the result is to come."""

    format: ResultFormat | None = Field(default=None, description="goes before the header Accept")
