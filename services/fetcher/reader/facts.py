"""What the pass over a feed's XML notes, and which elements concern it.

feedparser keeps three lists of pictures, captions and credits an entry, cuts names at e-mail addresses under long
domains, forgets beside an empty link whether a guid is one, and of all hours and days to skip keeps the last.
"""

from __future__ import annotations

from array import array
from dataclasses import dataclass, field

from services.fetcher.reader.corrected import NAMESPACES
from services.fetcher.reader.raw import MediaImage

SEPARATOR = "\x1f"  # between a name's parts: can not occur in XML 1.0
_FEED_NAMESPACES = (
    "http://purl.org/rss/1.0/",
    "http://www.w3.org/2005/atom",
    "http://purl.org/atom/ns#",
    "http://my.netscape.com/rdf/simple/0.9/",
    "http://backend.userland.com/rss",
    "http://blogs.law.harvard.edu/tech/rss",
)
_XHTML = "http://www.w3.org/1999/xhtml"
_TAGS = frozenset({"category", "subject", "keywords", "tags"})
# In these feedparser looks for an e-mail address, by an expression that starts anew at every letter.
_PEOPLE = frozenset({"author", "creator", "managingeditor", "webmaster", "publisher", "contributor", "owner", "name"})
_MEDIA = frozenset({"content", "thumbnail", "credit", "description", "text"})
_DATES = frozenset({"pubdate", "published", "issued", "updated", "modified", "lastbuilddate", "created", "date"})
_OWN = {
    **dict.fromkeys(_DATES, "date"),
    "item": "entry",
    "entry": "entry",
    "hour": "hour",
    "day": "day",
    "guid": "guid",
}


@dataclass(slots=True)
class EntryFacts:
    """What the pass noted of one entry."""

    images: list[MediaImage] = field(default_factory=list)
    credit: str | None = None
    caption: str | None = None
    description: str | None = None
    authors: list[str] = field(default_factory=list)
    guid_is_link: bool = True


@dataclass
class Spans:
    """Where the entries of a document stand in it, in bytes, how many elements each has, and which dates it names."""

    starts: array[int] = field(default_factory=lambda: array("q"))
    ends: array[int] = field(default_factory=lambda: array("q"))
    elements: array[int] = field(default_factory=lambda: array("q"))
    dates: dict[int, tuple[str, ...]] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.starts)


@dataclass
class Screening:
    """What the pass found in ``xml``: ``facts`` of its entries, and where they are."""

    xml: bytes
    root: str = ""
    entries: int = 0
    """How many entries the document had before it was cut, those inside of others not counted."""
    elements: int = 0
    facts: list[EntryFacts] = field(default_factory=list)
    spans: Spans = field(default_factory=Spans)
    skip_hours: list[str] = field(default_factory=list)
    skip_days: list[str] = field(default_factory=list)


class MalformedXmlError(ValueError):
    """The document is not well-formed; never leaves the reader."""


def kind_of(name: str) -> str:
    """What an element is to the pass; empty for what does not concern it."""
    parts = name.lower().split(SEPARATOR)
    uri, local = (parts[0], parts[1]) if len(parts) > 1 else ("", parts[0])
    if uri == _XHTML:
        return ""
    if local in _TAGS:
        return "tag"
    if "search.yahoo.com/mrss" in uri:
        return f"media:{local}" if local in _MEDIA else ""
    if local in _PEOPLE:
        return "author" if local in ("author", "creator") else "person"
    # By default, in a namespace that nobody knows, feedparser takes an element for one of the feed's own.
    if uri.startswith(_FEED_NAMESPACES) or (len(parts) < 3 and not NAMESPACES.get(uri)):
        return _OWN.get(local, "")
    return "date" if local in _DATES and uri.startswith("http://purl.org/dc/") else ""
