"""What schema.org's words say about the page's article, whatever shape they came in."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace


@dataclass(frozen=True)
class LinkedImage:
    """An image as JSON-LD describes it."""

    url: str
    caption: str | None = None
    credit: str | None = None
    width: int | None = None
    height: int | None = None


@dataclass(frozen=True)
class LinkedName:
    """A person or organisation named by JSON-LD; ``organization`` says that it was called one.

    ``in_node``: it had a node to itself, and is not one of perhaps several in a mere text.
    """

    name: str
    url: str | None = None
    organization: bool = False
    in_node: bool = False


@dataclass(frozen=True)
class LinkedArticle:
    """What JSON-LD or microdata say about the page's article; dates are as the page wrote them.

    ``is_article``: it was called an article, not merely a web page. ``breadcrumbs`` lead from the home page to it.
    ``country`` is the publisher's, as written.
    """

    headline: str | None = None
    alternative_headline: str | None = None
    description: str | None = None
    body: str | None = None
    published: str | None = None
    modified: str | None = None
    authors: tuple[LinkedName, ...] = ()
    publisher: str | None = None
    country: str | None = None
    sections: tuple[str, ...] = ()
    breadcrumbs: tuple[str, ...] = ()
    keywords: tuple[str, ...] = ()
    images: tuple[LinkedImage, ...] = ()
    url: str | None = None
    free: bool | None = None
    language: str | None = None
    license: str | None = None
    is_article: bool = True

    @property
    def section(self) -> str | None:
        """The first section that is named."""
        return next(iter(self.sections), None)

    @property
    def is_complete(self) -> bool:
        """Whether it says all that a web page could say for it, but for what hardly any page says."""
        return bool(self.headline and self.published and self.authors and self.description and self.images)

    def completed(self, other: LinkedArticle) -> LinkedArticle:
        """The same with what it leaves unsaid, as another account of the same article says it."""
        gaps = {
            field.name: value
            for field in fields(self)
            if getattr(self, field.name) in (None, ()) and (value := getattr(other, field.name)) not in (None, ())
        }
        return replace(self, **gaps) if gaps else self
