"""The API service: reading over HTTP, and the console."""

from __future__ import annotations

from functools import partial

from fastapi import FastAPI

from services.api import alerts, articles, console, events, feeds, health, problems, reference, sites, websub
from services.api.dependencies import ApiContext
from services.api.edge import Edge

DESCRIPTION = """
A complete, clean, deduplicated, versioned stream of news articles.

Consumers keep one cursor, `seq`: read `/v1/events?after=SEQ`, handle the events in order, remember the last `seq`.
"""


def create_app(context: ApiContext) -> FastAPI:
    """The application around its means; the caller opens and closes them."""
    app = FastAPI(title="Wiredesk", version="1", description=DESCRIPTION, docs_url=None, redoc_url=None)
    app.state.context = context
    problems.install(app)
    for router in (
        articles.router,
        events.router,
        feeds.router,
        alerts.router,
        sites.router,
        health.router,
        console.router,
        console.open_router,
        websub.router,
    ):
        app.include_router(router)
    app.add_middleware(Edge)
    # FastAPI's own way to change the document; it is made once, when it is first asked for.
    app.openapi = partial(reference.openapi, app, guarded=context.settings.read_token is not None)  # type: ignore[method-assign]
    return app
