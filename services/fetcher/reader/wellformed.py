"""Documents of the usual form: libxml2 parses, one walk over the elements that matter reads.

Hardened: no document type reaches the parser, so no entities; no network; libxml2's own bounds on depth (256), names
and texts (10 MB); elements and attributes are counted before there is a tree.
"""

from __future__ import annotations

import re

from lxml import etree
from lxml.etree import _Element as Element

from services.fetcher.reader.corrected import ATOM10, RSS090, RSS10
from services.fetcher.reader.entrywalk import DATES, EntryWalk
from services.fetcher.reader.facts import MalformedXmlError
from services.fetcher.reader.head import ASIDE, Head
from services.fetcher.reader.names import Names, UnusualError, attributes_of
from services.fetcher.reader.newest import latest, newest
from services.fetcher.reader.raw import RawFeed
from services.fetcher.reader.texts import Texts, base_within, language_within
from services.fetcher.reader.walk import Walk

# Of 200 bytes and more: elements and attributes with their texts.
MAX_NODES = 300_000
# So many bytes of the shortest elements (<a/>) make a tree of 120 MB.
FREE_SIZE = 2_000_000
MAX_BASE_WORK = 10_000_000
# From DEL on: XML has no others, and DEL itself is left to the other path.
_CONTROL = re.compile(rb"\xc2[\x80-\x9f]")
_REFERENCE = re.compile(rb"&#(?:0*1[2-5]|x0*[7-9])")
_RSS = {"0.91": "rss091u", "0.92": "rss092", "0.93": "rss093", "0.94": "rss094"}
_ATOM = {"0.1": "atom01", "0.2": "atom02", "0.3": "atom03"}


def read_well_formed(xml: bytes, *, max_entries: int) -> RawFeed:
    """Read ``xml``: UTF-8, from its first element on.

    :raises MalformedXmlError: where it is not well-formed.
    :raises UnusualError: where it has anything that this path does not know, or is beyond its bounds.
    """
    _bound(xml)
    parser = etree.XMLParser(
        encoding="utf-8",
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        root = etree.fromstring(xml, parser)
    except etree.XMLSyntaxError as error:
        if error.code == etree.ErrorTypes.ERR_RESOURCE_LIMIT:
            raise UnusualError from None
        raise MalformedXmlError(" ".join((error.msg or "").split())[:200]) from None
    return _Document(root, xml, max_entries).read()


def _bound(xml: bytes) -> None:
    """:raises UnusualError: where a tree of ``xml`` could be larger than may be."""
    if b"\x7f" in xml:
        raise UnusualError
    if len(xml) > FREE_SIZE:
        first, *others = xml.split(b"<![CDATA[")
        outside = b"".join((first, *(part.partition(b"]]>")[2] for part in others)))
        if outside.count(b"<") - outside.count(b"</") + outside.count(b"=") > MAX_NODES:
            raise UnusualError


class _Document:
    """A document on its way to what it says."""

    def __init__(self, root: Element, xml: bytes, max_entries: int) -> None:
        self.root = root
        self.size = len(xml)
        self.max_entries = max_entries
        self.names = Names(root)
        self.name = self.names.of(root)
        self.attributes = attributes_of(root)
        self.feed = RawFeed(format=_format(self.name, root, self.attributes.get("version", "")))
        self.feed.is_clean = (xml.isascii() or not _CONTROL.search(xml)) and not _REFERENCE.search(xml)
        self.texts = Texts(self.names, self.feed.format, is_clean=self.feed.is_clean)
        self.entries: list[tuple[Element, str, str | None]] = []

    def read(self) -> RawFeed:
        root, feed, name = self.root, self.feed, self.name
        base = base_within(self.attributes, "")
        if len(base) * self.size > MAX_BASE_WORK * 100:
            raise UnusualError
        language = language_within(self.attributes, None)
        if name != "rdf:rdf":
            feed.language = language
        top = Walk(self.texts, base, language)
        if name == "feed":
            Head(top, feed, self.entries).read(root)
        else:
            self.channel(top, holds_entries=name == "rdf:rdf")
        return self.finish()

    def channel(self, top: Walk, *, holds_entries: bool) -> None:
        """What is inside of <rss> and <rdf:RDF>: one channel, and in the latter the entries beside it."""
        heads = []
        for child in self.root:
            name = self.names.of(child)
            if name == "channel":
                heads.append(child)
            elif holds_entries and name == "item":
                self.entries.append((child, top.base, top.language))
            elif holds_entries and name in ASIDE:
                Head(top, self.feed, []).aside(child, name)
            else:
                top.skip(child, name)
        if len(heads) != 1:
            raise UnusualError
        inside: list[tuple[Element, str, str | None]] = []
        Head(top, self.feed, inside).read(heads[0])
        if inside and self.entries:
            raise UnusualError
        self.entries += inside

    def finish(self) -> RawFeed:
        feed, found = self.feed, self.entries
        feed.listed = len(found)
        if len(found) > self.max_entries:
            moments = [latest(_dates(self.names, element)) for element, _, _ in found]
            found = [found[place] for place in newest(moments, self.max_entries)]
        feed.entries = [EntryWalk(self.texts, base, language).read(element) for element, base, language in found]
        return feed


def _dates(names: Names, element: Element) -> list[str]:
    return [child.text or "" for child in element if names.of(child) in DATES]


def _format(name: str, root: Element, version: str) -> str:
    uris = {(uri or "").lower() for uri in root.nsmap.values()}
    if name == "rss":
        return _RSS.get(version) or ("rss20" if version.startswith("2.") else "rss")
    if name == "feed":
        return "atom10" if ATOM10 in uris else _ATOM.get(version, "atom")
    if name == "rdf:rdf" and RSS10 in uris:
        return "rss10"
    if name == "rdf:rdf" and (root.nsmap.get(None) or "").lower() == RSS090:
        return "rss090"
    raise UnusualError
