"""A sitemap's XML to its entries, by expat: what passes by is read, nothing of the document is kept."""

from __future__ import annotations

import pyexpat
import re
from collections.abc import Iterable

from services.fetcher.errors import NotAFeedError
from services.fetcher.reader.addresses import Addresses, SitemapLimits
from services.fetcher.reader.dates import entry_dates
from services.fetcher.reader.fields import absolute, clean, language_tag
from services.fetcher.reader.markup import plain_line
from shared.records import EntryImage, FeedEntry, ParsedFeed

MAX_DEPTH = 64
# 50,000 addresses with thirty elements each; reading so many takes a second and a half.
MAX_ELEMENTS = 1_500_000
MAX_ATTRIBUTES = 1000
MAX_TEXT = 10_000
# Google reads a thousand of a page; no reader of news needs them.
MAX_IMAGES = 20
MAX_TAGS = 20
# Of a whole document: an image that is kept costs ten times its bytes.
MAX_ALL_IMAGES = 50_000
# Different places of elements; a document with more is no sitemap that anybody made.
MAX_PLACES = 1000
MAX_ATTRIBUTE_NAMES = 1000
# expat hands nothing out until a tag is whole; one of 50 MB, all attributes, kept it busy for 28 s.
MAX_SILENCE = 256 * 1024
_ENTRIES = {"urlset": "url", "sitemapindex": "sitemap"}
_FIELDS = frozenset(
    {
        "loc",
        "lastmod",
        "news/title",
        "news/publication_date",
        "news/keywords",
        "news/genres",
        "news/language",
        "news/publication/name",
        "news/publication/language",
        "image/loc",
        "image/caption",
        "image/title",
    }
)
_TAG_SEPARATOR = re.compile(r"[,;]")


class SyntaxProblemError(ValueError):
    """The document is not well-formed; what stood before was read. Never leaves the reader."""


class TooLongError(ValueError):
    """The document has more elements than any sitemap needs; what stood before was read. Never leaves the reader."""


class _Place:
    """Where an element stands within its entry, by local names: ``news/publication/name``."""

    __slots__ = ("below", "group", "is_field", "name", "path")

    def __init__(self, path: str, name: str) -> None:
        self.path = path
        self.group = path.partition("/")[0]
        self.name = name
        self.is_field = path in _FIELDS
        self.below: dict[str, _Place] = {}


