"""By which rule each field is decided, a sentence each, as ``wiredesk parse --explain`` tells it."""

from __future__ import annotations

from services.parser.fields import ORDERS


def _first_of(name: str, *, unless: str | None = None) -> str:
    order = ", ".join(ORDERS[name])
    return f"the first of {order}" + (f" {unless}" if unless else "")


FIELD_RULES = {
    "title": "the first h1 that JSON-LD, OpenGraph, the title or the feed confirms; else JSON-LD's headline; "
    "else OpenGraph's, the feed's or the title, without the site's name; places that agree outvote the others",
    "subtitle": _first_of("subtitle", unless="that repeats neither title nor summary"),
    "summary": _first_of("summary", unless="that does not repeat the title; whole before cut short"),
    "authors": "persons named by JSON-LD, else by meta tags, else by the feed, else by the visible by-line; a news "
    "agency where nobody names a person, the publication only where nobody else is named",
    "section": _first_of("section", unless="that says more than News and is not the site"),
    "tags": f"all of {', '.join(ORDERS['tags'])} together; the page's general keywords only where there are none",
    "language": "the language detected in the text; what page and feed declare settles what the text leaves open",
    "published_at": "JSON-LD, else meta tags, else dates marked up in the page, else the feed, else a search of the "
    "page; another witness may only make the same date more exact; nothing more than a day ahead of the download",
    "modified_at": "the first instant that anybody names which is not before publication",
    "source.name": _first_of("source.name", unless="without its slogan"),
    "source.country": _first_of("source.country", unless="where the site's domain agrees"),
    "source.domain": "the registered domain of the canonical address",
    "urls.canonical": _first_of(
        "urls.canonical",
        unless="on the page's own site, below its home page and not above the page; else the page's own address",
    ),
    "images": "JSON-LD, meta tags, the text's own and the feed's together, each once",
    "access.free": "what the publisher says: JSON-LD's isAccessibleForFree, else the page's own marks",
    "access.ai_opt_out": "noai and the like in meta tags or headers, or a TDM reservation",
    "access.license": _first_of("access.license", unless="else what the text says"),
}
"""The order of belief of each field of the record that several witnesses speak of."""
