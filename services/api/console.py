"""The console: pages for people, rendered here, readable without JavaScript."""

from __future__ import annotations

from typing import Annotated, Any

import redis
from fastapi import APIRouter, Query, Request, Response

from services.api.dependencies import ApiContext, Context, Reader
from services.api.pages import render, stylesheet
from services.api.problems import ProblemError
from services.api.reference import operations
from services.api.replies import reply
from shared.database import Connection
from shared.errors import UsageError
from shared.reading.articles import ArticleQuery, find_articles, get_article, languages_in_use, list_versions
from shared.reading.feeds import list_feeds

router = APIRouter(dependencies=[Reader], include_in_schema=False)
open_router = APIRouter(include_in_schema=False)
PAGE_LENGTH = 30
FEEDS_LENGTH = 100


@router.get("/")
def latest(
    request: Request,
    context: Context,
    q: Annotated[str, Query()] = "",
    lang: Annotated[str, Query(max_length=20)] = "",
    cursor: Annotated[str, Query(max_length=200)] = "",
) -> Response:
    """The latest articles, or those that match a search."""
    query = ArticleQuery(q=q.strip() or None, language=lang or None, cursor=cursor or None, limit=PAGE_LENGTH)
    with context.read() as connection:
        try:
            page, trouble = find_articles(connection, query), None
        except UsageError as error:
            page, trouble = None, str(error)
        values = {
            "page": page,
            "trouble": trouble,
            "q": q.strip(),
            "lang": lang,
            "cursor": cursor,
            "languages": languages_in_use(connection),
            "figures": _figures(context, connection),
        }
    return render(request, "latest.html", values, status=200 if page else 400)


@router.get("/articles/{article_id}")
def article(request: Request, context: Context, article_id: str) -> Response:
    """One article beside what is known about where its fields came from."""
    with context.read() as connection:
        found = get_article(connection, article_id)
        versions = list_versions(connection, article_id)
    if found is None:
        raise ProblemError(404, f"no article {article_id}")
    return render(request, "article.html", {"article": found, "versions": versions})


@router.get("/feeds")
def feeds(request: Request, context: Context, after: Annotated[int, Query(ge=0, le=2**63 - 1)] = 0) -> Response:
    """The feeds with their accounts."""
    with context.read() as connection:
        found = list_feeds(connection, after=after, limit=FEEDS_LENGTH)
        figures = _figures(context, connection)
    next_after = found[-1]["id"] if len(found) == FEEDS_LENGTH else None
    return render(request, "feeds.html", {"feeds": found, "figures": figures, "after": after, "next_after": next_after})


@router.get("/docs")
def reference(request: Request) -> Response:
    """The reference of the HTTP API: FastAPI's own page loads scripts from elsewhere, which this console never does."""
    document = request.app.openapi()
    values = {"operations": operations(document), "about": document["info"]["description"]}
    return render(request, "reference.html", values)


@open_router.get("/static/console.css")
def style(request: Request) -> Response:
    """The one style sheet; its address changes when it does."""
    return reply(request, stylesheet(), "text/css", Cache_Control="max-age=604800")


def _figures(context: ApiContext, connection: Connection) -> dict[str, Any] | None:
    """The pipeline's figures; ``None`` while Valkey does not answer: the articles can be read all the same."""
    try:
        return context.status(connection)
    except redis.RedisError:
        return None