class SitemapDocument:
    """One pass over a document. ``encoding`` overrides what it declares."""

    def __init__(self, url: str | None, limits: SitemapLimits, *, encoding: str | None = None) -> None:
        self._url = url
        self._found = Addresses(limits)
        self._root = ""
        self._entry_name = ""
        self._depth = 0
        self._elements = 0
        # The place within an entry, and what stands there.
        self._outside, self._entry = _Place("", ""), _Place("", "")
        self._places = 0
        self._attribute_names: set[str] = set()
        self._silence = 0
        self._stack: list[_Place] = []
        self._fields: dict[str, str] | None = None
        self._images: list[dict[str, str]] = []
        self._all_images = 0
        self._images_left_out = 0
        self._text: list[str] | None = None
        self._length = 0
        self._is_news = False
        self._publication: str | None = None
        self._languages: set[str | None] = set()
        parser = pyexpat.ParserCreate(encoding)
        parser.buffer_text = True
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._characters
        parser.EntityDeclHandler = self._entity
        self._parser = parser

    def read(self, pieces: Iterable[bytes]) -> None:
        """Read what comes.

        :raises SyntaxProblemError: where it is not well-formed.
        :raises TooLongError: where it goes on for too long.
        :raises NotAFeedError: ``hostile``.
        """
        for piece in pieces:
            self._silence += len(piece)
            self._parse(piece, is_last=False)
            if self._silence > MAX_SILENCE:
                raise NotAFeedError("hostile", f"refused: a single tag of more than {MAX_SILENCE // 1024} KiB")
        self._parse(b"", is_last=True)

    def feed(self, problem: str | None, *, mended: bool = False) -> ParsedFeed:
        """The record of what was read. ``problem``: why it was not all; ``mended``: the XML had to be changed.

        :raises NotAFeedError: ``malformed``, where there was a problem and the part before it is of no use.
        """
        entries, skipped, problems = self._found.result()
        is_index = self._root == "sitemapindex"
        if problem is not None and (is_index or not entries):
            raise NotAFeedError("malformed", f"a sitemap {'index ' if is_index else ''}beyond repair: {problem}")
        notes = [problem] if problem is not None else ["not well-formed: mended"] if mended else []
        if self._images_left_out:
            notes.append(f"{self._images_left_out} images left out")
        kind = "sitemap-index" if is_index else "news-sitemap" if self._is_news else "sitemap"
        return ParsedFeed(
            format=kind,
            title=self._publication,
            language=next(iter(self._languages)) if len(self._languages) == 1 else None,
            entries=entries,
            skipped=skipped,
            problems=(*notes, *problems),
        )

    def _parse(self, piece: bytes, *, is_last: bool) -> None:
        try:
            self._parser.Parse(piece, is_last)
        except pyexpat.ExpatError as error:
            raise SyntaxProblemError(str(error)) from None
        except TooLongError:
            raise
        except (LookupError, ValueError) as error:
            # An encoding that is none, or one that expat has no table for.
            raise SyntaxProblemError(f"{error}") from None

    def _entity(self, *_: object) -> None:
        raise NotAFeedError("hostile", "refused: a sitemap that declares entities")

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        self._silence = 0
        self._depth += 1
        self._elements += 1
        if self._elements > MAX_ELEMENTS:
            raise TooLongError(f"not read beyond {MAX_ELEMENTS} elements")
        if self._depth > MAX_DEPTH:
            raise NotAFeedError("hostile", f"refused: elements nested more than {MAX_DEPTH} deep")
        if attributes:
            self._weigh(attributes)
        above = self._stack[-1] if self._stack else self._outside
        place = above.below.get(name) or self._new_place(above, name)
        if self._fields is None:
            self._start_outside(place.name)
            return
        self._stack.append(place)
        if place.is_field:
            self._text = []
            self._length = 0
        else:
            self._text = None
            if place.path == "image":
                self._start_image()
            elif place.path == "news":
                self._is_news = True

    def _weigh(self, attributes: dict[str, str]) -> None:
        if len(attributes) > MAX_ATTRIBUTES:
            raise NotAFeedError("hostile", f"refused: an element with {len(attributes)} attributes")
        self._attribute_names.update(attributes)
        if len(self._attribute_names) > MAX_ATTRIBUTE_NAMES:
            raise NotAFeedError("hostile", f"refused: a sitemap with more than {MAX_ATTRIBUTE_NAMES} attribute names")

    def _start_image(self) -> None:
        self._all_images += 1
        if self._all_images > MAX_ALL_IMAGES or len(self._images) >= MAX_IMAGES:
            self._images_left_out += 1
        else:
            self._images.append({})

    def _start_outside(self, local: str) -> None:
        if self._depth == 1:
            self._root = local
            self._entry_name = _ENTRIES.get(local, "")
        elif local == self._entry_name:
            self._begin()

    def _new_place(self, above: _Place, name: str) -> _Place:
        self._places += 1
        if self._places > MAX_PLACES:
            raise NotAFeedError("hostile", f"refused: a sitemap with more than {MAX_PLACES} kinds of elements")
        local = _local(name)
        above.below[name] = found = _Place(f"{above.path}/{local}" if above.path else local, local)
        return found

    def _begin(self) -> None:
        if not self._found.wants_more:
            self._found.pass_over()
            return
        self._fields = {}
        self._images = []
        self._stack = [self._entry]

    def _characters(self, text: str) -> None:
        self._silence = 0
        if self._text is not None and self._length < MAX_TEXT:
            self._text.append(text[:MAX_TEXT])
            self._length += len(text)

    def _end(self, _name: str) -> None:
        if self._fields is not None:
            place = self._stack.pop()
            if not self._stack:
                self._found.take(self._read_entry(self._fields))
                self._fields = None
            elif self._text is not None:
                if place.group == "image":
                    if self._images:
                        self._images[-1].setdefault(place.name, "".join(self._text))
                else:
                    self._fields.setdefault(place.path, "".join(self._text))
                self._text = None
        self._depth -= 1

    def _read_entry(self, fields: dict[str, str]) -> FeedEntry | None:
        link = absolute(self._url, clean(fields.get("loc")))
        if link is None:
            return None
        language = language_tag(fields.get("news/publication/language") or fields.get("news/language"))
        if self._publication is None and "news/publication/name" in fields:
            self._publication = plain_line(fields["news/publication/name"], is_html=False)
        if self._is_news and len(self._languages) < 2:
            self._languages.add(language)
        return FeedEntry(
            link=link,
            title=plain_line(fields.get("news/title"), is_html=False),
            tags=_tags(fields.get("news/keywords"), fields.get("news/genres")),
            language=language,
            **entry_dates(clean(fields.get("news/publication_date")), clean(fields.get("lastmod"))),
            images=self._entry_images() if self._images else (),
        )

    def _entry_images(self) -> tuple[EntryImage, ...]:
        found: dict[str, EntryImage] = {}
        for image in self._images:
            url = absolute(self._url, clean(image.get("loc")))
            if url is not None and url not in found:
                caption = plain_line(image.get("caption") or image.get("title"), is_html=False)
                found[url] = EntryImage(url=url, caption=caption)
        return tuple(found.values())


def _local(name: str) -> str:
    return name.rpartition(":")[2].lower()


def _tags(*lists: str | None) -> tuple[str, ...]:
    if not any(lists):
        return ()
    lines = (plain_line(text, is_html=False) or "" for text in lists if text)
    names = (name.strip() for line in lines for name in _TAG_SEPARATOR.split(line, maxsplit=MAX_TAGS)[:MAX_TAGS])
    return tuple(dict.fromkeys(filter(None, names)))[:MAX_TAGS]
