"""The feeds, lists and article pages of a news web."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta, timezone

import pytest
from lxml import etree, html

from wiredesk.testweb import ArticlePage, Channel, Furniture, Item, article_page, build_feed, opml

from .asking import ask

ITEMS = [
    Item(
        link="http://harbour.localhost/a?x=1&y=2",
        title="Fish & chips <cheap>",
        published=datetime(2026, 3, 14, 10, 0, tzinfo=timezone(timedelta(hours=2))),
        updated=datetime(2026, 3, 14, 11, 0, tzinfo=UTC),
        summary="<p>A &amp; B</p>",
        content="<p>Whole text.</p>",
        authors=("Ada Quill",),
        tags=("food",),
        image="http://harbour.localhost/a.png",
    ),
    Item(link="http://harbour.localhost/b"),
]
CHANNEL = Channel(title="The Ledger", site_url="http://harbour.localhost/", feed_url="http://harbour.localhost/feed")


@pytest.mark.parametrize(
    ("kind", "entry", "link"),
    [
        ("rss", "//item", "string(link)"),
        ("rss10", "//*[local-name()='item']", "string(@*[local-name()='about'])"),
        ("atom", "//*[local-name()='entry']", "string(*[local-name()='link'][@rel='alternate']/@href)"),
    ],
)
def test_xml_feeds_are_well_formed_and_keep_every_item(kind, entry, link):
    root = etree.fromstring(build_feed(kind, CHANNEL, ITEMS))
    found = root.xpath(entry)
    assert [item.xpath(link) for item in found] == [item.link for item in ITEMS]
    assert found[0].xpath("string(*[local-name()='title'])") == "Fish & chips <cheap>"
    assert "Whole text." in "".join(found[0].itertext())
    assert "Ada Quill" in "".join(found[0].itertext())


@pytest.mark.parametrize(
    ("kind", "date"), [("rss", b"Sat, 14 Mar 2026 10:00:00 +0200"), ("atom", b"2026-03-14T10:00:00+02:00")]
)
def test_feeds_keep_the_zone_of_a_date(kind, date):
    assert date in build_feed(kind, CHANNEL, ITEMS)


def test_a_json_feed_keeps_every_item():
    feed = json.loads(build_feed("json", CHANNEL, ITEMS))
    assert feed["version"] == "https://jsonfeed.org/version/1.1"
    assert [item["url"] for item in feed["items"]] == [item.link for item in ITEMS]
    assert feed["items"][0]["date_published"] == "2026-03-14T10:00:00+02:00"
    assert "date_published" not in feed["items"][1]


def test_a_feed_without_items_is_a_feed_all_the_same():
    for kind in ("rss", "rss10", "atom"):
        assert etree.fromstring(build_feed(kind, CHANNEL, [])) is not None
    assert json.loads(build_feed("json", CHANNEL, []))["items"] == []


def test_a_feed_is_served_with_its_content_type(web):
    url = web.site("harbour").feed("/feed", ITEMS, kind="atom")
    reply = ask(web, url)
    assert reply.headers["content-type"].startswith("application/atom+xml")
    assert b"<title>Harbour</title>" in reply.body


def test_an_opml_list_has_a_folder_a_category():
    body = opml(
        "All & sundry", [("http://a/?x=1&y=2", "A", "News"), ("http://b/", "B", "News"), ("http://c/", "C", None)]
    )
    root = etree.fromstring(body)
    assert root.xpath("//outline/@xmlUrl") == ["http://a/?x=1&y=2", "http://b/", "http://c/"]
    assert root.xpath("//outline[@text='News']/outline/@text") == ["A", "B"]


PAGE = ArticlePage(
    url="http://harbour.localhost/a",
    title='The "Old" Bell & <its> ring',
    lead="A bell rings again.",
    paragraphs=("First.", "Second </script> one.", "Third.", "Fourth."),
    author="Ada Quill",
    published=datetime(2026, 3, 14, 10, 0, tzinfo=timezone(timedelta(hours=2))),
    section="Town",
    tags=("bells",),
    image="http://harbour.localhost/bell.png",
    caption="The bell",
    credit="Tom Lens",
    site_name="The Ledger",
    furniture=Furniture(related=(("Other story", "/other"),)),
)


def test_an_article_page_says_the_same_in_every_place():
    tree = html.fromstring(article_page(PAGE))
    assert tree.xpath("string(//h1)") == PAGE.title
    assert tree.xpath("string(//meta[@property='og:title']/@content)") == PAGE.title
    linked = json.loads(tree.xpath("string(//script[@type='application/ld+json'])"))
    assert linked["headline"] == PAGE.title
    assert linked["datePublished"] == tree.xpath("string(//time/@datetime)") == "2026-03-14T10:00:00+02:00"
    assert tree.xpath("string(//link[@rel='canonical']/@href)") == PAGE.url
    assert tuple(tree.xpath("//div[@class='article-body']/p/text()")) == PAGE.paragraphs
    assert tree.xpath("string(//figcaption)") == "The bell Photo: Tom Lens"


def test_an_article_page_has_what_a_parser_must_leave_out():
    tree = html.fromstring(article_page(PAGE))
    assert tree.xpath("string(//div[@class='article-body']/div[@class='read-more'])") == "Other story"
    for place in ("//nav", "//div[@class='share']", "//aside[@class='newsletter']", "//footer"):
        assert tree.xpath(f"string({place})").strip()


def test_an_arabic_page_runs_from_right_to_left():
    page = ArticlePage(url="http://a/", title="خبر", paragraphs=("نص",), language="ar")
    assert '<html lang="ar" dir="rtl">' in article_page(page)
