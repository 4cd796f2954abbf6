"""The parser put together: the bytes of a page in, an article or a reasoned rejection out.

The page becomes one tree; JSON-LD, meta tags, the visible page and the feed's entry are read as witnesses; each field
is decided (:mod:`services.parser.deciding`), and a record made of it (:mod:`services.parser.recording`).
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from services.parser import (
    charset,
    dom,
    reading,
    siterule,
    sniff,
)
from services.parser.deciding import decide
from services.parser.decisions import Examined, Watch, unwatched
from services.parser.recording import record, reject
from services.parser.text import plain
from shared.records import (
    Article,
    EntryHints,
    Page,
    Rejection,
    RejectionReason,
)
from shared.siterules import SiteRules

MAX_BYTES = 25 * 1024 * 1024


def extract(
    body: bytes,
    *,
    url: str | None = None,
    headers: Mapping[str, str] | None = None,
    entry: EntryHints | None = None,
    now: datetime | None = None,
    rules: SiteRules | None = None,
) -> Article | Rejection:
    """The article in a page, or why there is none. Deterministic for given arguments; no bytes make it raise.

    :param body: the page as it came, decompressed.
    :param url: where the page was, after redirects; links are resolved against it, and what the page calls itself is
        checked by it.
    :param headers: the HTTP response's headers, names in any case.
    :param entry: what the feed said: one more witness, and the last resort for the text.
    :param now: when the page was fetched: no date may lie more than a day beyond it. Without it no date is too late.
    :param rules: what the operator says about single sites; the one for the page's site and day is applied.
    """
    return examine(body, url=url, headers=headers, entry=entry, now=now, rules=rules).record


def examine(
    body: bytes,
    *,
    url: str | None = None,
    headers: Mapping[str, str] | None = None,
    entry: EntryHints | None = None,
    now: datetime | None = None,
    rules: SiteRules | None = None,
    watch: Watch = unwatched,
) -> Examined:
    """What :func:`extract` gives, with everything that it was decided by."""
    url = url if url is None or _is_unicode(url) else None
    known = {name.lower(): value for name, value in (headers or {}).items()}
    content_type = plain(known.get("content-type", ""), limit=200) or None
    page = Page(sha256=hashlib.sha256(body).hexdigest(), content_type=content_type, bytes=len(body))
    if not body.strip(b" \t\r\n\x0b\x0c\x00\xef\xbb\xbf\xfe\xff"):
        return Examined(reject(RejectionReason.EMPTY_PAGE, "the page has no content", url, page))
    if (what := sniff.not_html(body, content_type)) is not None:
        return Examined(reject(RejectionReason.NOT_HTML, f"the page is {what}", url, page))
    if len(body) > MAX_BYTES:
        detail = f"the page has {len(body):,} bytes, more than {MAX_BYTES:,}"
        return Examined(reject(RejectionReason.TOO_LARGE, detail, url, page))
    decoded = charset.decode(body, content_type)
    label = charset.declared(body, content_type)
    encoding = {"charset": decoded.charset, "charset_declared": label, "charset_mended": decoded.mended}
    page = page.model_copy(update=encoding)
    tree = dom.parse(decoded.utf8)
    if tree is None:
        return Examined(reject(RejectionReason.MALFORMED, "the page could not be read as HTML", url, page))
    watch("bytes to tree")
    ruled = siterule.apply(tree, rules.parse_rule(url, now) if rules is not None else None, latest=now)
    read = replace(reading.read(tree, url=url, headers=known, entry=entry, now=now), ruled=ruled)
    watch("witnesses")
    found = decide(read, watch)
    if ruled.may_have_taken(found.text) and (whole := dom.parse(decoded.utf8)) is not None:
        read = reading.read(whole, url=url, headers=known, entry=entry, now=now)
        other = decide(replace(read, ruled=ruled.gave_up("hardly any text was left")), watch)
        found = other if siterule.is_more(other.text, found.text) else found
    return Examined(record(found, page), found)


def _is_unicode(url: str) -> bool:
    """Whether it can be written down: half of a pair of surrogates cannot, and a page with one is at no address."""
    try:
        url.encode()
    except UnicodeEncodeError:
        return False
    return True
