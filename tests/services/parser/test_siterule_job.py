"""The parser's job under the sites file: its rule for a page is applied, and a change counts at the next page."""

from __future__ import annotations

import json
import os
import zlib
from datetime import UTC, datetime
from pathlib import Path

import redis

from services.parser.jobs import ParserContext, parse_page, set_context
from shared.jobs import ArticleResult, IndexResult, ParsePage, QueueName
from shared.pagestore import PageMetadata, PageStore, StoredPage
from shared.records import Article
from shared.settings import Settings
from shared.sitesfile import SitesFile

URL = "https://bote.example/lokales/4711-bruecke/"


def test_the_rule_of_the_day_on_which_a_page_was_fetched_is_applied_as_the_file_has_it(
    settings: Settings, valkey: redis.Redis, tmp_path: Path, page
) -> None:
    path = tmp_path / "sites.toml"
    store = PageStore(settings.page_store_location)
    body = page(before='<p class="a">Erste Zeile</p><p class="b">Zweite Zeile</p>')

    def write(rule: str, second: int) -> None:
        path.write_text(f'[["bote.example".parse]]\nvalid_until = 2026-03-01\n{rule}', "utf-8")
        os.utime(path, (second, second))

    def parsed(day: int) -> Article:
        at = datetime(2026, 3, day, 12, tzinfo=UTC)
        metadata = PageMetadata(entry_id=1, url=URL, final_url=URL, fetched_at=at, discovered_at=at)
        store.put(f"{day}/page.warc.gz", StoredPage(200, body, metadata, (("Content-Type", "text/html"),)))
        job = ParsePage(entry_id=1, lease=1, site="bote.example", page_key=f"{day}/page.warc.gz")
        parse_page(job.model_dump(mode="json"))
        job_id = valkey.lpop(f"rq:queue:{QueueName.INDEX.value}")
        assert isinstance(job_id, bytes)
        data = valkey.hget(f"rq:job:{job_id.decode()}", "data")
        assert isinstance(data, bytes)
        result = IndexResult.model_validate(json.loads(zlib.decompress(data))[2][0]).result
        assert isinstance(result, ArticleResult)
        return result.article

    write('title = ".a"', 1000)
    set_context(ParserContext(settings, valkey, store, SitesFile(path)))
    first = parsed(1)
    assert (first.title, first.provenance["title"].source) == ("Erste Zeile", "site_rule")
    assert parsed(2).provenance["title"].source != "site_rule"
    write('title = ".b"', 1001)
    changed = parsed(1)
    assert changed.title == "Zweite Zeile"
    assert changed.provenance["site_rule"].source != first.provenance["site_rule"].source
