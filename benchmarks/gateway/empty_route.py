"""The yardstick of latency: a FastAPI route that does nothing, on uvicorn, where the gateway's route is."""

import sys

import uvicorn
from fastapi import FastAPI

from benchmarks.gateway.arena import GATEWAY_PATH

READY_PATH = "/openapi.json"


def application() -> FastAPI:
    """An application with the one route."""
    app = FastAPI()

    @app.post(GATEWAY_PATH, status_code=202)
    async def empty() -> None:
        """Take nothing and answer."""

    return app


if __name__ == "__main__":
    uvicorn.run(application(), port=int(sys.argv[1]), log_level="warning", access_log=False)
