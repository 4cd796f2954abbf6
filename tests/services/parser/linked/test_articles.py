"""Which node is the page's article, and what its values say in every spelling."""

from __future__ import annotations

import json
from typing import Any

import pytest
from lxml.html import document_fromstring

from services.parser import jsonld
from services.parser.jsonld import LinkedArticle

URL = "https://bote.example/lokales/bridge-approved"
ARTICLE: dict[str, Any] = {"@type": "NewsArticle", "headline": "A bridge for the town"}
OTHER: dict[str, Any] = {
    "@type": "NewsArticle",
    "headline": "Ferry sinks",
    "url": "https://bote.example/lokales/ferry-sinks",
    "author": "Cy Orr",
    "datePublished": "2022-05-20",
    "image": "https://bote.example/ferry.jpg",
}


def read(*values: object, url: str | None = URL, body: str = "<h1>A bridge for the town</h1>") -> LinkedArticle:
    texts = (json.dumps(value).replace("</", "<\\/") for value in values)
    scripts = "".join(f'<script type="application/ld+json">{text}</script>' for text in texts)
    found = jsonld.read(document_fromstring(f"<html><head>{scripts}</head><body>{body}</body></html>"), url=url)
    return found or LinkedArticle(is_article=False)


def said(**values: object) -> LinkedArticle:
    return read({**ARTICLE, **values})


@pytest.mark.parametrize(
    "own",
    [
        {"url": URL},
        {"mainEntityOfPage": {"@type": "WebPage", "@id": f"{URL}/"}},
        {"@id": f"{URL}#article"},
        {"url": "http://m.bote.example/lokales/bridge-approved/amp?x=1"},
        {},
    ],
)
def test_of_several_articles_the_page_s_own_wins_by_address_or_headline(own):
    for values in (
        [OTHER, {**ARTICLE, **own}],
        [[{**ARTICLE, **own}, OTHER]],
        [{"@graph": [OTHER, {**ARTICLE, **own}]}],
    ):
        assert read(*values).headline == "A bridge for the town"


def test_an_article_of_another_address_and_another_headline_is_not_the_page_s():
    assert not read(OTHER).is_article


def test_an_article_of_another_address_with_the_page_s_headline_is():
    assert read({**ARTICLE, "url": "https://bote.example/old/4711"}).is_article


@pytest.mark.parametrize("key", ["hasPart", "itemListElement", "blogPost"])
def test_a_listed_article_counts_only_where_it_is_this_page_s(key):
    page = {"@type": "WebPage", key: [OTHER, ARTICLE]}

    assert read(page).headline == "A bridge for the town"
    assert read({"@type": "WebPage", key: [OTHER]}).headline is None
    assert read({"@type": "NewsArticle", "headline": "A bridge for the town", key: [OTHER]}).authors == ()


@pytest.mark.parametrize(
    "kind",
    ["ReportageNewsArticle", ["Article", "Thing"], "https://schema.org/NewsArticle", "schema:BlogPosting", "Report"],
)
def test_an_article_of_any_kind_is_one(kind):
    assert read({**ARTICLE, "@type": kind}).is_article


def test_what_is_reviewed_or_checked_is_not_the_page_s_article():
    claim = {"@type": "ClaimReview", "itemReviewed": {"@type": "Article", "headline": "The moon is a ferry"}}

    assert not read(claim).is_article


def test_a_web_page_says_dates_and_authors_but_is_no_article():
    found = read(
        {
            "@graph": [
                {
                    "@type": "WebPage",
                    "name": "A bridge - Bote",
                    "datePublished": "2022-05-20",
                    "author": {"@id": "#ann"},
                },
                {"@type": "Person", "@id": "#ann", "name": "Ann Lee"},
            ]
        }
    )

    assert (found.is_article, found.headline, found.published) == (False, None, "2022-05-20")
    assert [author.name for author in found.authors] == ["Ann Lee"]


def test_two_accounts_of_one_article_complete_each_other():
    found = read(
        {**ARTICLE, "datePublished": "2022-05-20"}, {**ARTICLE, "articleBody": "One.", "articleSection": "Local"}
    )

    assert (found.published, found.body, found.section) == ("2022-05-20", "One.", "Local")


