"""The API service: reading over HTTP, and the console."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from fastapi import FastAPI, Request, Response

from services.api import articles, console, events, feeds, health, problems
from services.api.dependencies import ApiContext

DESCRIPTION = """
A complete, clean, deduplicated, versioned stream of news articles.

Consumers keep one cursor, `seq`: read `/v1/events?after=SEQ`, handle the events in order, remember the last `seq`.
"""
# Article text is other people's: nothing of it may run, frame or load anything here.
SECURITY_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; img-src 'self' data:; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
}
# The interactive documentation brings its own scripts and styles.
DOCUMENTATION = ("/docs", "/redoc")


def create_app(context: ApiContext) -> FastAPI:
    """The application around its means; the caller opens and closes them."""
    app = FastAPI(title="Wiredesk", version="1", description=DESCRIPTION)
    app.state.context = context
    problems.install(app)
    for module in (articles, events, feeds, health, console):
        app.include_router(module.router)

    @app.middleware("http")
    async def secure(request: Request, answer: Callable[[Request], Awaitable[Response]]) -> Response:
        response = await answer(request)
        if not request.url.path.startswith(DOCUMENTATION):
            for name, value in SECURITY_HEADERS.items():
                response.headers.setdefault(name, value)
        return response

    return app
