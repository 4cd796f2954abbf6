"""The feeds that a web page names: ``<link rel="alternate" type="application/rss+xml">`` and its kin, and those that it
only links to, behind an icon in its footer.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import urlsplit

from lxml import etree
from lxml import html as lxml_html

from services.fetcher.reader import sniff
from services.fetcher.reader.charset import decode
from services.fetcher.reader.fields import clean, resolve
from shared.urls import same_site, site_of

# The head is at the beginning; what stands beyond is no feed's business. libxml2 compares each attribute of an element
# with all before it: 130,000 of them, which fit into 630 KB, took 21 s.
MAX_CHARACTERS = 200_000
# No element that names a feed is so long. Hidden behind "<" in values, 25,000 attributes remain, which take 0.8 s.
_ENDLESS_TAG = re.compile(r"<[a-zA-Z][^<>]{8192,}")
MAX_FEEDS = 50
# The footer is at the end: what is searched for links, by an expression that looks at each character once.
MAX_SEARCHED = 2_000_000
MAX_LINKS = 5000
_TYPES = frozenset(
    {"application/rss+xml", "application/atom+xml", "application/rdf+xml", "application/feed+json", "application/json"}
)
_JSON_TYPES = frozenset({"application/feed+json", "application/json"})
_COMMENTS = re.compile(r"comment|kommentar|commentaire|comentario|commenti|комментар", re.IGNORECASE)
_MARKUP_DECLARATION = re.compile(r"^\s*<\?xml[^>]*>")
_LINK = re.compile(r"<a\s([^<>]{1,2000})>", re.IGNORECASE)
_HREF = re.compile(r"(?:^|\s)href\s{0,9}=\s{0,9}(?:\"([^\"]*)\"|'([^']*)'|([^\s\"'>]+))", re.IGNORECASE)
# In addresses: /rss, /feeds/all, /rss2.xml, /index.rdf, ?format=rss; not /how-to-feed-a-cat.
_FEED_PATH = re.compile(
    r"(?:^|[/.])(?:rss|atom|feeds?|rdf)(?:20?|1)?(?:$|[/.])|(?:rss|atom|feed)[\w-]{0,20}\.(?:xml|php|json|aspx?)$",
    re.IGNORECASE,
)
_FEED_QUERY = re.compile(r"(?:^|&)(?:feed|format|type|alt|output)=(?:rss|atom|feed)", re.IGNORECASE)
_FEED_WORD = re.compile(r"\b(?:rss|atom)\b", re.IGNORECASE)
# Feeds of a site that stand elsewhere; a "follow us" on any other site is somebody else's.
_FEED_HOSTS = frozenset({"feedburner.com", "feedpress.me", "feedblitz.com"})


@dataclass(frozen=True)
class WebPage:
    """A page at ``url``. ``named``: the feeds that it declares, ``linked``: those that it seems to link to; in both the
    most likely first.
    """

    url: str
    named: tuple[str, ...] = ()
    linked: tuple[str, ...] = ()


@dataclass(frozen=True)
class _Candidate:
    url: str
    is_json: bool
    text: str = ""


def read_page(body: bytes, page_url: str) -> WebPage | None:
    """What the page at ``page_url`` says of feeds; ``None`` where ``body`` is no web page. Never raises."""
    text = decode(body)[0].replace("\x00", "")
    if not sniff.looks_like_html(text):
        return None
    root = _parsed(text)
    base = page_url if root is None else _base(root, page_url)
    named = () if root is None else _ordered(_declared(root, base), page_url)
    known = {*named, page_url}
    linked = _ordered((one for one in _linked(text, base, page_url) if one.url not in known), page_url)
    return WebPage(page_url, named, linked)


def _base(root: etree._Element, page_url: str) -> str:
    element = next(root.iter("base"), None)
    return page_url if element is None else resolve(page_url, clean(element.get("href"))) or page_url


def _parsed(text: str) -> etree._Element | None:
    text = _ENDLESS_TAG.sub("<wbr", text[:MAX_CHARACTERS])
    parser = lxml_html.HTMLParser(no_network=True, remove_comments=True, remove_pis=True, huge_tree=False)
    try:
        return lxml_html.document_fromstring(_MARKUP_DECLARATION.sub("", text), parser=parser)
    except (ValueError, AssertionError, etree.LxmlError):
        return None


def _declared(root: etree._Element, base: str) -> list[_Candidate]:
    found: dict[str, _Candidate] = {}
    for element in root.iter("link"):
        relations = (element.get("rel") or "").lower().split()
        kind = (element.get("type") or "").partition(";")[0].strip().lower()
        if "alternate" not in relations or kind not in _TYPES:
            continue
        url = resolve(base, clean(element.get("href")))
        if url is None or (kind == "application/json" and "/wp-json/" in url):
            # WordPress announces its API as an alternate of every page.
            continue
        found.setdefault(url, _Candidate(url, kind in _JSON_TYPES, element.get("title") or ""))
        if len(found) == MAX_FEEDS:
            break
    return list(found.values())


def _linked(text: str, base: str, page_url: str) -> list[_Candidate]:
    """Links whose address has the form of a feed's, and those that call themselves one."""
    sure: dict[str, _Candidate] = {}
    likely: dict[str, _Candidate] = {}
    for number, tag in enumerate(_LINK.finditer(text[-MAX_SEARCHED:])):
        if number == MAX_LINKS:
            break
        href = _HREF.search(tag[1])
        if href is None:
            continue
        url = resolve(base, clean(html.unescape(href[1] or href[2] or href[3] or "")))
        if url is None:
            continue
        url = url.partition("#")[0]
        words = f"{tag[1][: href.start()]} {tag[1][href.end() :]}"
        if not (same_site(url, page_url) or site_of(url) in _FEED_HOSTS):
            continue
        parts = urlsplit(url)
        if _FEED_PATH.search(parts.path) or _FEED_QUERY.search(parts.query):
            sure.setdefault(url, _Candidate(url, parts.path.endswith(".json"), words))
        elif _FEED_WORD.search(words):
            likely.setdefault(url, _Candidate(url, is_json=False, text=words))
        if len(sure) == MAX_FEEDS:
            break
    return [*sure.values(), *(one for url, one in likely.items() if url not in sure)][:MAX_FEEDS]


def _ordered(found: Iterable[_Candidate], page_url: str) -> tuple[str, ...]:
    """Feeds of articles before those of comments, XML before JSON, which knows fewer fields, those of the page's own
    section before those of the whole site, and else as the page has them.
    """
    page = urlsplit(page_url)
    section = page.path.split("/")[1:-1]

    def rank(one: _Candidate) -> tuple[bool, bool, int]:
        address = urlsplit(one.url)
        common = 0
        if address.netloc == page.netloc:
            for mine, its in zip(section, address.path.split("/")[1:], strict=False):
                if mine != its:
                    break
                common += 1
        return bool(_COMMENTS.search(f"{one.text} {one.url}")), one.is_json, -common

    return tuple(one.url for one in sorted(found, key=rank))