@pytest.mark.parametrize(
    ("written", "body"),
    [
        ("One.\nTwo.", "One.\nTwo."),
        ("<p>One.</p><p>Two<br>three.</p>", "One.\nTwo\nthree."),
        ("&lt;p&gt;One &amp;amp; two.&lt;/p&gt;&lt;p&gt;Three.&lt;/p&gt;", "One & two.\nThree."),
        ("One.\\n\\nTwo.", "One.\nTwo."),
        (["One.", "<p>Two.</p>"], "One.\nTwo."),
        ({"@value": "One."}, "One."),
        (
            "<p>One.</p><figure><img src='a'><b>A ferry</b></figure><script>x()</script>Two.",
            "One.\nTwo.",
        ),
        ('[caption id="a1"]<img src="a">A ferry[/caption]One. [sic] Two.', "One. [sic] Two."),
        ("He said [the mayor] was late.", "He said [the mayor] was late."),
        ("", None),
        (42, None),
    ],
)
def test_a_body_has_a_line_a_paragraph(written, body):
    assert said(articleBody=written).body == body


def test_a_live_blog_s_updates_are_its_body_with_their_headlines():
    found = read(
        {
            **ARTICLE,
            "@type": "LiveBlogPosting",
            "articleBody": "The day on the quay.",
            "liveBlogUpdate": [
                {"@type": "BlogPosting", "headline": "Noon", "articleBody": "<p>The ferry leaves.</p>"},
                {"@type": "BlogPosting", "articleBody": "It is back."},
                "broken",
            ],
        }
    )

    assert found.headline == "A bridge for the town"
    assert found.body == "The day on the quay.\nNoon\nThe ferry leaves.\nIt is back."


@pytest.mark.parametrize(
    ("written", "free"),
    [
        (True, True), ("True", True), ("https://schema.org/False", False), ("schema:False", False), ("no", False),
        (0, False), ("1", True), ({"@value": "false"}, False), (["False"], False),
        ({"@id": "http://schema.org/True"}, True),
        ("", None), (None, None), ("perhaps", None), ({}, None), (7, None),
    ],
)  # fmt: skip
def test_truth_in_every_spelling(written, free):
    assert said(isAccessibleForFree=written).free is free


@pytest.mark.parametrize(
    ("whole", "parts", "free"),
    [
        (None, [{"@type": "WebPageElement", "isAccessibleForFree": "False", "cssSelector": ".paywall"}], False),
        (False, {"@type": "WebPageElement", "isAccessibleForFree": "True", "cssSelector": ".lead"}, False),
        (None, {"@type": "WebPageElement", "isAccessibleForFree": True, "cssSelector": ".lead"}, None),
        (True, [{"isAccessibleForFree": "False", "cssSelector": ".paywall"}], True),
        (None, [{"@type": "WebPageElement", "cssSelector": ".paywall"}, "x", None], None),
    ],
)
def test_a_part_that_is_not_free_makes_a_whole_of_which_nothing_is_said_so(whole, parts, free):
    assert said(isAccessibleForFree=whole, hasPart=parts).free is free


@pytest.mark.parametrize(
    "headline",
    [
        {"@value": "A bridge", "@language": "en"},
        [{"@value": "A bridge", "@language": "en"}, {"@value": "Eine Brücke", "@language": "de"}],
        {"en": "A bridge", "de": "Eine Brücke"},
        ["", None, "A bridge"],
        "A &amp;nbsp;bridge",
    ],
)
def test_a_text_in_every_shape(headline):
    found = read({"@type": "NewsArticle", "headline": headline}, body="")

    assert found.headline == "A bridge"


@pytest.mark.parametrize("nothing", ["null", "undefined", "[object Object]", "", [], {}, 3, None])
def test_what_a_template_prints_for_nothing_is_nothing(nothing):
    assert said(description=nothing, articleSection=nothing).description is None


def test_keys_may_be_misspelt_in_case_or_carry_the_vocabulary_s_prefix():
    found = read({"@type": "schema:NewsArticle", "schema:headline": "A bridge", "datemodified": "2022-05-21"}, body="")

    assert (found.headline, found.modified) == ("A bridge", "2022-05-21")


