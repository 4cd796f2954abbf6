"""One fast pass over a feed's XML before feedparser sees it: 4 ms a megabyte against 50 ms and more.

feedparser is quadratic in places. 100,000 attributes on an element kept it busy for more than 90 s, 20,000
namespaces for 14 s, 20,000 categories of one entry for 7 s, a million nested elements for 17 s and 385 MB. So what it
gets is bounded here, by the cost that a document would cause and not by a guess at what feeds need. Documents that are
only long are cut down to their newest entries, so that these come through.

What feedparser loses on the way is collected by the same pass (:mod:`services.fetcher.reader.facts`).
"""

from __future__ import annotations

import pyexpat

from services.fetcher.errors import NotAFeedError
from services.fetcher.reader.dates import MAX_LENGTH
from services.fetcher.reader.facts import SEPARATOR, EntryFacts, MalformedXmlError, Screening, kind_of
from services.fetcher.reader.newest import latest, newest_first
from services.fetcher.reader.raw import MAX_IMAGES, MediaImage

MAX_DEPTH = 256
MAX_ATTRIBUTES = 1000
MAX_NAMESPACES = 100
# feedparser takes 16 microseconds an element, the pass itself one.
MAX_ELEMENTS = 80_000
MAX_SCREENED = 1_000_000
MAX_SPANS = 300_000
MAX_BASE = 4096
# feedparser's quadratic steps, each of 10 to 40 ns: a second or so.
MAX_WORK = 30_000_000
MAX_CAPTURE = 500_000

_XML = "http://www.w3.org/XML/1998/namespace"
_BASES = (f"{_XML}{SEPARATOR}base{SEPARATOR}xml", "base")
_CAPTURED = {
    "media:credit": "credit",
    "media:description": "description",
    "media:text": "caption",
    "hour": "hour",
    "day": "day",
}


def screen(xml: bytes, *, max_entries: int) -> Screening:
    """Look over ``xml``, which is UTF-8 and has no document type, and cut it down to what may be read.

    :raises MalformedXmlError: when it is not well-formed.
    :raises NotAFeedError: ``hostile``, when reading it would cost out of all proportion.
    """
    found = _Pass(xml, max_entries).run()
    if found.entries <= max_entries and found.elements <= MAX_ELEMENTS:
        return found
    try:
        shorter = _Pass(_cut(found, max_entries), max_entries).run()
    except MalformedXmlError as error:
        raise NotAFeedError("malformed", f"too long, and its entries can not be cut: {error}") from None
    if shorter.elements > MAX_ELEMENTS or (found.entries and not shorter.entries):
        raise _hostile(f"{found.elements} elements in {found.entries} entries")
    shorter.entries = found.entries
    return shorter


def _cut(found: Screening, max_entries: int) -> bytes:
    spans = found.spans
    ranking = newest_first([latest(spans.dates.get(place, ())) for place in range(len(spans))])
    room = MAX_ELEMENTS - found.elements + sum(spans.elements)
    kept = set()
    for place in ranking[:max_entries]:
        room -= spans.elements[place]
        if room < 0:
            break
        kept.add(place)
    pieces, position = [], 0
    for place in range(len(spans)):
        if place not in kept:
            pieces.append(found.xml[position : spans.starts[place]])
            position = spans.ends[place]
    return b"".join((*pieces, found.xml[position:]))


