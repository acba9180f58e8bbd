"""Is the process alive, may it be asked, how is it doing."""

from fastapi import APIRouter, Response
from fastapi.responses import JSONResponse
from prometheus_client import CONTENT_TYPE_LATEST
from prometheus_client.exposition import generate_latest

from query_api.dependencies import ConnectedServices
from query_api.request_metrics import REGISTRY

router = APIRouter(include_in_schema=False)


@router.get("/healthz")
async def healthz() -> dict[str, str]:
    """The process is alive."""
    return {"status": "alive"}


@router.get("/readyz")
async def readyz(services: ConnectedServices) -> Response:
    """All that it depends on answers; 503 names what does not."""
    checks = await services.checks()
    ready = all(checks.values())
    body = {"status": "ready" if ready else "not ready", "checks": checks}
    return JSONResponse(body, 200 if ready else 503)


@router.get("/metrics")
async def metrics() -> Response:
    """Prometheus's text format."""
    return Response(generate_latest(REGISTRY), media_type=CONTENT_TYPE_LATEST)
