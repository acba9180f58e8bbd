"""Puts the application together: routes, error answers, limits, metrics."""

import contextlib
from collections.abc import AsyncIterator
from typing import Any

from fastapi import FastAPI

from query_api.body_limit import BodyLimit
from query_api.error_handlers import install_error_handlers
from query_api.openapi import add_problem_schema
from query_api.openapi_examples import add_examples
from query_api.request_metrics import RequestMetrics
from query_api.routes import (
    accesses,
    agents,
    alert_rules,
    alert_trials,
    alerts,
    budgets,
    costs,
    decisions,
    downloads,
    erasures,
    exports,
    fleet,
    health,
    keys,
    logs,
    metrics,
    operators,
    policies,
    prices,
    privacy,
    retention,
    runs,
    silences,
    slo,
    spend,
    sql,
    status,
    suspensions,
    tail,
    transparency,
    trust,
    trust_model,
    violations,
    webhooks,
)
from query_api.services import Services
from query_api.settings import QuerySettings
from runtime.openapi_pages import add_docs

_DESCRIPTION = """What operators read of their fleet of agents, and the agents, keys and webhooks that they
create.

Every request carries `Authorization: Bearer <operator token>`; the tenant comes from the token. Lists are
paged: send `next_cursor` back as `cursor`. Errors are RFC 9457 problem+json."""

_ROUTES = (
    agents,
    keys,
    privacy,
    policies,
    decisions,
    prices,
    alert_rules,
    alert_trials,
    silences,
    status,
    suspensions,
    trust,
    retention,
    trust_model,
    logs,
    downloads,
    tail,
    metrics,
    alerts,
    budgets,
    violations,
    sql,
    costs,
    spend,
    slo,
    fleet,
    runs,
    transparency,
    webhooks,
    accesses,
    operators,
    erasures,
    exports,
    health,
)


class QueryApp(FastAPI):
    """FastAPI with our errors, and examples of answers, in its OpenAPI document."""

    def openapi(self) -> dict[str, Any]:
        """The document, made once."""
        if not self.openapi_schema:
            self.openapi_schema = add_examples(add_problem_schema(super().openapi()))
        return self.openapi_schema


def create_app(settings: QuerySettings) -> QueryApp:
    """The application; it connects when its lifespan starts and answers 503 until it has."""
    services = Services(settings)

    @contextlib.asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        services.start()
        try:
            yield
        finally:
            await services.stop()

    app = QueryApp(
        title="Promethios query API",
        version="1",
        description=_DESCRIPTION,
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
    )
    add_docs(app)
    app.state.services = services
    for route in _ROUTES:
        app.include_router(route.router)
    install_error_handlers(app)
    app.add_middleware(BodyLimit)
    app.add_middleware(RequestMetrics)
    return app
