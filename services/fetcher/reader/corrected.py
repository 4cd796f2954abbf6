"""feedparser, where it errs put right: the one place that touches it.

Only its handler of XML events is used. :func:`feedparser.parse` opens paths and URLs that it finds in text or bytes,
guesses at charsets, tries expressions on the whole document and has a second, quadratic parser for broken XML; all of
that is done before. Its sanitising and its resolving of links in markup are off: they take two thirds of the time, and
what is stored is sanitised by nh3.
"""

from __future__ import annotations

import io
from contextlib import suppress
from dataclasses import dataclass
from typing import Any
from xml.sax import SAXException
from xml.sax.expatreader import ExpatParser
from xml.sax.handler import feature_external_ges, feature_namespaces
from xml.sax.xmlreader import InputSource

import feedparser.api  # noqa: TID251 - the one place

_Strict: Any = feedparser.api.StrictFeedParser

NAMESPACES: dict[str, str] = {uri.lower(): prefix.lower() for uri, prefix in _Strict.namespaces.items()}
"""The namespaces that feedparser knows, in lower case, and its prefixes for them: none for those of feeds."""
HANDLED: frozenset[str] = frozenset(
    name.removeprefix(start) for name in dir(_Strict) for start in ("_start_", "_end_") if name.startswith(start)
)
"""What feedparser does more with than to keep its text: ``title``, ``dc_creator``..."""
RSS10 = "http://purl.org/rss/1.0/"
RSS090 = "http://my.netscape.com/rdf/simple/0.9/"
ATOM10 = "http://www.w3.org/2005/atom"


class UnreadableError(ValueError):
    """feedparser failed on a document; never leaves the reader."""


@dataclass(frozen=True)
class Parsed:
    """What feedparser found."""

    version: str
    feed: dict[str, Any]
    entries: list[dict[str, Any]]


# What a body that nobody foresaw makes feedparser raise. No Exception: the time limit of a job is one.
_DEFECTS = (ArithmeticError, AssertionError, AttributeError, LookupError, RecursionError, TypeError, ValueError)


def parse(xml: bytes) -> Parsed:
    """Read ``xml``: UTF-8, well-formed, without a document type, and of bounded cost.

    :raises UnreadableError: for what feedparser has no answer to.
    """
    parser = CorrectedParser()
    driver = WholeTextParser()
    driver.setFeature(feature_namespaces, True)
    driver.setFeature(feature_external_ges, False)
    driver.setContentHandler(parser)
    driver.setErrorHandler(parser)
    source = InputSource()
    source.setByteStream(io.BytesIO(xml))
    source.setEncoding("utf-8")
    try:
        driver.parse(source)
    except (SAXException, *_DEFECTS) as error:
        raise UnreadableError(type(error).__name__) from error
    return Parsed(parser.version, parser.feeddata, parser.entries)


def looks_like_html(text: str) -> bool:
    """The judgement of feedparser of what calls itself plain text, and in RSS seldom is."""
    return ("</" in text or "&" in text) and bool(_Strict.looks_like_html(text))


class WholeTextParser(ExpatParser):
    """An expat reader that hands runs of text over whole.

    Without it each line is a call of its own: a third slower on real feeds, and quadratic where feedparser takes blank
    pieces off the front of a list.
    """

    def reset(self) -> None:
        """Start a document."""
        super().reset()
        self._parser.buffer_text = True  # type: ignore[attr-defined] # typeshed leaves it out


