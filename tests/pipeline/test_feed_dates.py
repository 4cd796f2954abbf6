"""A feed that writes one date on all of its entries: what its articles are given instead."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from tests.pipeline.desk import WORDS, Desk
from wiredesk.testweb import ArticlePage, Item, NewsWeb, article_page

BUILT = datetime.now(UTC).replace(microsecond=0) - timedelta(days=2)
PRINTED = datetime(2024, 5, 20, 8, 14, tzinfo=UTC)


def test_a_date_that_a_feed_has_on_all_entries_reaches_no_article(quick_desk: Desk, web: NewsWeb) -> None:
    site = web.site("paper")
    items = []
    for number in range(3):
        page = ArticlePage(
            url=site.url(f"/{number}.html"),
            title=f"The lighthouse of the town is painted for the {number + 2}. time",
            paragraphs=tuple(
                line.format(place=f"Town {number}", thing="lighthouse", year=1900 + number, count=number + 3)
                for line in WORDS
            ),
            published=PRINTED if number == 0 else None,
        )
        link = site.page(f"/{number}.html", article_page(page))
        items.append(Item(link=link, title=page.title, published=BUILT))
    report = quick_desk.json("run", "--once", site.feed("/feed.xml", items))
    assert report["indexed"] == 3, report
    articles = {found["url"]: found for found in quick_desk.lines("articles", "export", json_option=False)}
    dates = [articles[item.link]["published_at"] for item in items]
    assert dates == ["2024-05-20T08:14:00Z", None, None]
    for found in articles.values():
        (said,) = [one for one in found["provenance"]["published_at"]["candidates"] if one["source"] == "feed"]
        assert said["reason"] == "every entry of the feed has this date"
