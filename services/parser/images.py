"""The article's images with what the page says about them: caption, credit, size."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit

from lxml.html import HtmlElement

from services.parser.cleanup import is_image_credit
from services.parser.dom import text_of
from services.parser.jsonld import LinkedImage
from services.parser.meta import MetaTags
from services.parser.phrases import CREDIT
from services.parser.text import SHORT_LIMIT
from shared.records import EntryImage, Image
from shared.urls import absolute_url

MAX_IMAGES = 20
_MAX_ELEMENTS = 400
_SMALLEST = 100
"""Pixels below which an image is an icon."""
_ADDRESS_LIMIT = 2_000
_AROUND_LIMIT = 400
_CREDIT_LIMIT = 150
_CREDIT_CLASS = re.compile(r"credit|copyright|source|quelle|photograph|author|byline|rights|attribution", re.IGNORECASE)
_CAPTION_CLASS = re.compile(r"caption|legend|bildunterschrift|description", re.IGNORECASE)
_ORNAMENT = re.compile(r"logo|icon|avatar|sprite|pixel|placeholder|blank|spacer|badge|emoji|/ads?/", re.IGNORECASE)
_LAST_CREDIT = re.compile(rf"(?:^|[.!?)\s(|])\s*\(?({CREDIT.pattern}.{{2,100}}|(?:©|\(c\)) ?.{{2,80}})$", re.IGNORECASE)
_LABEL = re.compile(rf"^{CREDIT.pattern}\s*[:/|]?\s*", re.IGNORECASE)
_SIZE = re.compile(r"\s*(\d{1,5})(?:\.\d+)?(?:px)?\s*$")


@dataclass(frozen=True)
class _Said:
    caption: str | None = None
    credit: str | None = None


def collect(
    tree: HtmlElement,
    tags: MetaTags,
    linked: tuple[LinkedImage, ...],
    feed: tuple[EntryImage, ...],
    *,
    base: str | None,
) -> tuple[Image, ...]:
    """The images in the order of importance: the page's own picture, JSON-LD's, figures in the text, the feed's.

    Images without a caption that nobody but the layout mentions are left out: they may belong to anything.
    """
    found: dict[str, Image] = {}
    for image in (*_graph(tags), *_linked(linked)):
        _add(found, image, base)
    wanted = frozenset(_file(key) for key in found)
    by_path = {_path(key): key for key in reversed(found)}
    for image, important in _shown(tree, wanted):
        # The layout names a picture by its path, the tags by its whole address, often on another host.
        same = by_path.get(_path(_key(image.url)))
        if same is not None:
            _add(found, image.model_copy(update={"url": found[same].url}), base)
        elif important:
            _add(found, image, base)
    for entry in feed:
        _add(found, Image(**entry.model_dump()), base)
    return tuple(found.values())[:MAX_IMAGES]


def _add(found: dict[str, Image], image: Image, base: str | None) -> None:
    url = _absolute(image.url, base)
    if url is None:
        return
    key = _key(url)
    known = found.get(key)
    if known is None:
        if len(found) < MAX_IMAGES:
            found[key] = image.model_copy(update={"url": url})
        return
    missing = {
        name: value
        for name in ("caption", "credit", "width", "height")
        if getattr(known, name) is None and (value := getattr(image, name)) is not None
    }
    # Sizes go together: the width of one rendition with the height of another is no picture.
    if "width" in missing and known.height is not None:
        del missing["width"]
    if "height" in missing and known.width is not None:
        del missing["height"]
    found[key] = known.model_copy(update=missing)


def _absolute(url: str, base: str | None) -> str | None:
    if len(url) > _ADDRESS_LIMIT or url.startswith(("data:", "blob:", "about:")):
        return None
    if base:
        return absolute_url(base, url)
    return url if url.startswith(("http://", "https://")) else None


def _key(url: str) -> str:
    """The picture, whatever its size: sites put the rendition's size into the query."""
    return url.partition("?")[0].partition("#")[0]


def _path(key: str) -> str:
    return key if key.startswith("/") and not key.startswith("//") else urlsplit(key).path


def _file(key: str) -> str:
    return key.rsplit("/", 1)[-1]


