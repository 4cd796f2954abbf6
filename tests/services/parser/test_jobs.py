"""The parser's job on a real store and a real queue: what an operator may have it refuse."""

from __future__ import annotations

import json
import zlib
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
import redis

from services.parser.jobs import ParserContext, parse_page, set_context
from shared.jobs import ArticleResult, IndexResult, ParsePage, ParseResult, QueueName, RejectionResult
from shared.pagestore import PageMetadata, PageStore, StoredPage
from shared.records import RejectionReason
from shared.settings import Settings

URL = "https://bote.example/lokales/4711-bruecke/"
NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
OBJECTS = '<meta name="robots" content="noai">'


@pytest.fixture
def parsed(settings: Settings, valkey: redis.Redis) -> Callable[..., ParseResult]:
    """Has a stored page parsed under changed settings, and returns what goes to the indexer."""

    def parse(body: bytes, **changes: Any) -> ParseResult:
        store = PageStore(settings.page_store_location)
        set_context(ParserContext(settings.model_copy(update=changes), valkey, store))
        metadata = PageMetadata(entry_id=1, url=URL, final_url=URL, fetched_at=NOW, discovered_at=NOW)
        store.put("1/page.warc.gz", StoredPage(200, body, metadata, (("Content-Type", "text/html"),)))
        job = ParsePage(entry_id=1, lease=1, site="bote.example", page_key="1/page.warc.gz")
        parse_page(job.model_dump(mode="json"))
        job_id = valkey.lpop(f"rq:queue:{QueueName.INDEX.value}")
        assert isinstance(job_id, bytes)
        data = valkey.hget(f"rq:job:{job_id.decode()}", "data")
        assert isinstance(data, bytes)
        return IndexResult.model_validate(json.loads(zlib.decompress(data))[2][0]).result

    return parse


def test_an_objection_to_ai_is_only_recorded_unless_it_is_to_be_honoured(parsed, page):
    result = parsed(page(head=OBJECTS))

    assert isinstance(result, ArticleResult)
    assert result.article.access.ai_opt_out is True


def test_an_objection_to_ai_that_is_honoured_makes_it_no_article(parsed, page):
    result = parsed(page(head=OBJECTS), ai_opt_out="honour")

    assert isinstance(result, RejectionResult)
    assert result.rejection.reason is RejectionReason.AI_OPT_OUT
    assert result.rejection.detail == "meta robots: noai"
    assert result.rejection.page.key == "1/page.warc.gz"


@pytest.mark.parametrize("head", ["", '<meta name="tdm-reservation" content="0">'])
def test_without_an_objection_there_is_nothing_to_honour(parsed, page, head):
    assert isinstance(parsed(page(head=head), ai_opt_out="honour"), ArticleResult)
