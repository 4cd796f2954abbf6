"""The headline: a heading that another witness confirms, else what the page's data say. Pure.

The first ``h1`` that agrees with OpenGraph, JSON-LD, the page's title or the feed is what readers see; of the others,
JSON-LD is the editors' own headline, while OpenGraph and ``<title>`` are written for elsewhere and often carry the
site's name.
"""

from __future__ import annotations

import re

from services.parser.text import words
from services.parser.witness import Witness

_SUFFIX = re.compile(r"\s+[|–—·•»«:\-]\s+|\s*[|｜»]\s*")
_CUT = re.compile(r"\s*(?:\.{3,}|…)\s*$")
_GLUED = re.compile(r"[^\W\d]:[^\W\d]|\s:[^\W\d]")
_MAX_KICKER = 3
_MIN_HEADING = 3
"""Words below which a heading is not matched within a longer text: it could be a section's name."""


def choose(
    headings: tuple[str, ...],
    *,
    linked: str | None,
    graph: str | None,
    tag: str | None,
    feed: str | None,
    sites: tuple[str, ...] = (),
) -> Witness | None:
    """The headline among the page's ``h1``, JSON-LD, OpenGraph, ``<title>`` and the feed's title.

    ``sites`` are the names by which the publication goes: a title that ends in one loses it.
    """
    named = frozenset(" ".join(words(site)) for site in sites if site)
    real = tuple(heading for heading in headings if " ".join(words(heading)) not in named)
    headline = _without_site(linked, named) if linked else None
    confirmed = _confirmed(real, headline, tuple(other for other in (headline, graph, feed) if other))
    if confirmed is not None:
        return confirmed
    if headline and not _CUT.search(headline):
        return Witness("jsonld", headline)
    return _unconfirmed(
        real,
        [
            Witness(source, _without_site(said, named))
            for source, said in (("og", graph), ("jsonld", headline), ("feed", feed), ("title", tag))
            if said
        ],
        tag=tag,
        feed=feed,
    )


def _confirmed(headings: tuple[str, ...], headline: str | None, others: tuple[str, ...]) -> Witness | None:
    for heading in headings:
        if headline and _has_kicker(heading, headline):
            return Witness("jsonld", headline)
        if any(_agrees(heading, other) for other in others):
            return Witness("h1", _spaced(heading, others))
    return None


def _unconfirmed(
    headings: tuple[str, ...], others: list[Witness], *, tag: str | None, feed: str | None
) -> Witness | None:
    for heading in headings:
        if tag and _agrees(heading, tag):
            return Witness("h1", heading)
    for other in others:
        if feed and other.source != "feed" and words(other.value) == words(feed):
            return other
    if len(headings) == 1 and len(words(headings[0])) >= _MIN_HEADING:
        return Witness("h1", headings[0])
    return next(iter(others), Witness("h1", headings[0]) if headings else None)


def _agrees(heading: str, other: str) -> bool:
    spoken, said = words(heading), words(_CUT.sub("", other))
    if spoken == said or "".join(spoken) == "".join(said):
        return True
    if _CUT.search(other) and said and spoken[: len(said)] == said:
        return True
    return len(spoken) >= _MIN_HEADING and _within(spoken, said)


def _spaced(heading: str, others: tuple[str, ...]) -> str:
    """The heading, or, where its markup glued words together, another witness's spelling of the same letters."""
    spoken = words(heading)
    letters = "".join(spoken)
    for other in others:
        said = words(other)
        if "".join(said) == letters and (said != spoken or _GLUED.search(heading)):
            return other
    return heading


def _has_kicker(heading: str, headline: str) -> bool:
    """Whether a heading is the headline after up to three words of a section or topic."""
    spoken, said = words(heading), words(headline)
    extra = len(spoken) - len(said)
    return 0 < extra <= _MAX_KICKER and len(said) >= _MIN_HEADING and spoken[extra:] == said


def _within(part: list[str], whole: list[str]) -> bool:
    return f" {' '.join(part)} " in f" {' '.join(whole)} "


def _without_site(title: str, named: frozenset[str]) -> str:
    """``title`` without the publication's name after, or before, its last or first separator."""
    cuts = list(_SUFFIX.finditer(title))
    for cut in reversed(cuts):
        if " ".join(words(title[cut.end() :])) in named and title[: cut.start()].strip():
            return title[: cut.start()].strip()
    for cut in cuts:
        if " ".join(words(title[: cut.start()])) in named and title[cut.end() :].strip():
            return title[cut.end() :].strip()
    return title
