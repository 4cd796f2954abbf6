"""JSON-LD in the shapes of the wild."""

from __future__ import annotations

import json
from typing import Any

import pytest
from lxml.html import document_fromstring

from services.parser import jsonld
from services.parser.jsonld import LinkedArticle

ARTICLE: dict[str, Any] = {"@context": "https://schema.org", "@type": "NewsArticle", "headline": "A bridge"}


def read(*scripts: str, url: str | None = None) -> LinkedArticle | None:
    tags = "".join(f'<script type="application/ld+json">{script}</script>' for script in scripts)
    return jsonld.read(document_fromstring(f"<html><head>{tags}</head><body></body></html>"), url=url)


@pytest.mark.parametrize(
    "script",
    [
        json.dumps(ARTICLE),
        json.dumps([ARTICLE]),
        json.dumps([{"@type": "Organization"}, [ARTICLE]]),
        json.dumps({"@graph": [{"@type": "WebSite", "name": "x"}, ARTICLE]}),
        json.dumps({"@type": "WebPage", "mainEntity": ARTICLE}),
        json.dumps({**ARTICLE, "@type": ["Article", "NewsArticle"]}),
        json.dumps({**ARTICLE, "@type": "http://schema.org/NewsArticle"}),
        json.dumps({**ARTICLE, "@type": "ReportageNewsArticle"}),
        f"<!-- {json.dumps(ARTICLE)} -->",
        f"//<![CDATA[\n{json.dumps(ARTICLE)}\n//]]>",
        json.dumps(ARTICLE).replace('"', "&quot;"),
        json.dumps(ARTICLE)[:-1] + ",}",
        json.dumps(ARTICLE) + json.dumps({"@type": "BreadcrumbList"}),
        json.dumps(ARTICLE) + ";",
        json.dumps({**ARTICLE, "description": "a\\'b"}).replace("\\\\", "\\"),
        json.dumps({**ARTICLE, "description": "one\ntwo"}).replace("\\n", "\n"),
        '{"@type": "NewsArticle", "headline": "A bridge", "author": {"name": "broken',
    ],
)
def test_the_article_is_found(script):
    found = read(script)

    assert found is not None
    assert found.headline == "A bridge"


@pytest.mark.parametrize(
    "script",
    ["", "null", "42", '"x"', "{", "{]}", "[" * 50_000, json.dumps({"@type": "Event", "name": "A bridge"})],
)
def test_what_is_no_article_is_none(script):
    assert read(script) is None


def test_of_a_publisher_alone_only_its_name_is_known():
    found = read(json.dumps({"@type": "Organization", "name": "The Bote"}))

    assert found is not None
    assert (found.is_article, found.headline, found.publisher) == (False, None, "The Bote")


def test_of_several_articles_the_one_about_this_page_wins():
    other = {**ARTICLE, "headline": "Other", "url": "https://bote.example/other", "articleBody": "x", "author": "y"}
    own = {**ARTICLE, "mainEntityOfPage": {"@id": "https://bote.example/own"}}

    found = read(json.dumps(other), json.dumps(own), url="https://bote.example/own?x=1")

    assert found is not None
    assert found.headline == "A bridge"


def test_articles_that_a_page_merely_lists_are_not_its_article():
    listed = {"@type": "ItemList", "itemListElement": [{"@type": "ListItem", "item": ARTICLE}]}

    assert read(json.dumps(listed)) is None


@pytest.mark.parametrize(
    ("author", "names"),
    [
        ("Ann Lee", ["Ann Lee"]),
        ({"name": "Ann Lee"}, ["Ann Lee"]),
        ([{"@type": "Person", "name": "Ann Lee"}, {"name": ["Bo Yang", "Cy Orr"]}], ["Ann Lee", "Bo Yang", "Cy Orr"]),
        ({"givenName": "Ann", "familyName": "Lee"}, ["Ann Lee"]),
        ({"name": {"@value": "Ann Lee"}}, ["Ann Lee"]),
        ('{"@type": "Person", "name": "Ann Lee"}', ["Ann Lee"]),
        ({"@id": "#ann"}, ["Ann Lee"]),
        ([None, 3, {}, {"name": None}], []),
    ],
)
def test_authors_come_in_many_shapes(author, names):
    person = {"@type": "Person", "@id": "#ann", "name": "Ann Lee"}

    found = read(json.dumps({"@graph": [{**ARTICLE, "author": author}, person]}))

    assert found is not None
    assert [one.name for one in found.authors] == names


def test_the_other_facts_are_read():
    found = read(
        json.dumps(
            {
                **ARTICLE,
                "articleBody": "&lt;p&gt;One &amp;amp; two.&lt;/p&gt;&lt;p&gt;Three.&lt;/p&gt;",
                "datePublished": 1653030881000,
                "isAccessibleForFree": "http://schema.org/False",
                "keywords": "ferry, bridge",
                "articleSection": ["Local", "News"],
                "inLanguage": {"@type": "Language", "name": "German", "alternateName": "de"},
                "publisher": {"@type": "Organization", "name": "The Bote"},
                "image": [
                    {"url": "https://x.example/a.jpg", "width": "1200px", "height": {"value": 800}, "creditText": "dpa"}
                ],
            }
        )
    )

    assert found is not None
    assert found.body == "One & two.\nThree."
    assert found.published == "1653030881000"
    assert found.free is False
    assert found.keywords == ("ferry", "bridge")
    assert found.section == "Local"
    assert found.language == "de"
    assert found.publisher == "The Bote"
    (image,) = found.images
    assert (image.url, image.width, image.height, image.credit) == ("https://x.example/a.jpg", 1200, 800, "dpa")


def test_halves_of_surrogate_pairs_do_not_get_through():
    found = read(
        '{"@type":"NewsArticle","headline":"A \\ud800bridge","url":"https://x.example/\\udfff","image":"https://x/\\ud800.jpg"}'
    )

    assert found is not None
    for text in (found.headline, found.url, found.images[0].url):
        assert text is None or text.encode("utf-8")
