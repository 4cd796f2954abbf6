"""/v1/articles: the latest, a search, one, its versions; /v1/schema/article."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from pydantic import AwareDatetime

from services.api.dependencies import Context, Reader
from services.api.models import ArticleList, ArticleVersions
from services.api.problems import ProblemError
from services.api.replies import json_reply
from shared.reading.articles import LIMIT, QUERY_LENGTH, ArticleQuery, find_articles, get_article, get_versions
from shared.records import Article

router = APIRouter(prefix="/v1", dependencies=[Reader], tags=["articles"])
Q_HELP = 'Words, "a phrase", or, -not: in each article\'s own language.'
SINCE_HELP = "Published at or after (discovered, where that is unknown); RFC 3339."


@router.get("/articles", response_model=ArticleList)
def list_articles(
    request: Request,
    context: Context,
    q: Annotated[str | None, Query(max_length=QUERY_LENGTH, description=Q_HELP)] = None,
    lang: Annotated[str | None, Query(max_length=20, description="ISO 639-1 code.")] = None,
    source: Annotated[str | None, Query(max_length=253, description="Domain of the publication.")] = None,
    feed: Annotated[int | None, Query(ge=1, le=2**63 - 1, description="Id of a feed that lists them.")] = None,
    since: Annotated[AwareDatetime | None, Query(alias="from", description=SINCE_HELP)] = None,
    until: Annotated[AwareDatetime | None, Query(alias="to", description="Before; RFC 3339.")] = None,
    cursor: Annotated[str | None, Query(max_length=200, description="`next_cursor` of the page before.")] = None,
    limit: Annotated[int, Query(ge=1, le=LIMIT)] = 50,
) -> Response:
    """Articles, newest first: all, or those that match.

    Following ``next_cursor`` shows every article that was there at the first page, once, while new ones arrive.
    """
    query = ArticleQuery(q, lang, source, feed, since, until, cursor, limit)
    with context.read() as connection:
        page = find_articles(connection, query)
    return json_reply(request, {"articles": page.articles, "next_cursor": page.next_cursor})


@router.get("/articles/{article_id}", response_model=Article)
def read_article(request: Request, context: Context, article_id: str) -> Response:
    """The current record of one article."""
    with context.read() as connection:
        article = get_article(connection, article_id)
    if article is None:
        raise ProblemError(404, f"no article {article_id}")
    return json_reply(request, article)


@router.get("/articles/{article_id}/versions", response_model=ArticleVersions)
def read_versions(request: Request, context: Context, article_id: str) -> Response:
    """All versions of one article, oldest first."""
    with context.read() as connection:
        versions = get_versions(connection, article_id)
    if not versions:
        raise ProblemError(404, f"no article {article_id}")
    return json_reply(request, {"versions": versions})


@router.get("/schema/article", response_model=dict[str, object])
def article_schema(request: Request) -> Response:
    """The JSON Schema of the article record, version 1; within it fields are added, never changed or removed."""
    return json_reply(request, Article.model_json_schema(mode="serialization"))
