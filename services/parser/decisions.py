"""What was decided of one page: the record is filled from it, and the explanation is told from it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from services.parser.authors import Byline
from services.parser.content import Content
from services.parser.fields import Chosen
from services.parser.identity import Identity
from services.parser.language import Spoken
from services.parser.published import Dated
from services.parser.quality import Evidence
from services.parser.reading import Reading
from services.parser.witness import Witness
from shared.records import Access, Article, Image, Rejection

Watch = Callable[[str], None]
"""Called with the name of each step when it is done, so that somebody with a clock can tell what took how long."""


def unwatched(step: str) -> None:
    """For whom it may take as long as it takes."""


@dataclass(frozen=True)
class Decisions:
    """Each field's winner. Without ``text`` there is no article, and nothing below it was decided."""

    read: Reading
    title: Witness | None
    byline: Byline
    text: Content | None
    address: Identity | None = None
    images: tuple[Image, ...] = ()
    published: Dated = field(default_factory=Dated)
    modified: Dated = field(default_factory=Dated)
    spoken: Spoken = field(default_factory=Spoken)
    rights: Access = field(default_factory=Access)
    chosen: Chosen = field(default_factory=Chosen)
    evidence: Evidence | None = None


@dataclass(frozen=True)
class Examined:
    """A page's record with what it was decided by: ``None`` where the bytes never became a tree."""

    record: Article | Rejection
    decisions: Decisions | None = None
