"""/v1/articles: the latest, a search, one, its versions; /v1/schema/article."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import AwareDatetime, Field

from services.api.dependencies import Context, Reader
from services.api.problems import ProblemError
from shared.reading.articles import LIMIT, ArticleQuery, find_articles, get_article, get_versions
from shared.records import Article, Record

router = APIRouter(prefix="/v1", dependencies=[Reader], tags=["articles"])
SINCE_HELP = "Published (else discovered) at or after; RFC 3339."


class ArticleList(Record):
    """A page of articles, newest first; ``next_cursor`` asks for the next page, ``null`` at the end."""

    articles: list[Article]
    next_cursor: str | None = Field(description="Pass it as `cursor`.")


@router.get("/articles", response_model=ArticleList)
def list_articles(
    context: Context,
    q: Annotated[str | None, Query(max_length=500, description='Words, "a phrase", or, -not.')] = None,
    lang: Annotated[str | None, Query(max_length=20, description="ISO 639-1 code.")] = None,
    source: Annotated[str | None, Query(max_length=253, description="Domain of the publication.")] = None,
    feed: Annotated[int | None, Query(ge=1, le=2**63 - 1, description="Id of a feed that lists them.")] = None,
    since: Annotated[AwareDatetime | None, Query(alias="from", description=SINCE_HELP)] = None,
    until: Annotated[AwareDatetime | None, Query(alias="to", description="Before; RFC 3339.")] = None,
    cursor: Annotated[str | None, Query(max_length=200)] = None,
    limit: Annotated[int, Query(ge=1, le=LIMIT)] = 50,
) -> Any:  # noqa: ANN401 - FastAPI validates it against the response model
    """Articles, newest first: all, or those that match."""
    query = ArticleQuery(_no_nul(q), lang, _no_nul(source), feed, since, until, cursor, limit)
    with context.database.transaction() as connection:
        page = find_articles(connection, query)
    return {"articles": page.articles, "next_cursor": page.next_cursor}


@router.get("/articles/{article_id}", response_model=Article)
def read_article(context: Context, article_id: str) -> Any:  # noqa: ANN401
    """The current record of one article."""
    with context.database.transaction() as connection:
        article = get_article(connection, _no_nul(article_id) or "")
    if article is None:
        raise ProblemError(404, f"no article {article_id}")
    return article


@router.get("/articles/{article_id}/versions")
def read_versions(context: Context, article_id: str) -> dict[str, Any]:
    """All versions of one article, oldest first."""
    with context.database.transaction() as connection:
        versions = get_versions(connection, _no_nul(article_id) or "")
    if not versions:
        raise ProblemError(404, f"no article {article_id}")
    return {"versions": versions}


@router.get("/schema/article")
def article_schema() -> dict[str, Any]:
    """The JSON Schema of the article record."""
    return Article.model_json_schema(mode="serialization")


def _no_nul(text: str | None) -> str | None:
    return text.replace("\x00", "") if text else text
