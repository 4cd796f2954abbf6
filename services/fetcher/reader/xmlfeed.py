"""RSS 0.9x, 1.0 and 2.0, Atom 0.3 and 1.0, through feedparser: the one place that calls it.

feedparser opens paths and URLs that it finds in text or bytes, so it only ever gets a stream; and only XML that
:mod:`services.fetcher.reader.screen` has found whole and bounded, so that its second, quadratic parser never runs. Its
own sanitising and resolving of links are off: they take two thirds of the time, and what is stored is sanitised by nh3.
"""

from __future__ import annotations

import io

import feedparser  # noqa: TID251 - the one place

from services.fetcher.errors import NotAFeedError
from services.fetcher.reader import repair, sniff
from services.fetcher.reader.adapter import Adapter
from services.fetcher.reader.facts import MalformedXmlError, Screening
from services.fetcher.reader.screen import screen
from shared.records import ParsedFeed

_DRIVER = "services.fetcher.reader.expat"
_DECLARATION = b"<?xml version='1.0' encoding='utf-8'?>\n"
_HEADERS = {"content-type": "application/xml; charset=utf-8"}
# What a body that nobody foresaw makes feedparser raise. No Exception: the time limit of a job is one.
_DEFECTS = (ArithmeticError, AssertionError, AttributeError, LookupError, RecursionError, TypeError, ValueError)
_FORMATS = {"rss": "rss", "rdf": "rss10", "feed": "atom", "channel": "rss"}

if _DRIVER not in feedparser.api.PREFERRED_XML_PARSERS:
    feedparser.api.PREFERRED_XML_PARSERS.insert(0, _DRIVER)


def read_xml_feed(text: str, *, url: str | None, max_entries: int) -> ParsedFeed:
    """Read a feed that is XML, or was meant to be.

    :raises NotAFeedError: with reason ``not_a_feed``, ``malformed`` or ``hostile``.
    """
    xml, screening, lost, problems = _whole(text, max_entries)
    try:
        parsed = feedparser.parse(
            io.BytesIO(_DECLARATION + screening.cut(xml)),
            response_headers=_HEADERS,
            sanitize_html=False,
            resolve_relative_uris=False,
        )
    except MalformedXmlError as error:
        raise NotAFeedError("malformed", f"too long, and its entries can not be cut: {error}") from None
    except _DEFECTS as error:
        raise NotAFeedError("malformed", f"a feed that could not be read: {type(error).__name__}") from None
    version = parsed.get("version") or ""
    if screening.root not in sniff.FEED_ROOTS and not (version and parsed["entries"]):
        raise NotAFeedError("not_a_feed", f"no feed: {sniff.kind(text)}")
    if parsed.get("bozo"):
        problems.append(" ".join(str(parsed.get("bozo_exception")).split())[:200])
    version = version or _FORMATS.get(screening.root, "rss")
    return Adapter(parsed, version, screening, url, max_entries, problems).feed(lost)


def _whole(text: str, max_entries: int) -> tuple[bytes, Screening, int, list[str]]:
    """Well-formed XML, what the screening found, how many entries were lost, and what was mended."""
    text, problems = repair.prepare(text)
    xml = text.encode()
    try:
        return xml, screen(xml, max_entries=max_entries), 0, problems
    except MalformedXmlError as error:
        problems.append(f"not well-formed: {error}")
    if not sniff.FEED_ROOT.search(text):
        raise NotAFeedError("not_a_feed", f"no feed: {sniff.kind(text)}")
    text, lost = repair.drop_partial_entry(text)
    if lost:
        problems.append("breaks off in the middle of an entry")
    text = repair.mend(text)
    xml = text.encode()
    try:
        return xml, screen(xml, max_entries=max_entries), lost, problems
    except MalformedXmlError:
        recovered = repair.recover(text)
    if recovered is None:
        raise NotAFeedError("malformed", f"a feed beyond repair: {problems[0]}")
    try:
        screening = screen(recovered, max_entries=max_entries)
    except MalformedXmlError:
        raise NotAFeedError("malformed", f"a feed beyond repair: {problems[0]}") from None
    # Recovery puts what follows an unclosed element inside of it, and stops where that becomes too deep.
    screening.entries = max(screening.entries, repair.count_entries(text))
    return recovered, screening, lost, problems
