"""RSS 0.9x, 1.0 and 2.0, Atom 0.3 and 1.0: which of two readers reads a document, and what is done before.

Well-formed documents of the usual form go through :mod:`~services.fetcher.reader.wellformed`. What is broken is
mended first. Whatever is of another form than that reader knows is feedparser's, after
:mod:`~services.fetcher.reader.screen` has found it bounded.
"""

from __future__ import annotations

import codecs
import re
from contextlib import suppress

from services.fetcher.errors import NotAFeedError
from services.fetcher.reader import repair, sniff
from services.fetcher.reader.adapter import raw_feed
from services.fetcher.reader.build import build
from services.fetcher.reader.corrected import UnreadableError, parse
from services.fetcher.reader.facts import MalformedXmlError
from services.fetcher.reader.names import UnusualError
from services.fetcher.reader.raw import RawFeed
from services.fetcher.reader.screen import screen
from services.fetcher.reader.wellformed import read_well_formed
from shared.records import ParsedFeed

_FORMATS = {"rss": "rss", "rdf": "rss10", "feed": "atom", "channel": "rss"}
_DOCTYPE = re.compile("<!DOCTYPE", re.IGNORECASE)
# What stands before the first element of any feed is shorter.
HEAD = 16_384


def read_whole_feed(body: bytes, *, url: str | None, max_entries: int) -> ParsedFeed | None:
    """Read a feed that is well-formed XML in UTF-8; ``None`` for anything else.

    :raises NotAFeedError: with reason ``not_a_feed``, ``malformed`` or ``hostile``.
    """
    head = body[:HEAD].removeprefix(codecs.BOM_UTF8).decode("utf-8", "ignore")
    start = sniff.skip_prolog(head)
    # What stands before the first element may say what entities stand for.
    if not sniff.FEED_ROOT.match(head, start) or (_DOCTYPE.search(head, 0, start) and "[" in head[:start]):
        return None
    before = len(head[:start].encode()) + (len(codecs.BOM_UTF8) if body.startswith(codecs.BOM_UTF8) else 0)
    try:
        return build(_read(body[before:], max_entries), url=url)
    except MalformedXmlError:
        return None


def read_xml_feed(text: str, *, url: str | None, max_entries: int) -> ParsedFeed:
    """Read a feed that is XML, or was meant to be, first with as little mended as may be enough.

    :raises NotAFeedError: with reason ``not_a_feed``, ``malformed`` or ``hostile``.
    """
    mended, problems = repair.prepare(text)
    try:
        return build(_read(mended.encode(), max_entries), url=url, problems=problems)
    except MalformedXmlError as error:
        problems.append(f"not well-formed: {error}")
    if not sniff.FEED_ROOT.search(mended):
        raise NotAFeedError("not_a_feed", f"no feed: {sniff.kind(mended)}")
    whole = repair.drop_tail(mended)
    if len(whole) < len(mended):
        with suppress(MalformedXmlError):
            return build(_read(whole.encode(), max_entries), url=url, problems=problems)
    del whole
    mended, lost = repair.drop_partial_entry(mended)
    if lost:
        problems.append("breaks off in the middle of an entry")
    mended = repair.mend(mended)
    try:
        return build(_read(mended.encode(), max_entries), url=url, lost=lost, problems=problems)
    except MalformedXmlError:
        recovered = repair.recover(mended)
    if recovered is None:
        raise NotAFeedError("malformed", f"a feed beyond repair: {problems[0]}")
    try:
        raw = _read(recovered, max_entries)
    except MalformedXmlError:
        raise NotAFeedError("malformed", f"a feed beyond repair: {problems[0]}") from None
    # Recovery puts what follows an unclosed element inside of it, and stops where that becomes too deep.
    raw.listed = max(raw.listed, repair.count_entries(mended))
    return build(raw, url=url, lost=lost, problems=problems)


def _read(xml: bytes, max_entries: int) -> RawFeed:
    """What a document says: by the quick path, or where that is at a loss by feedparser.

    :raises MalformedXmlError: where it is not well-formed.
    """
    try:
        return read_well_formed(xml, max_entries=max_entries)
    except UnusualError:
        return read_unusual(xml, max_entries=max_entries)


def read_unusual(xml: bytes, *, max_entries: int) -> RawFeed:
    """What a well-formed document says, as feedparser understands it.

    :raises MalformedXmlError: where it is not well-formed.
    :raises NotAFeedError: with reason ``not_a_feed``, ``malformed`` or ``hostile``.
    """
    screening = screen(xml, max_entries=max_entries)
    try:
        parsed = parse(screening.xml)
    except UnreadableError as error:
        raise NotAFeedError("malformed", f"a feed that could not be read: {error}") from None
    if screening.root not in sniff.FEED_ROOTS and not (parsed.version and parsed.entries):
        raise NotAFeedError("not_a_feed", f"no feed: {sniff.kind(xml[:1000].decode('utf-8', 'replace'))}")
    format_ = parsed.version or _FORMATS.get(screening.root, "rss")
    return raw_feed(parsed, format_, screening, max_entries=max_entries)