class _Pass:
    def __init__(self, xml: bytes, max_entries: int) -> None:
        self.xml = xml
        self.max_entries = max_entries
        self.found = Screening(xml)
        self.kinds: dict[str, str] = {}
        self.namespaces: set[tuple[str | None, str | None]] = set()
        self.depth = 0
        self.elements = 0
        self.work = 0
        self.bases: list[tuple[int, int]] = []
        self.base_length = 0
        self.entry: EntryFacts | None = None
        self.entry_depth = 0
        self.entry_tag = b""
        self.tags = [0, 0]
        self.open: list[tuple[int, MediaImage]] = []
        self.spans: list[tuple[int, int, str]] = []
        self.capture: tuple[int, str] | None = None
        self.captured: list[str] = []
        self.captured_length = 0
        self.capture_start = 0
        parser = pyexpat.ParserCreate("utf-8", SEPARATOR)
        parser.namespace_prefixes = True
        parser.buffer_text = True
        parser.StartElementHandler = self.start
        parser.EndElementHandler = self.end
        parser.StartNamespaceDeclHandler = self.namespace
        self.parser = parser

    def run(self) -> Screening:
        try:
            self.parser.Parse(self.xml, True)
        except pyexpat.ExpatError as error:
            raise MalformedXmlError(str(error)) from None
        self.found.elements = self.elements
        self.found.entries = len(self.found.spans)
        return self.found

    def namespace(self, prefix: str | None, uri: str | None) -> None:
        if uri and uri.split() != [uri]:
            # Python's SAX driver parts names at spaces: feedparser would call its other parser.
            raise MalformedXmlError("a namespace with a space in it")
        self.namespaces.add((prefix, uri))
        if len(self.namespaces) > MAX_NAMESPACES:
            raise _hostile(f"more than {MAX_NAMESPACES} namespaces")

    def start(self, name: str, attributes: dict[str, str]) -> None:
        self.depth += 1
        self.elements += 1
        if self.elements > MAX_SCREENED:
            raise _hostile(f"more than {MAX_SCREENED} elements")
        if self.depth > MAX_DEPTH:
            raise _hostile(f"elements nested more than {MAX_DEPTH} deep")
        if attributes:
            self.weigh(attributes)
        if self.base_length:
            self.spend(self.base_length)
        kind = self.kinds.get(name)
        if kind is None:
            kind = self.kinds[name] = kind_of(name)
            if self.elements == 1:
                self.found.root = name.split(SEPARATOR)[1 if SEPARATOR in name else 0].lower()
        if kind:
            self.start_of(kind, attributes)

    def weigh(self, attributes: dict[str, str]) -> None:
        count = len(attributes)
        if count > MAX_ATTRIBUTES:
            raise _hostile(f"an element with {count} attributes")
        if count > 8:
            self.spend(count * count)
        for name in _BASES:
            base = attributes.get(name)
            if base:
                self.bases.append((self.depth, len(base)))
                self.base_length += len(base)
                if self.base_length > MAX_BASE:
                    raise _hostile(f"base addresses of {self.base_length} characters")

    def spend(self, work: int) -> None:
        self.work += work
        if self.work > MAX_WORK:
            raise _hostile("built to keep a feed reader busy")

    def start_of(self, kind: str, attributes: dict[str, str]) -> None:
        if kind == "entry":
            if self.entry is None:
                self.start_entry()
        elif kind in ("tag", "person"):
            self.spans.append((self.depth, self.parser.CurrentByteIndex, kind))
        elif kind == "author":
            self.spans.append((self.depth, self.parser.CurrentByteIndex, "person"))
            self.start_capture(kind)
        elif kind in _CAPTURED:
            self.start_capture(_CAPTURED[kind])
        elif self.entry is not None:
            self.note(self.entry, kind, attributes)

    def note(self, entry: EntryFacts, kind: str, attributes: dict[str, str]) -> None:
        if kind == "date":
            self.start_capture(kind)
        elif kind == "guid":
            named = {
                name.split(SEPARATOR)[name.count(SEPARATOR) > 0].lower(): value for name, value in attributes.items()
            }
            entry.guid_is_link = named.get("ispermalink", "").strip().lower() != "false"
        elif len(entry.images) <= MAX_IMAGES:
            image = MediaImage({key.lower(): value for key, value in attributes.items()}, kind == "media:thumbnail")
            entry.images.append(image)
            self.open.append((self.depth, image))

    def start_capture(self, target: str) -> None:
        if self.capture is None:
            self.capture = (self.depth, target)
            self.captured.clear()
            self.captured_length = 0
            self.capture_start = self.elements
            self.parser.CharacterDataHandler = self.characters

    def start_entry(self) -> None:
        self.entry = EntryFacts()
        self.entry_depth = self.depth
        start = self.parser.CurrentByteIndex
        self.entry_tag = self.xml[start + 1 : start + 61].replace(b">", b" ").replace(b"/", b" ").split(None, 1)[0]
        self.tags[1] = 0
        if len(self.found.facts) < self.max_entries:  # beyond, the document is cut and looked over again
            self.found.facts.append(self.entry)
        spans = self.found.spans
        if len(spans) == MAX_SPANS:
            raise _hostile(f"more than {MAX_SPANS} entries")
        spans.starts.append(start)
        spans.ends.append(start)
        spans.elements.append(-self.elements)

    def characters(self, text: str) -> None:
        if self.captured_length < MAX_CAPTURE:
            self.captured.append(text)
            self.captured_length += len(text)

    def end(self, _name: str) -> None:
        depth = self.depth
        if self.capture is not None and self.capture[0] == depth:
            self.end_capture(self.capture[1])
        if self.spans and self.spans[-1][0] == depth:
            _, start, kind = self.spans.pop()
            self.end_span(start, kind)
        if self.open and self.open[-1][0] == depth:
            self.open.pop()
        if self.bases and self.bases[-1][0] == depth:
            self.base_length -= self.bases.pop()[1]
        if self.entry is not None and self.entry_depth == depth:
            self.end_entry(self.entry)
        self.depth = depth - 1

    def end_span(self, start: int, kind: str) -> None:
        stop = self.parser.CurrentByteIndex
        if kind == "person":
            self.spend((stop - start) ** 2 if stop - start > 100 else 0)
            return
        # feedparser compares each tag of the entry, or of the feed, with all before it.
        new = 1 + self.xml.count(b",", start, stop)
        owner = 0 if self.entry is None else 1
        self.tags[owner] += new
        self.spend(new * self.tags[owner])

    def end_capture(self, target: str) -> None:
        self.capture = None
        self.parser.CharacterDataHandler = None
        text = "".join(self.captured)[:MAX_CAPTURE].strip()
        if target == "hour":
            self.found.skip_hours.append(text)
        elif target == "day":
            self.found.skip_days.append(text)
        elif self.entry is not None and text:
            if target == "date":
                place = len(self.found.spans) - 1
                self.found.spans.dates[place] = (*self.found.spans.dates.get(place, ()), text[:MAX_LENGTH])
                return
            if target == "author":
                # With elements inside it is Atom's, which feedparser reads well.
                if self.elements == self.capture_start:
                    self.entry.authors.append(text)
                return
            if target == "description":
                self.entry.description = self.entry.description or text
                target = "caption"
            owner = self.open[-1][1] if self.open else self.entry
            if getattr(owner, target) is None:
                setattr(owner, target, text)

    def end_entry(self, entry: EntryFacts) -> None:
        self.entry = None
        spans = self.found.spans
        spans.elements[-1] += self.elements + 1
        # The start of the end tag, or where an empty tag ends.
        end = self.parser.CurrentByteIndex
        has_end_tag = self.xml.startswith(b"</" + self.entry_tag, end)
        spans.ends[-1] = self.xml.find(b">", end) + 1 if has_end_tag else end
        for image in entry.images:
            # Media RSS 1.5.1, 3: what stands above an object goes for all below it that do not say otherwise.
            image.credit = image.credit or entry.credit
            image.caption = image.caption or entry.caption


def _hostile(what: str) -> NotAFeedError:
    return NotAFeedError("hostile", f"refused: {what}")
