"""The feeds that a web page names: ``<link rel="alternate" type="application/rss+xml">`` and its kin."""

from __future__ import annotations

import re

from lxml import etree, html

from services.fetcher.reader.charset import decode
from services.fetcher.reader.fields import clean, resolve

# The head is at the beginning; what stands beyond is no feed's business. libxml2 compares each attribute of an element
# with all before it: 130,000 of them, which fit into 630 KB, took 21 s.
MAX_CHARACTERS = 200_000
# No element that names a feed is so long. Hidden behind "<" in values, 25,000 attributes remain, which take 0.8 s.
_ENDLESS_TAG = re.compile(r"<[a-zA-Z][^<>]{8192,}")
MAX_FEEDS = 50
_TYPES = frozenset(
    {"application/rss+xml", "application/atom+xml", "application/rdf+xml", "application/feed+json", "application/json"}
)
_COMMENTS = re.compile(r"comment|kommentar|commentaire|comentario|commenti|комментар", re.IGNORECASE)
_MARKUP_DECLARATION = re.compile(r"^\s*<\?xml[^>]*>")


def discover_feeds(body: bytes, page_url: str) -> tuple[str, ...]:
    """The feeds that the page names, as whole addresses in its order, feeds of comments last.

    ``page_url`` is where the page came from. Never raises: a page that can not be read names no feeds.
    """
    text = _ENDLESS_TAG.sub("<wbr", decode(body)[0][:MAX_CHARACTERS].replace("\x00", ""))
    parser = html.HTMLParser(no_network=True, remove_comments=True, remove_pis=True, huge_tree=False)
    try:
        root = html.document_fromstring(_MARKUP_DECLARATION.sub("", text), parser=parser)
    except (ValueError, AssertionError, etree.LxmlError):
        return ()
    base = page_url
    for element in root.iter("base"):
        base = resolve(page_url, clean(element.get("href"))) or page_url
        break
    feeds: dict[str, bool] = {}
    for element in root.iter("link"):
        relations = (element.get("rel") or "").lower().split()
        kind = (element.get("type") or "").partition(";")[0].strip().lower()
        if "alternate" not in relations or kind not in _TYPES:
            continue
        url = resolve(base, clean(element.get("href")))
        if url is None or (kind == "application/json" and "/wp-json/" in url):
            # WordPress announces its API as an alternate of every page.
            continue
        feeds.setdefault(url, bool(_COMMENTS.search(f"{element.get('title') or ''} {url}")))
        if len(feeds) == MAX_FEEDS:
            break
    return tuple(sorted(feeds, key=feeds.__getitem__))
