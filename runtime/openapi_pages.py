"""The page that shows an application's routes, with everything that it loads from the application itself."""

from fastapi import FastAPI
from fastapi.openapi.docs import get_swagger_ui_html
from fastapi.responses import HTMLResponse
from fastapi.staticfiles import StaticFiles

_FILES = "docs-files"


def add_docs(app: FastAPI) -> None:
    """Serve Swagger UI at /docs, where FastAPI's own page needs hosts that a closed network does not reach.

    The application is made with `docs_url=None` and `redoc_url=None`. Links are relative, for whoever stands
    behind a proxy that adds a path.
    """
    # The package is a copy of the page's files, kept up with Swagger UI's releases.
    app.mount(f"/{_FILES}", StaticFiles(packages=[("fastapi_offline", "static")]))
    page = get_swagger_ui_html(
        openapi_url="openapi.json",
        title=app.title,
        swagger_js_url=f"{_FILES}/swagger-ui-bundle.js",
        swagger_css_url=f"{_FILES}/swagger-ui.css",
        swagger_favicon_url=f"{_FILES}/favicon.png",
    )

    @app.get("/docs", include_in_schema=False)
    async def docs() -> HTMLResponse:
        return page
