"""What the pass over a feed's XML notes, and which elements concern it.

feedparser keeps three lists of pictures, captions and credits an entry, takes a caption for the entry's text, cuts
names at e-mail addresses under long domains, forgets beside an empty link whether a guid is one, and of all hours and
days to skip keeps the last.
"""

from __future__ import annotations

import pyexpat
from dataclasses import dataclass, field

SEPARATOR = "\x1f"  # between a name's parts: can not occur in XML 1.0
_FEED_NAMESPACES = (
    "http://purl.org/rss/1.0/",
    "http://www.w3.org/2005/atom",
    "http://purl.org/atom/ns#",
    "http://my.netscape.com/rdf/simple/0.9/",
    "http://backend.userland.com/rss",
    "http://blogs.law.harvard.edu/tech/rss",
)
_TAGS = frozenset({"category", "subject", "keywords", "tags"})
# In these feedparser looks for an e-mail address, by an expression that starts anew at every letter.
_PEOPLE = frozenset({"author", "creator", "managingeditor", "webmaster", "publisher", "contributor", "owner", "name"})
_MEDIA = frozenset({"content", "thumbnail", "credit", "description", "text"})
_FOREIGN = {"encoded": "content", "body": "content", "modified": "modified", "updated": "modified"}
_OWN = {
    **_FOREIGN,
    "item": "entry",
    "entry": "entry",
    "content": "content",
    "hour": "hour",
    "day": "day",
    "guid": "guid",
}


@dataclass
class MediaImage:
    """An image of an entry as the feed describes it, not yet checked."""

    attributes: dict[str, str]
    is_thumbnail: bool
    credit: str | None = None
    caption: str | None = None


@dataclass
class EntryFacts:
    """What the pass noted of one entry."""

    images: list[MediaImage] = field(default_factory=list)
    credit: str | None = None
    caption: str | None = None
    captions: set[str] = field(default_factory=set)
    authors: list[str] = field(default_factory=list)
    has_content: bool = False
    guid_is_link: bool = True


@dataclass
class Screening:
    """What the pass found: ``facts`` of the entries within the limit, ``entries`` in all."""

    root: str = ""
    entries: int = 0
    facts: list[EntryFacts] = field(default_factory=list)
    skip_hours: list[str] = field(default_factory=list)
    skip_days: list[str] = field(default_factory=list)
    has_modified: bool = False
    """Whether any entry says when it was modified, so that ``dc:date`` is not the only date besides ``pubDate``."""
    cut_from: int | None = None
    cut_to: int = 0

    def cut(self, xml: bytes) -> bytes:
        """``xml`` without the entries beyond the limit.

        :raises MalformedXmlError: when that is no longer well-formed, as entries are not all in one place.
        """
        if self.cut_from is None:
            return xml
        shorter = xml[: self.cut_from] + xml[self.cut_to :]
        try:
            pyexpat.ParserCreate("utf-8", SEPARATOR).Parse(shorter, True)
        except pyexpat.ExpatError as error:
            raise MalformedXmlError(f"after cutting: {error}") from None
        return shorter


class MalformedXmlError(ValueError):
    """The document is not well-formed; never leaves the reader."""


def kind_of(name: str) -> str:
    """What an element is to the pass; empty for what does not concern it."""
    parts = name.lower().split(SEPARATOR)
    uri, local = (parts[0], parts[1]) if len(parts) > 1 else ("", parts[0])
    if local in _TAGS:
        return "tag"
    if "search.yahoo.com/mrss" in uri:
        return f"media:{local}" if local in _MEDIA else ""
    if local in _PEOPLE:
        return "author" if local in ("author", "creator") else "person"
    if len(parts) < 3 or uri.startswith(_FEED_NAMESPACES):
        return _OWN.get(local, "")
    return _FOREIGN.get(local, "")
