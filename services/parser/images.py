"""The article's images with what the page says about them: caption, credit, size."""

from __future__ import annotations

import re
from collections.abc import Iterator

from lxml.html import HtmlElement

from services.parser.linked.article import LinkedImage
from services.parser.meta import MetaTags
from services.parser.pictures.captions import around, bare_credit
from services.parser.pictures.renditions import ADDRESS_LIMIT, file_of, key, largest, width_in
from services.parser.text import words
from shared.records import EntryImage, Image
from shared.urls import absolute_url, site_of

MAX_IMAGES = 20
_MAX_ELEMENTS = 400
_SMALLEST = 100
"""Pixels below which an image is an icon."""
_ORNAMENT = re.compile(
    r"(?<![a-z])(?:logos?|icons?|favicon|avatars?|gravatar|sprites?|pixel|placeholder|blank|spacer|badges?|emojis?|ads|"
    r"author-?s?|headshots?|portrait-author|mugshot)(?![a-z])",
    re.IGNORECASE,
)
# What a site shows where an article has no picture, and what else such a file's name is made of.
_STOPGAP = frozenset(
    {
        "logo", "logos", "logotype", "favicon", "placeholder", "fallback", "default", "og", "opengraph", "missing",
        "noimage", "nophoto", "sharing",
    }
)  # fmt: skip
_FILLERS = frozenset(
    {
        "icon", "site", "share", "social", "image", "img", "fb", "facebook", "twitter", "card", "thumbnail",
        "meta", "header", "brand", "square", "white", "black", "small", "large", "touch", "apple", "news", "no",
        "blank", "the",
    }
)  # fmt: skip
_ELSEWHERE = re.compile(
    r"(?:^|[\s_-])(?:related|recommend\w*|teasers?|promos?|sidebar|newsletter|comments?|most-?read|trending|author|authors|"
    r"byline|bio|avatar|profile|columnist|contributor|journalist|writer|footer|nav|menu|advert\w*|sponsor\w*|logo)(?:$|[\s_-])",
    re.IGNORECASE,
)
_TAGS_ELSEWHERE = frozenset({"aside", "nav", "footer"})
_ABOVE = 12
_SHORT_FILE = 8
"""Characters of a file's name that say nothing without its ending."""
_SIZE = re.compile(r"\s*(\d{1,5})(?:\.\d+)?(?:px)?\s*$")
_NO_PAGE = re.compile(r"(?:javascript:|#|$)|.*\.(?:jpe?g|png|gif|webp|avif)(?:[?#]|$)", re.IGNORECASE)


def collect(
    tree: HtmlElement,
    tags: MetaTags,
    linked: tuple[LinkedImage, ...],
    feed: tuple[EntryImage, ...],
    *,
    base: str | None,
) -> tuple[Image, ...]:
    """The images in the order of importance: the page's own picture, JSON-LD's, figures in the text, the feed's.

    One picture in several sizes is one image, the largest. Images without caption and credit that nobody but the
    layout mentions are left out: they may belong to anything. So are logos, the stopgaps of sites, and portraits of
    authors.
    """
    found: dict[str, Image] = {}
    site = _site_words(base)
    for image in (*_graph(tags), *_linked(linked)):
        if not _is_stopgap(image.url, site):
            _add(found, image, base)
    wanted = frozenset(file_of(one) for one in found)
    for image, important in _shown(tree, wanted):
        if important or key(image.url) in found:
            _add(found, image, base)
    for entry in feed:
        _add(found, Image(**entry.model_dump()), base)
    return tuple(found.values())[:MAX_IMAGES]


def _add(found: dict[str, Image], image: Image, base: str | None) -> None:
    same = key(image.url)
    known = found.get(same)
    # The layout names a picture by its path, the tags by its whole address, often on another host.
    url = _absolute(image.url, base) or (known.url if known else None)
    if url is None:
        return
    if known is None:
        if len(found) < MAX_IMAGES:
            found[same] = image.model_copy(update={"url": url})
        return
    told = {
        name: value
        for name in ("caption", "credit")
        if getattr(known, name) is None and (value := getattr(image, name)) is not None
    }
    # An address goes with its size: the larger rendition replaces the smaller one. One that asks for no size at all is
    # the picture itself, and has the size of the largest that is told.
    if url == known.url:
        told |= {name: getattr(image, name) for name in ("width", "height") if getattr(known, name) is None}
    elif _is_larger(image, url, known):
        told |= {"width": image.width, "height": image.height} | ({} if _is_whole(known) else {"url": url})
    elif image.width == known.width and known.height is None:
        told["height"] = image.height
    found[same] = known.model_copy(update=told)


