"""One picture under many addresses."""

from __future__ import annotations

import pytest
from lxml.html import fromstring

from services.parser.pictures.renditions import key, largest, width_in

PICTURE = "https://bote.example/2022/05/bridge.jpg"


@pytest.mark.parametrize(
    "url",
    [
        "https://bote.example/2022/05/bridge.jpg?w=300&h=200",
        "https://cdn.bote.example/2022/05/bridge-300x200.jpg",
        "https://bote.example/2022/05/bridge-scaled.jpg",
        "https://bote.example/2022/05/bridge@2x.jpg",
        "https://i0.wp.com/bote.example/2022/05/bridge.jpg?resize=300",
        "https://bote.example/w_640,h_300,c_fill/2022/05/bridge.jpg",
        "https://bote.example/640x360/2022/05/bridge.jpg",
        "https://bote.example/_next/image?url=https%3A%2F%2Fbote.example%2F2022%2F05%2Fbridge.jpg&w=640",
        "https://img.example/resize/300/https://bote.example/2022/05/bridge.jpg",
        "https://img.example/x/https%3A%2F%2Fbote.example%2F2022%2F05%2Fbridge.jpg",
        "/2022/05/bridge.jpg",
        "//bote.example/2022/05/bridge.jpg#top",
    ],
)
def test_renditions_have_the_picture_s_key(url):
    assert key(url) == key(PICTURE)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (PICTURE, "https://bote.example/2022/06/bridge.jpg"),
        ("https://bote.example/4711/a.jpg", "https://bote.example/4712/a.jpg"),
        ("https://bote.example/bridge-1.jpg", "https://bote.example/bridge-2.jpg"),
        ("https://bote.example/image.php?id=7&w=300", "https://bote.example/image.php?id=8&w=300"),
        ("https://bote.example/s/a.jpg", "https://bote.example/us_news/a.jpg"),
    ],
)
def test_two_pictures_have_two(one, other):
    assert key(one) != key(other)


@pytest.mark.parametrize(
    ("url", "width"),
    [
        ("https://bote.example/a.jpg?w=300&q=75", 300),
        ("https://bote.example/a-1024x683.jpg", 1024),
        ("https://bote.example/thmb/1500x0/a.jpg", 1500),
        ("https://bote.example/w_640,c_fill/a.jpg", 640),
        ("https://bote.example/2022/a.jpg", None),
    ],
)
def test_the_width_that_an_address_asks_for(url, width):
    assert width_in(url) == width


@pytest.mark.parametrize(
    ("markup", "url", "width"),
    [
        ('<img src="/a.jpg">', "/a.jpg", None),
        ('<img src="data:image/gif;base64,AA" data-src="/a.jpg">', "/a.jpg", None),
        ('<img src="/blank.gif" data-original="/a.jpg">', "/a.jpg", None),
        ('<img src="/placeholder.png" srcset="/a-300.jpg 300w, /a-900.jpg 900w">', "/a-900.jpg", 900),
        ('<img src="/a-300x200.jpg" srcset="/a-900x600.jpg 900w, /a-300x200.jpg 300w">', "/a-900x600.jpg", 900),
        ('<img src="/a-300x200.jpg" srcset="/a-900x600.jpg 900w,/a-300x200.jpg 300w">', "/a-900x600.jpg", 900),
        ('<img src="/a.jpg" srcset="/a-900x600.jpg 900w, /a-300x200.jpg 300w">', "/a.jpg", None),
        ('<img src="/a.jpg?w=1600" srcset="/a.jpg?w=800 800w">', "/a.jpg?w=1600", None),
        ('<img data-srcset="/c_fill,w_90/a.jpg 90w, /c_fill,w_900/a.jpg 900w">', "/c_fill,w_900/a.jpg", 900),
        ('<img srcset="/a.jpg 1x, /a@2x.jpg 2x">', "/a@2x.jpg", None),
        ('<picture><source srcset="/a.webp 1200w"><img src="data:image/gif;base64,AA"></picture>', "/a.webp", 1200),
    ],
)
def test_the_largest_rendition_is_taken(markup, url, width):
    image = next(fromstring(f"<div>{markup}</div>").iter("img"))

    assert largest(image) == (url, width)


def test_an_image_without_an_address_has_none():
    assert largest(next(fromstring('<div><img src="data:image/png;base64,AA"></div>').iter("img"))) is None
