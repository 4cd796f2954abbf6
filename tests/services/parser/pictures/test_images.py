"""Which pictures are the article's, and what is told of them."""

from __future__ import annotations

import pytest
from lxml.html import document_fromstring

from services.parser import images
from services.parser.linked.article import LinkedImage
from services.parser.meta import MetaTags
from shared.records import Image

BASE = "https://bote.example/lokales/4711/"
CAPTIONED = '<figure><img src="{}"><figcaption>The quay at noon</figcaption></figure>'


def collect(body: str = "", *, linked: tuple[LinkedImage, ...] = (), base: str | None = BASE, **tags: str):
    values = {f"og:{name.replace('_', ':')}": (value,) for name, value in tags.items()}
    return images.collect(document_fromstring(f"<body>{body}</body>"), MetaTags(values=values), linked, (), base=base)


def test_sizes_in_the_tags_belong_to_the_first_picture():
    assert collect(image="/a.jpg", image_width="1200", image_height="630px", image_alt="The quay") == (
        Image(url="https://bote.example/a.jpg", caption="The quay", width=1200, height=630),
    )


def test_one_picture_in_several_sizes_is_the_largest():
    linked = tuple(
        LinkedImage(f"https://bote.example/a-{w}x{h}.jpg", width=w, height=h) for w, h in ((300, 200), (900, 600))
    )

    assert collect(linked=linked) == (Image(url="https://bote.example/a-900x600.jpg", width=900, height=600),)


def test_a_srcset_gives_the_largest_and_no_height_of_another():
    body = (
        '<figure><img src="/a-300x200.jpg" srcset="/a-300x200.jpg 300w, /a-900x600.jpg 900w" width="300" height="200">'
        "<figcaption>The quay at noon</figcaption></figure>"
    )

    assert collect(body) == (Image(url="https://bote.example/a-900x600.jpg", caption="The quay at noon", width=900),)


@pytest.mark.parametrize(
    "url",
    [
        "/logo.png", "/bote-logo-1200x630.png", "/default-share.jpg", "/og-image-default.png", "/news/fallback.jpg",
        "/thebote/favicon.ico", "javascript:alert(1)", "data:image/png;base64,AA", "ftp://bote.example/a.jpg",
    ],
)  # fmt: skip
def test_stopgaps_and_what_is_no_address_are_no_picture_of_an_article(url):
    assert collect(image=url) == ()


@pytest.mark.parametrize(
    "url", ["/new-twitter-logo.jpg", "/2022-05-20-image-4.jpg", "/silicon-valley.jpg", "/iconic-bridge.jpg", "/12.jpg"]
)
def test_a_picture_of_something_is_one(url):
    assert [image.url for image in collect(image=url)] == [f"https://bote.example{url}"]
    assert len(collect(CAPTIONED.format("/silicon-valley.jpg"))) == 1


@pytest.mark.parametrize(
    "around",
    [
        "<aside>{}</aside>",
        '<div class="related-stories"><div>{}</div></div>',
        '<div class="author-bio">{}</div>',
        '<section class="c-teaser teaser">{}</section>',
        '<a href="/other-article">{}</a>',
        '<div class="newsletter-signup newsletter">{}</div>',
        "<footer>{}</footer>",
    ],
)
def test_figures_of_other_things_are_left_out(around):
    assert collect(around.format(CAPTIONED.format("/a.jpg"))) == ()


@pytest.mark.parametrize(
    "around",
    [
        "<article>{}</article>",
        '<a href="/a-large.jpg">{}</a>',
        '<a href="#">{}</a>',
        '<div class="authored-content">{}</div>',
        '<main class="page-navigable">{}</main>',
    ],
)
def test_figures_of_the_article_stay(around):
    assert len(collect(around.format(CAPTIONED.format("/a.jpg")))) == 1


@pytest.mark.parametrize("size", ['width="1" height="1"', 'width="64"', 'height="40"'])
def test_pixels_and_icons_are_too_small(size):
    assert collect(CAPTIONED.format(f'/a.jpg" {size} alt="')) == ()


def test_a_linked_picture_has_its_caption_and_a_credit_without_label():
    (image,) = collect(linked=(LinkedImage("/a.jpg", "The quay", "Foto: Ann Lee/dpa", 800, 600),))

    assert (image.url, image.caption, image.credit) == ("https://bote.example/a.jpg", "The quay", "Ann Lee/dpa")


def test_without_a_base_only_whole_addresses_count():
    assert collect(CAPTIONED.format("/a.jpg"), base=None) == ()
    assert collect(CAPTIONED.format("/a.jpg"), base=None, image="https://bote.example/a.jpg") == (
        Image(url="https://bote.example/a.jpg", caption="The quay at noon"),
    )


def test_pictures_without_end_are_bounded():
    body = "".join(CAPTIONED.format(f"/picture-{number}-of-many.jpg") for number in range(900))

    assert len(collect(body)) == images.MAX_IMAGES


@pytest.mark.parametrize(("caption", "credit"), [("Foto: dpa", "dpa"), ("© dpa", "© dpa")])
def test_a_picture_whose_figure_only_credits_it_is_the_articles(caption, credit):
    body = f'<figure><img src="/a.jpg"><figcaption>{caption}</figcaption></figure>'

    assert collect(body) == (Image(url="https://bote.example/a.jpg", credit=credit),)
