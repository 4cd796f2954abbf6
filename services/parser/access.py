"""What the publisher says about access: free or paid, machine reading, licence. Nothing said is nothing known."""

from __future__ import annotations

import re
from collections.abc import Mapping

from lxml.html import HtmlElement

from services.parser import paywall
from services.parser.linked.article import LinkedArticle
from services.parser.meta import MetaTags
from shared.records import Access

_ROBOTS_TAGS = ("robots", "googlebot", "googlebot-news", "bingbot")
# noai: DeviantArt's convention, read by many crawlers; tdm-reservation: W3C TDM Reservation Protocol.
_NO_AI = re.compile(r"\b(?:noai|noimageai|noml)\b", re.IGNORECASE)
_SHOWN = 200
_LONGEST = 1000
_WHOLE = 400
"""Words from which a text is more than what paywalls leave over."""


def read(
    tags: MetaTags,
    linked: LinkedArticle,
    headers: Mapping[str, str],
    tree: HtmlElement | None = None,
    *,
    words: int | None = None,
    license: str | None = None,  # noqa: A002 - the record's own word
) -> Access:
    """The statements of page, JSON-LD and HTTP headers (lower-case names), and the ``license`` that is believed.
    ``words``: how long the text is.

    JSON-LD's ``isAccessibleForFree`` of the article goes before meta tags, these before what JSON-LD says of the web
    page, and all of them before the markup of ``tree``.
    """
    tier = paywall.tier(tags)
    free = linked.free if linked.free is not None and (linked.is_article or tier is None) else tier
    if free is None and tree is not None and paywall.is_held_back(tree, short=words is None or words < _WHOLE):
        free = False
    ai_opt_out, ai_evidence = _ai_opt_out(tags, headers)
    return Access(
        free=free,
        robots=_robots(tags, headers),
        ai_opt_out=ai_opt_out,
        ai_evidence=ai_evidence,
        license=license,
    )


def _robots(tags: MetaTags, headers: Mapping[str, str]) -> str | None:
    """The directives that limit what may be done with the page; others say nothing."""
    for source, value in (("meta robots", tags.value("robots")), ("x-robots-tag", headers.get("x-robots-tag"))):
        if value and re.search(r"\b(?:noindex|none|noarchive|nosnippet)\b", value, re.IGNORECASE):
            return f"{source}: {value[:_SHOWN]}"
    return None


def _ai_opt_out(tags: MetaTags, headers: Mapping[str, str]) -> tuple[bool | None, str | None]:
    """Whether the page objects to being used for AI, and the statements that say so, those of the page first.
    robots.txt groups for the crawlers of AI companies are addressed to those, and say nothing here.
    """
    directives = [(f"meta {name}", value) for name in _ROBOTS_TAGS for value in tags.all(name)]
    said_by = (*directives, ("x-robots-tag", headers.get("x-robots-tag", "")))
    objections = [f"{source}: {value[:_SHOWN]}" for source, value in said_by if _NO_AI.search(value)]
    reserved, reservation = _reservation(tags, headers)
    if not objections:
        return reserved, reservation
    statements = [*objections, reservation] if reserved and reservation else objections
    return True, "; ".join(dict.fromkeys(statements))[:_LONGEST]


def _reservation(tags: MetaTags, headers: Mapping[str, str]) -> tuple[bool | None, str | None]:
    """The page's TDM reservation, else that of its headers."""
    in_page, in_header = tags.value("tdm-reservation"), headers.get("tdm-reservation", "")
    said, where = (in_page, "meta tdm-reservation") if in_page else (in_header, "tdm-reservation")
    reserved = {"1": True, "0": False}.get(said.strip())
    if reserved is None:
        return None, None
    policy = tags.value("tdm-policy") or headers.get("tdm-policy") if reserved else None
    return reserved, f"{where}: {int(reserved)}" + (f"; tdm-policy: {policy[:_SHOWN]}" if policy else "")