class CorrectedParser(_Strict):  # type: ignore[misc] # feedparser has no types
    """The handler of events, with what it gets wrong corrected.

    ======================= ==========================================================================================
    the format              was that of the first namespace declared: RSS 1.0 with a link of Atom's was Atom
    an ``xml:base``         counted for all that follows the element, where no element around it has one
    ``dc:date``             was filed as a date of change, so that RSS 1.0 had no date of publication
    ``media:description``   a picture's caption, taken for the entry's text
    a title in ``source``,  let a second title of the entry, or of the feed, win over the first
    ``image`` and the like
    several authors         took names and addresses from one another, and from a podcast's owner
    a feed's own ``content`` made the first entry's second description disappear
    places (GeoRSS, GML)    are left out: nothing here reads them, and nonsense in them cost the whole feed
    all else that raises    costs its element, not the whole feed
    ======================= ==========================================================================================
    """

    def __init__(self) -> None:
        super().__init__("", None, "utf-8")
        self.resolve_relative_uris = False
        self.sanitize_html = False
        self.outer_titles: list[int] = []
        self.declared: set[tuple[str | None, str]] = set()

    def track_namespace(self, prefix: str | None, uri: str) -> None:
        if not self.depth:
            self.declared.add((prefix, uri.lower()))
        super().track_namespace(prefix, uri)

    def unknown_starttag(self, tag: str, attrs: list[tuple[str, str]]) -> None:
        if not self.depth and tag in ("rss", "feed", "rdf:rdf"):
            self.version = self._declared_version(tag)
        depth, bases = self.depth + 1, len(self.basestack) + 1
        with suppress(*_DEFECTS):
            super().unknown_starttag(tag, attrs)
        self._level(depth, bases)

    def unknown_endtag(self, tag: str) -> None:
        depth, bases = self.depth - 1, max(len(self.basestack) - 1, 0)
        with suppress(*_DEFECTS):
            super().unknown_endtag(tag)
        self._level(depth, bases)
        self.baseuri = self.basestack[-1] if self.basestack else ""

    def _declared_version(self, root: str) -> str:
        """What the namespaces declared with the first element say of its format; the element itself says the rest."""
        uris = {uri for _, uri in self.declared}
        if root == "rdf:rdf":
            return "rss10" if RSS10 in uris else "rss090" if (None, RSS090) in self.declared else ""
        return "atom10" if root == "feed" and ATOM10 in uris else ""

    def _level(self, depth: int, bases: int) -> None:
        """Stand where the element should leave it, if it broke off."""
        self.depth = depth
        while len(self.basestack) < bases:
            self.basestack.append(self.baseuri)
            self.langstack.append(self.lang)
        del self.basestack[bases:], self.langstack[bases:]

    def _start_dc_date(self, _attributes: dict[str, str]) -> None:
        self.push("dc_date", 1)

    def _end_dc_date(self) -> None:
        self.pop("dc_date")

    def _start_media_description(self, _attributes: dict[str, str]) -> None:
        self.push("media_description", 0)

    def _end_media_description(self) -> None:
        self.pop("media_description")

    def _save_author(self, key: str, value: str, prefix: str = "author") -> None:
        if prefix == "author":
            self._get_context().setdefault("authors", [{}])[-1][key] = value

    def _start_item(self, attributes: dict[str, str]) -> None:
        self.hasContent = 0
        self.outer_titles.append(self.title_depth)
        super()._start_item(attributes)

    def _end_item(self) -> None:
        super()._end_item()
        self._leave()

    _start_entry = _start_item
    _end_entry = _end_item

    def _start_source(self, attributes: dict[str, str]) -> None:
        self.outer_titles.append(self.title_depth)
        super()._start_source(attributes)

    def _end_source(self) -> None:
        super()._end_source()
        self._leave()

    def _start_image(self, attributes: dict[str, str]) -> None:
        self.outer_titles.append(self.title_depth)
        super()._start_image(attributes)

    def _end_image(self) -> None:
        super()._end_image()
        self._leave()

    def _start_textinput(self, attributes: dict[str, str]) -> None:
        self.outer_titles.append(self.title_depth)
        super()._start_textinput(attributes)

    def _end_textinput(self) -> None:
        super()._end_textinput()
        self._leave()

    def _leave(self) -> None:
        # Markup may hold the end of what never began.
        if self.outer_titles:
            self.title_depth = self.outer_titles.pop()

    def start_place(self, _attributes: dict[str, str]) -> None:
        self.push("place", 0)

    def end_place(self) -> None:
        self.pop("place")


for _name in HANDLED:
    if _name.startswith(("georss", "gml_", "where", "psc_")):
        setattr(CorrectedParser, f"_start_{_name}", CorrectedParser.start_place)
        setattr(CorrectedParser, f"_end_{_name}", CorrectedParser.end_place)