def _is_whole(image: Image) -> bool:
    return image.width is None and "?" not in image.url and width_in(image.url) is None


def _is_larger(image: Image, url: str, known: Image) -> bool:
    if image.width is None:
        return False
    return image.width > (known.width or width_in(known.url) or 0) and (width_in(url) or image.width) >= image.width


def _absolute(url: str, base: str | None) -> str | None:
    if len(url) > ADDRESS_LIMIT or url.startswith(("data:", "blob:", "about:")):
        return None
    if base:
        return absolute_url(base, url)
    return url if url.startswith(("http://", "https://")) else None


def _site_words(base: str | None) -> frozenset[str]:
    label = site_of(base).partition(".")[0] if base else ""
    return frozenset((label, *words(label))) - {""}


def _is_stopgap(url: str, site: frozenset[str]) -> bool:
    """Whether a picture's file is called for the site, and for nothing that an article is about."""
    spoken = [word for word in words(file_of(key(url)).rpartition(".")[0]) if not word[0].isdigit()]
    return any(word in _STOPGAP for word in spoken) and all(
        word in _STOPGAP or word in _FILLERS or word in site for word in spoken
    )


def _graph(tags: MetaTags) -> Iterator[Image]:
    urls = tags.all("og:image", "og:image:url", "og:image:secure_url", "twitter:image", "twitter:image:src", "image")
    for number, url in enumerate(dict.fromkeys((*urls, *tags.all("parsely-image-url", "sailthru.image.full")))):
        first = number == 0
        yield Image(
            url=url,
            caption=tags.value("og:image:alt") if first else None,
            width=_pixels(tags.value("og:image:width")) if first else None,
            height=_pixels(tags.value("og:image:height")) if first else None,
        )


def _linked(linked: tuple[LinkedImage, ...]) -> Iterator[Image]:
    for image in linked:
        yield Image(
            url=image.url,
            caption=image.caption,
            credit=bare_credit(image.credit),
            width=image.width,
            height=image.height,
        )


def _shown(tree: HtmlElement, wanted: frozenset[str]) -> Iterator[tuple[Image, bool]]:
    """Images in the page's body that stand in a figure or have the file name of one that is ``wanted``, and whether
    each is one of the article's by its own right: captioned or credited in a figure that is no teaser.
    """
    stems = tuple(file.rpartition(".")[0] if len(file) > _SHORT_FILE else file for file in wanted)
    for count, element in enumerate(tree.iter("img")):
        if count >= _MAX_ELEMENTS:
            return
        figure = next(element.iterancestors("figure"), None)
        beside = figure is None or _is_elsewhere(figure)
        # Most images of a page are neither; these two questions are the cheapest.
        if beside and not _names_one(element, stems):
            continue
        rendition = largest(element)
        if rendition is None:
            continue
        url, width = rendition
        known = file_of(key(url)) in wanted
        important = not beside and not _ORNAMENT.search(url)
        if not known and not important:
            continue
        shown_width, height = _pixels(element.get("width")), _pixels(element.get("height"))
        if min(width or shown_width or _SMALLEST, height or _SMALLEST) < _SMALLEST:
            continue
        said = around(element, figure)
        if width is None or width == shown_width:
            width = shown_width
        else:
            height = None
        yield (
            Image(url=url, caption=said.caption, credit=said.credit, width=width, height=height),
            important and (said.caption is not None or said.credit is not None),
        )


def _names_one(element: HtmlElement, stems: tuple[str, ...]) -> bool:
    if not stems:
        return False
    said = " ".join(element.values())
    return any(stem in said for stem in stems)


def _is_elsewhere(figure: HtmlElement) -> bool:
    """Whether a figure is a teaser of another page, or stands beside the article."""
    element: HtmlElement | None = figure
    for _ in range(_ABOVE):
        if element is None or element.tag in {"body", "main", "html"}:
            return False
        if element.tag in _TAGS_ELSEWHERE or _ELSEWHERE.search(element.get("class") or ""):
            return True
        if element is not figure and element.tag == "a" and not _NO_PAGE.match((element.get("href") or "").strip()):
            return True
        element = element.getparent()
    return False


def _pixels(value: str | None) -> int | None:
    match = _SIZE.match(value or "")
    return int(match.group(1)) or None if match else None
