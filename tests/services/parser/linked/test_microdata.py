"""Microdata: the same words of schema.org in the page's own markup."""

from __future__ import annotations

from lxml.html import document_fromstring

from services.parser import extract, jsonld
from services.parser.jsonld import LinkedArticle
from shared.records import Article

URL = "https://bote.example/lokales/bridge"


def read(body: str) -> LinkedArticle | None:
    return jsonld.read_microdata(document_fromstring(f"<html><body>{body}</body></html>"), url=URL)


MARKED = """<article itemscope itemtype="https://schema.org/NewsArticle">
<h1 itemprop="headline">A bridge for the town</h1>
<span itemprop="author" itemscope itemtype="https://schema.org/Person"><a itemprop="url" href="/ann">
<span itemprop="name">Ann Lee</span></a></span>
<meta itemprop="articleSection" content="Local"><meta itemprop="isAccessibleForFree" content="False">
<div itemprop="image" itemscope itemtype="https://schema.org/ImageObject"><img itemprop="url" src="/a.jpg">
<meta itemprop="width" content="800"></div><time itemprop="datePublished" datetime="2022-05-20">May 20</time>
<div itemprop="articleBody"><p>One.</p></div>
<figure><img src="b.jpg"><b itemprop="author">Photo by Bo Yang</b></figure>
<div itemprop="comment" itemscope itemtype="https://schema.org/Comment"><b itemprop="author">Troll</b></div>
</article>"""


def test_the_marked_article_is_read_like_a_node():
    found = read(MARKED)

    assert found is not None
    assert (found.headline, found.section, found.free) == ("A bridge for the town", "Local", False)
    assert [(author.name, author.url) for author in found.authors] == [("Ann Lee", "/ann")]
    assert [(image.url, image.width) for image in found.images] == [("/a.jpg", 800)]


def test_its_body_and_dates_are_left_to_those_who_read_the_page():
    found = read(MARKED)

    assert found is not None
    assert (found.body, found.published) == (None, None)


def test_teasers_that_are_marked_as_articles_are_not_the_page_s():
    teaser = '<div itemscope itemtype="http://schema.org/BlogPosting"><b itemprop="headline">Ferry sinks</b></div>'

    assert read(f"<h1>A bridge for the town</h1>{teaser * 3}") is None
    both = read(teaser + MARKED)
    assert both is not None
    assert both.headline == "A bridge for the town"


def test_breadcrumbs_are_read_without_any_article():
    def crumb(number: int, name: str, path: str) -> str:
        return (
            '<li itemprop="itemListElement" itemscope itemtype="https://schema.org/ListItem">'
            f'<a itemprop="item" href="{path}"><span itemprop="name">{name}</span></a>'
            f'<meta itemprop="position" content="{number}"></li>'
        )

    crumbs = crumb(2, "Local", "/l") + crumb(1, "Bote", "/")
    found = read(f'<ol itemscope itemtype="https://schema.org/BreadcrumbList">{crumbs}</ol>')

    assert found is not None
    assert (found.breadcrumbs, found.is_article) == (("Local",), False)


def test_json_ld_goes_before_microdata(page):
    linked = '{"@type": "NewsArticle", "headline": "x", "articleSection": "Sport"}'
    head = f'<script type="application/ld+json">{linked}</script>'

    found = extract(page(head=head, after=MARKED), url=URL)

    assert isinstance(found, Article)
    assert found.section == "Sport"


def test_markup_without_end_is_bounded():
    nested = '<div itemscope itemtype="https://schema.org/Article" itemprop="author">' * 400

    assert read(nested + "x") is None
