"""What a feed of XML says, in its own words: either path finds it, :mod:`~services.fetcher.reader.build` judges."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, NamedTuple

MAX_IMAGES = 100
PLAIN = "text/plain"
HTML_TYPES = frozenset({"text/html", "application/xhtml+xml", "html", "xhtml"})
TEXT_TYPES = HTML_TYPES | {PLAIN, "text", ""}


class Person(NamedTuple):
    """An author with a name and an address of their own, as Atom has them."""

    name: str | None
    address: str | None


class Words(NamedTuple):
    """A text and its media type, or Atom's short name for one."""

    text: str
    kind: str

    @property
    def is_html(self) -> bool:
        """Whether the text is markup."""
        return self.kind in HTML_TYPES


@dataclass(slots=True)
class MediaImage:
    """An image of an entry as the feed describes it, not yet checked."""

    attributes: dict[str, Any]
    is_thumbnail: bool
    credit: str | None = None
    caption: str | None = None


@dataclass(slots=True)
class RawEntry:
    """One entry; ``None`` is what it does not say, and a blank is what it says is blank."""

    entry_id: str | None = None
    id_is_link: bool = True
    """Whether an id that looks like an address may be taken for one: all but guids that deny it."""
    links: list[dict[str, Any]] = field(default_factory=list)
    link: str | None = None
    """What the entry's last link said, or its guid in place of one."""
    original_link: str | None = None
    title: Words | None = None
    title_language: str | None = None
    language: str | None = None
    summary: Words | None = None
    contents: list[Words] = field(default_factory=list)
    description: str | None = None
    """What Media RSS says of the entry's pictures or film."""
    published: str | None = None
    created: str | None = None
    dated: str | None = None
    """``dc:date``, which does not say of what."""
    updated: str | None = None
    writers: list[str] = field(default_factory=list)
    """Authors as RSS has them: a name, an e-mail address, or both."""
    people: list[Person] = field(default_factory=list)
    tags: list[str | None] = field(default_factory=list)
    images: list[MediaImage] = field(default_factory=list)
    """At most one more than ``MAX_IMAGES``."""


@dataclass(slots=True)
class RawFeed:
    """A document."""

    format: str = ""
    title: Words | None = None
    title_language: str | None = None
    links: list[dict[str, Any]] = field(default_factory=list)
    link: str | None = None
    language: str | None = None
    people: list[Person] = field(default_factory=list)
    ttl: str | None = None
    update_period: str | None = None
    update_frequency: str | None = None
    skip_hours: list[str] = field(default_factory=list)
    skip_days: list[str] = field(default_factory=list)
    entries: list[RawEntry] = field(default_factory=list)
    is_clean: bool = False
    """Whether the document is known to have no control characters."""
    listed: int = 0
    """How many entries the document has, those included that are not in ``entries``."""