@pytest.mark.parametrize(
    ("width", "pixels"),
    [(1200, 1200), ("1200", 1200), ("1200 px", 1200), (1200.0, 1200), ({"value": "1200"}, 1200), ([1200], 1200),
     ({"@type": "Distance", "name": "1200 px"}, 1200), (True, None), ("wide", None), (-1, None), ("", None)],
)  # fmt: skip
def test_lengths_in_every_spelling(width, pixels):
    (image,) = said(image={"@type": "ImageObject", "url": "https://bote.example/a.jpg", "width": width}).images

    assert image.width == pixels


def test_an_image_that_is_only_referred_to_is_looked_up():
    found = read(
        {"@graph": [
            {**ARTICLE, "image": {"@id": "#i"}},
            {"@type": "ImageObject", "@id": "#i", "contentUrl": "https://bote.example/a.jpg", "caption": "The quay",
             "creator": {"@type": "Person", "name": "Ann Lee"}},
        ]}
    )  # fmt: skip

    assert [(i.url, i.caption, i.credit) for i in found.images] == [
        ("https://bote.example/a.jpg", "The quay", "Ann Lee")
    ]


@pytest.mark.parametrize(
    "address",
    [
        "AT",
        {"addressCountry": "AT"},
        {"addressCountry": {"@type": "Country", "name": "AT"}},
        [{"addressCountry": "AT"}],
    ],
)
def test_the_publisher_s_country_stands_in_its_postal_address(address):
    publisher = {"@type": "Organization", "name": "Bote", "address": address}
    expected = None if isinstance(address, str) else "AT"

    assert said(publisher=publisher).country == expected
    assert read(ARTICLE, publisher).country == expected


def test_breadcrumbs_come_in_the_order_of_their_positions_and_without_the_home_page():
    def crumb(position: object, name: str, path: str) -> dict[str, object]:
        return {
            "@type": "ListItem",
            "position": position,
            "item": {"@id": f"https://bote.example/{path}", "name": name},
        }

    crumbs = [crumb("2", "Local", "lokales"), crumb(1, "Bote", ""), crumb("3", "Ferries", "lokales/f")]

    assert read(ARTICLE, {"@type": "BreadcrumbList", "itemListElement": crumbs}).breadcrumbs == ("Local", "Ferries")


def test_a_graph_that_refers_to_itself_or_is_deep_comes_to_an_end():
    deep: dict[str, Any] = {"@type": "Thing"}
    for _ in range(300):
        deep = {"@type": "Thing", "@graph": [deep]}
    looped = {**ARTICLE, "@id": "#a", "author": {"@id": "#a"}, "image": {"@id": "#a"}, "publisher": {"@id": "#a"}}

    assert read(deep, looped).headline == "A bridge for the town"


@pytest.mark.parametrize(
    "key", ["articleBody", "author", "headline", "image", "keywords", "hasPart", "isAccessibleForFree"]
)
def test_a_value_that_is_nested_without_end_says_nothing(key):
    nested = "[" * 700 + '"x"' + "]" * 700
    script = f'{{"@type": "NewsArticle", "name": "A bridge", "{key}": {nested}, "publisher": {nested}}}'
    html = f'<html><head><script type="application/ld+json">{script}</script></head><body></body></html>'

    found = jsonld.read(document_fromstring(html))

    assert found is not None
    assert found.headline == "A bridge"


@pytest.mark.parametrize(
    ("facts", "address"),
    [
        ({"sameAs": "https://social.example/@ann"}, "https://social.example/@ann"),
        ({"sameAs": ["", "ann@bote.example", "/ann", "http://ann.example/"]}, "http://ann.example/"),
        ({"sameAs": "https://social.example/@ann", "url": "https://bote.example/ann"}, "https://bote.example/ann"),
        ({"sameAs": ["@ann", {"name": "Ann"}, None, 7]}, None),
    ],
)
def test_an_author_without_an_address_here_has_one_elsewhere(facts: dict[str, Any], address: str | None) -> None:
    (author,) = said(author={"@type": "Person", "name": "Ann Lee", **facts}).authors
    assert author.url == address
