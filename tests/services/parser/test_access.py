"""Free or paid, and under which licence: only as far as it is said of the article."""

from __future__ import annotations

import pytest
from lxml.html import document_fromstring

from services.parser import access, licence
from services.parser.linked.article import LinkedArticle
from services.parser.meta import MetaTags


def free(
    body: str = "<h1>A bridge</h1>",
    *,
    linked: bool | None = None,
    is_article: bool = True,
    words: int = 90,
    **tags: str,
) -> bool | None:
    values = {name.replace("_", ":"): (value,) for name, value in tags.items()}
    article = LinkedArticle(free=linked, is_article=is_article)
    return access.read(
        MetaTags(values=values), article, {}, document_fromstring(f"<body>{body}</body>"), words=words
    ).free


@pytest.mark.parametrize(
    ("tier", "expected"), [("free", True), ("locked", False), ("Premium", False), ("metered", None), ("article", None)]
)
def test_the_content_tier_is_believed_where_it_says_something(tier, expected):
    values = MetaTags(values={"article:content_tier": (tier,)})

    assert access.read(values, LinkedArticle(), {}).free is expected


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("k5a:paid", "1", False), ("k5a:paid", "0", True), ("isaccessibleforfree", "true", True),
        ("isaccessibleforfree", "False", False), ("article:premium", "false", True),
        ("cxenseparse:mhu-article_ispaidcontent", "true", False), ("k5a:paid", "perhaps", None),
        ("userispremium", "free", None), ("bad:ispayingcustomer", "false", None),
    ],
)  # fmt: skip
def test_the_tags_of_metering_systems(name, value, expected):
    assert access.read(MetaTags(values={name: (value,)}), LinkedArticle(), {}).free is expected


def test_json_ld_of_the_article_goes_before_the_tier_and_the_tier_before_the_web_page_s():
    tags = MetaTags(values={"article:content_tier": ("free",)})

    assert access.read(tags, LinkedArticle(free=False), {}).free is False
    assert access.read(tags, LinkedArticle(free=False, is_article=False), {}).free is True
    assert access.read(MetaTags(), LinkedArticle(free=False, is_article=False), {}).free is False


@pytest.mark.parametrize(
    "body",
    [
        '<article class="post post_premium"><h1>A bridge</h1></article>',
        '<main class="main-content--premium-article"><h1>A bridge</h1></main>',
        '<div class="premium-article"><header><h1>A bridge</h1></header></div>',
        '<div class="only-for-subscribers"><h1>A bridge</h1></div>',
        '<div data-paywall="true"><h1>A bridge</h1></div>',
        '<article data-content-tier="Locked"><h1>A bridge</h1></article>',
        '<h1>A bridge</h1><div class="x pmpro_content_message">Join us to read on.</div>',
        '<h1>A bridge</h1><aside class="gh-post-upgrade-cta">This post is for subscribers</aside>',
    ],
)
def test_markup_that_speaks_of_the_article_is_believed(body):
    assert free(body) is False


@pytest.mark.parametrize(
    "body",
    [
        '<article><h1>A bridge</h1></article><div class="paywall paywall-modal">Subscribe!</div>',
        '<div class="no-paywall premium"><h1>A bridge</h1></div>',
        '<div class="post not-premium subscribe-wrapper"><h1>A bridge</h1></div>',
        '<h1>A bridge</h1><div class="post post_premium">A teaser of another</div>',
        '<div data-paywall="false" data-locked="0"><h1>A bridge</h1></div>',
        '<div class="piano-inline-offer meteredContent"><h1>A bridge</h1></div>',
        '<h1>A bridge</h1><div class="pmpro_content_message"></div>',
        "<p>No heading</p>",
    ],
)
def test_what_every_page_of_a_site_has_is_not(body):
    assert free(body) is None


def test_a_whole_text_was_not_held_back():
    body = '<h1>A bridge</h1><div class="pmpro_content_message">Join us to read on.</div>'

    assert free(body, words=1_500) is None


CC = "https://creativecommons.org/licenses/by-sa/4.0/"


def found(body: str) -> list[str]:
    said = licence.linked_in(document_fromstring(f"<body>{body}</body>"))
    return [licence.short(one.value) for one in said if one.reason is None]


@pytest.mark.parametrize(
    "body",
    [
        f'<footer>Content is licensed under <a href="{CC}">CC BY-SA</a></footer>',
        f'<p>Dieser Text steht unter der Lizenz <a href="{CC}deed.de">Creative Commons</a></p>',
        f'<p>Este artículo tiene licencia <a href="{CC}">abierta</a></p>',
        f'<div><a rel="license" href="{CC}"><img src="cc.png"></a></div>',
        f'<p>Licensed under <a href="{CC}">CC</a>, <a href="{CC}legalcode">in full</a></p>',
    ],
)
def test_a_licence_of_the_page_is_believed(body):
    assert set(found(body)) == {"CC BY-SA 4.0"}


def test_the_licence_s_text_beside_a_site_s_own_words_about_it_is_the_licence():
    own = '<a rel="license" href="/about/licence">the terms</a>'

    assert found(f'<p>Licensed under {own} of <a rel="license" href="{CC}">CC</a></p>')[0] == "CC BY-SA 4.0"


@pytest.mark.parametrize(
    "body",
    [
        f'<figure><img src="a"><figcaption>Licensed under <a href="{CC}">CC</a></figcaption></figure>',
        f'<p>Photo: Ann Lee, licensed under <a href="{CC}">CC BY-SA</a></p>',
        f'<p>Bild: Ann Lee, Lizenz <a rel="license" href="{CC}">CC</a></p>',
        f'<div class="image-credit">Licence: <a href="{CC}">CC</a></div>',
        f'<p>More about <a href="{CC}">sharing</a></p>',
        f'<p>{"Licence talk. " * 60}<a href="{CC}">CC</a></p>',
        f'<p>Licensed under <a href="{CC}">CC</a></p><p>Licensed under <a href="{CC.replace("-sa", "-nd")}">CC</a></p>',
        '<p>Our <a href="/licence">licence</a></p>',
    ],
)
def test_a_picture_s_a_passing_and_a_contradicted_one_are_not(body):
    assert found(body) == []


@pytest.mark.parametrize(
    ("value", "name"),
    [
        ("http://creativecommons.org/licenses/by/3.0/de/", "CC BY 3.0"),
        ("https://creativecommons.org/publicdomain/zero/1.0/", "CC0 1.0"),
        ("https://creativecommons.org/publicdomain/mark/1.0/", "Public Domain MARK 1.0"),
        ("https://bote.example/terms", "https://bote.example/terms"),
    ],
)
def test_a_licence_has_its_short_name(value, name):
    assert licence.short(value) == name
