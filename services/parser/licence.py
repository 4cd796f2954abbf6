"""The licence that the article is under, where the page's text says so."""

from __future__ import annotations

import re

from lxml import etree
from lxml.html import HtmlElement

from services.parser.dom import text_of
from services.parser.text import plain
from services.parser.witness import Witness, refused

_LIMIT = 500
_LINKS = etree.XPath("//a[@rel='license' or contains(@href,'creativecommons.org/')]")
_MAX_LINKS = 20
_CREATIVE_COMMONS = re.compile(r"creativecommons\.org/(licenses|publicdomain)/([a-z-]+)/(\d\.\d)", re.IGNORECASE)
# "is licensed under", "steht unter der Lizenz", "sous licence", "bajo una licencia", "под лицензией"...
_LICENSED = re.compile(
    r"licen[sc]|lizen[sz]|lisens|licencj|licenci|licenz|licenç|лиценз|ліценз|lisans|creative ?commons|republish|"
    r"ライセンス|许可|授權|라이선스",
    re.IGNORECASE,
)
_PICTURE = re.compile(
    r"photo|image|picture|foto|bild|grafik|imagen|imagem|immagin|фото|зображ|изображ|illustration|"
    r"写真|图片|圖|사진",
    re.IGNORECASE,
)
_OF_PICTURES = frozenset({"figure", "figcaption"})
_CAPTION = re.compile(r"caption|credit|image|photo|comment", re.IGNORECASE)
_BLOCKS = frozenset({"p", "div", "li", "td", "footer", "section", "article", "aside", "small", "body"})
_AROUND = 400
_ABOVE = 8


def linked_in(tree: HtmlElement) -> list[Witness]:
    """The licences that the page's text links to, those of pictures refused, those of Creative Commons first.

    A link is believed where it is marked as the licence, or where the words around it speak of one; never where they
    speak of a picture, nor two of different licences.
    """
    links = [_judged(link) for link in _LINKS(tree)[:_MAX_LINKS]]
    links.sort(key=lambda witness: _CREATIVE_COMMONS.search(witness.value) is None)
    common = {short(one.value) for one in links if one.reason is None and _CREATIVE_COMMONS.search(one.value)}
    if len(common) > 1:
        return [one if one.reason else refused(one, "one of several licences") for one in links]
    return links


def short(value: str) -> str:
    """A licence of Creative Commons by its short name, any other as it was given."""
    match = _CREATIVE_COMMONS.search(value)
    if match is None:
        return value[:_LIMIT]
    name = match.group(2).upper()
    if match.group(1).lower() == "publicdomain":
        return f"CC0 {match.group(3)}" if name == "ZERO" else f"Public Domain {name} {match.group(3)}"
    return f"CC {name} {match.group(3)}"


def _judged(link: HtmlElement) -> Witness:
    marked = "license" in (link.get("rel") or "").lower().split()
    witness = Witness("a rel=license" if marked else "a", plain(link.get("href") or "", limit=_LIMIT))
    block = None
    for above, _ in zip(link.iterancestors(), range(_ABOVE), strict=False):
        if above.tag in _OF_PICTURES or _CAPTION.search(above.get("class") or ""):
            return refused(witness, "the licence of a picture")
        if block is None and above.tag in _BLOCKS:
            block = above
    around = text_of(block, limit=_AROUND + 1) if block is not None else ""
    if _PICTURE.search(around[:_AROUND]):
        return refused(witness, "the licence of a picture")
    if not marked and (len(around) > _AROUND or not _LICENSED.search(around)):
        return refused(witness, "nothing says that it is the page's licence")
    return witness if witness.value else refused(witness, "no address")