def _graph(tags: MetaTags) -> Iterator[Image]:
    urls = tags.all("og:image", "og:image:url", "og:image:secure_url", "twitter:image", "twitter:image:src", "image")
    for number, url in enumerate(dict.fromkeys(urls)):
        first = number == 0
        yield Image(
            url=url,
            caption=tags.value("og:image:alt") if first else None,
            width=_pixels(tags.value("og:image:width")) if first else None,
            height=_pixels(tags.value("og:image:height")) if first else None,
        )


def _linked(linked: tuple[LinkedImage, ...]) -> Iterator[Image]:
    for image in linked:
        yield Image(url=image.url, caption=image.caption, credit=image.credit, width=image.width, height=image.height)


def _shown(tree: HtmlElement, wanted: frozenset[str]) -> Iterator[tuple[Image, bool]]:
    """Images in the page's body that stand in a figure or have the file name of one that is ``wanted``, and whether
    each is one of the article's by its own right: captioned in a figure.
    """
    for count, element in enumerate(tree.iter("img")):
        if count >= _MAX_ELEMENTS:
            return
        url = _source(element)
        figure = next(element.iterancestors("figure"), None)
        if url is None or (figure is None and _file(_key(url)) not in wanted):
            continue
        width, height = _pixels(element.get("width")), _pixels(element.get("height"))
        if min(width or _SMALLEST, height or _SMALLEST) < _SMALLEST:
            continue
        said = _said_around(element, figure)
        important = figure is not None and said.caption is not None and not _ORNAMENT.search(url)
        yield Image(url=url, caption=said.caption, credit=said.credit, width=width, height=height), important


def _source(element: HtmlElement) -> str | None:
    for attribute in ("data-src", "data-original", "data-lazy-src", "src"):
        value = (element.get(attribute) or "").strip()
        if value and not value.startswith("data:"):
            return value
    candidates = (element.get("srcset") or element.get("data-srcset") or "").split(",")
    return candidates[-1].strip().split(" ")[0] or None


def _said_around(element: HtmlElement, figure: HtmlElement | None) -> _Said:
    if figure is not None:
        return _said_in(figure)
    # Without a figure, the caption stands beside the image in a container that holds nothing else.
    container = element.getparent()
    for _ in range(3):
        if container is None or container.tag in {"body", "article", "main", "section", "p", "li", "td"}:
            break
        text = text_of(container, limit=_AROUND_LIMIT + 1)
        if len(text) > _AROUND_LIMIT:
            break
        if text:
            return _said_in(container)
        container = container.getparent()
    return _Said()


def _said_in(container: HtmlElement) -> _Said:
    credited: list[str] = []
    captions: list[str] = []
    for part in container.iter("figcaption", "div", "span", "p", "small", "cite"):
        css = part.get("class") or ""
        # The innermost element that is called a credit holds nothing but it.
        if _CREDIT_CLASS.search(css) and not _CAPTION_CLASS.search(css):
            text = text_of(part, limit=SHORT_LIMIT)
            if 0 < len(text) <= _CREDIT_LIMIT:
                credited.append(text)
        elif (part.tag == "figcaption" or _CAPTION_CLASS.search(css)) and (text := text_of(part)):
            captions.append(text)
    whole = captions[0] if captions else text_of(container, limit=_AROUND_LIMIT)
    credit = min(credited, key=len) if credited else None
    if credit is not None:
        whole = whole.replace(credit, " ")
    elif match := _LAST_CREDIT.search(whole):
        credit = match.group(1)
        whole = whole[: match.start(1)]
    elif is_image_credit(whole):
        credit, whole = whole, ""
    caption = " ".join(whole.split()).strip(" |/–—-(•") or None
    return _Said(caption=caption if caption and len(caption) > 2 else None, credit=_bare(credit))


def _bare(credit: str | None) -> str | None:
    """A credit without its label: ``Quelle: Gettyimages.ru © simon2579`` is ``Gettyimages.ru © simon2579``."""
    if credit is None:
        return None
    return _LABEL.sub("", credit).strip(" :.()[]|") or None


def _pixels(value: str | None) -> int | None:
    match = _SIZE.match(value or "")
    return int(match.group(1)) or None if match else None
