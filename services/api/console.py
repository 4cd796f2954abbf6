"""The console: pages for people, rendered here, readable without JavaScript."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse, Response
from fastapi.templating import Jinja2Templates

from services.api.dependencies import Context, Reader
from services.api.problems import ProblemError
from shared.errors import UsageError
from shared.reading.articles import ArticleQuery, find_articles, get_article
from shared.reading.feeds import list_feeds
from shared.reading.status import status

HERE = Path(__file__).parent
router = APIRouter(dependencies=[Reader], include_in_schema=False)
templates = Jinja2Templates(HERE / "templates")
PAGE_LENGTH = 30
RIGHT_TO_LEFT = frozenset({"ar", "dv", "fa", "he", "ku", "ps", "sd", "ug", "ur", "yi"})


def _moment(value: str | None) -> str:
    return datetime.fromisoformat(value).strftime("%-d %b %Y, %H:%M UTC") if value else ""


def _day(article: dict[str, Any]) -> str:
    published: str | None = article["published_at"]
    if published and article["published_precision"] == "day":
        return datetime.fromisoformat(published).strftime("%-d %b %Y")
    return _moment(published)


def _direction(language: str | None) -> str:
    return "rtl" if language in RIGHT_TO_LEFT else "ltr"


templates.env.filters |= {"moment": _moment, "day": _day, "direction": _direction}


@router.get("/", response_class=HTMLResponse)
def latest(
    request: Request,
    context: Context,
    q: Annotated[str | None, Query(max_length=500)] = None,
    lang: Annotated[str | None, Query(max_length=20)] = None,
    cursor: Annotated[str | None, Query(max_length=200)] = None,
) -> Response:
    """The latest articles, or those that match a search."""
    words = (q or "").replace("\x00", "").strip() or None
    with context.database.transaction() as connection:
        query = ArticleQuery(q=words, language=lang or None, cursor=cursor, limit=PAGE_LENGTH)
        try:
            page, trouble = find_articles(connection, query), None
        except UsageError as error:
            page, trouble = find_articles(connection, ArticleQuery(q=words, limit=PAGE_LENGTH)), str(error)
        stats = status(connection, context.valkey)
        languages = [
            row["language"]
            for row in connection.execute(
                "SELECT language FROM articles WHERE language IS NOT NULL GROUP BY language ORDER BY count(*) DESC LIMIT 12"
            )
        ]
    values = {
        "page": page,
        "q": words or "",
        "lang": lang or "",
        "languages": languages,
        "stats": stats,
        "trouble": trouble,
        "dashboard": dashboard_link(context.settings.dashboard_url, request),
    }
    return templates.TemplateResponse(request, "latest.html", values)


@router.get("/articles/{article_id}", response_class=HTMLResponse)
def article(request: Request, context: Context, article_id: str) -> Response:
    """One article beside what is known about where its fields came from."""
    with context.database.transaction() as connection:
        found = get_article(connection, article_id.replace("\x00", ""))
    if found is None:
        raise ProblemError(404, f"no article {article_id}")
    values = {"article": found, "dashboard": dashboard_link(context.settings.dashboard_url, request)}
    return templates.TemplateResponse(request, "article.html", values)


@router.get("/feeds", response_class=HTMLResponse)
def feeds(request: Request, context: Context) -> Response:
    """The feeds with their accounts."""
    with context.database.transaction() as connection:
        values = {
            "feeds": list_feeds(connection),
            "dashboard": dashboard_link(context.settings.dashboard_url, request),
        }
    return templates.TemplateResponse(request, "feeds.html", values)


@router.get("/static/console.css")
def stylesheet() -> Response:
    """The one style sheet."""
    return Response((HERE / "static" / "console.css").read_text("utf-8"), media_type="text/css")


def dashboard_link(setting: str | None, request: Request) -> str | None:
    """Where rq-dashboard is for this browser: as set, else nowhere."""
    if setting is None:
        return None
    return setting.replace("{host}", request.url.hostname or "localhost")
