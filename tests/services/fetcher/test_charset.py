"""What a site says about its charset is kept beside what was read: neither replaces the other."""

from __future__ import annotations

from services.parser import extract
from shared.records import Article
from tests.services.fetcher.conftest import Fetching
from wiredesk.testweb import NewsWeb

WORDS = "Die Brücke über die Möhne ist seit Dienstag gesperrt, und niemand weiß, für wie lange noch. " * 10
PAGE = (
    f"<html><head><title>Gesperrt</title></head><body><article><h1>Gesperrt</h1><p>{WORDS}</p></article></body></html>"
)
DECLARED = "text/html; charset=ISO-8859-5"


def test_a_page_keeps_the_charset_that_was_declared_and_the_one_it_was_read_in(
    fetching: Fetching, web: NewsWeb
) -> None:
    entry_id = fetching.discover(web.site("paper").page("/a", PAGE, content_type=DECLARED))
    fetching.download(entry_id)
    page = fetching.context.store.get(fetching.entry(entry_id)["page_key"])
    assert dict(page.headers)["Content-Type"] == DECLARED
    found = extract(page.body, url=page.metadata.final_url, headers=dict(page.headers))
    assert isinstance(found, Article)
    assert found.page is not None
    assert (found.page.content_type, found.page.charset) == (DECLARED, "utf-8")
    assert "Brücke über die Möhne" in found.text


def test_a_feed_s_poll_says_both(fetching: Fetching, web: NewsWeb) -> None:
    item = "<item><link>/1</link><title>Br\u00fccke</title></item>"
    body = f'<rss version="2.0"><channel><title>T</title>{item}</channel></rss>'
    headers = (("Content-Type", "application/xml; charset=us-ascii"),)
    url = web.site("paper").respond("/feed.xml", headers=headers, body=body.encode("utf-8"))
    told = fetching.poll(fetching.add_feed(url))
    assert "declared as us-ascii, read as utf-8" in told
    assert fetching.one("SELECT title FROM entries")["title"] == "Br\u00fccke"
