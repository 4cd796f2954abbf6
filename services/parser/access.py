"""What the publisher says about access: free or paid, machine reading, licence. Nothing said is nothing known."""

from __future__ import annotations

import re
from collections.abc import Mapping

from services.parser.jsonld import LinkedArticle
from services.parser.meta import MetaTags
from shared.records import Access

_FREE_TIERS = {"free": True, "locked": False, "paid": False, "premium": False, "subscriber": False}
_ROBOTS_TAGS = ("robots", "googlebot", "googlebot-news", "bingbot")
# noai: DeviantArt's convention, read by many crawlers; tdm-reservation: W3C TDM Reservation Protocol.
_NO_AI = re.compile(r"\b(?:noai|noimageai|noml)\b", re.IGNORECASE)
_CREATIVE_COMMONS = re.compile(r"creativecommons\.org/(?:licenses|publicdomain)/([a-z-]+)/(\d\.\d)", re.IGNORECASE)


def read(tags: MetaTags, linked: LinkedArticle, headers: Mapping[str, str]) -> Access:
    """The statements of page, JSON-LD and HTTP headers (lower-case names)."""
    tier = (tags.value("article:content_tier") or "").lower()
    free = linked.free if linked.free is not None else _FREE_TIERS.get(tier)
    said = linked.license or tags.license or tags.value("dcterms.license", "dc.rights.license")
    return Access(
        free=free, robots=_robots(tags, headers), ai_opt_out=_ai_opt_out(tags, headers), license=_license(said)
    )


def _robots(tags: MetaTags, headers: Mapping[str, str]) -> str | None:
    """The directives that limit what may be done with the page; others say nothing."""
    for source, value in (("meta robots", tags.value("robots")), ("x-robots-tag", headers.get("x-robots-tag"))):
        if value and re.search(r"\b(?:noindex|none|noarchive|nosnippet)\b", value, re.IGNORECASE):
            return f"{source}: {value[:200]}"
    return None


def _ai_opt_out(tags: MetaTags, headers: Mapping[str, str]) -> bool | None:
    directives = [*tags.all(*_ROBOTS_TAGS), headers.get("x-robots-tag", "")]
    if any(_NO_AI.search(directive) for directive in directives):
        return True
    reservation = (tags.value("tdm-reservation") or headers.get("tdm-reservation") or "").strip()
    return {"1": True, "0": False}.get(reservation)


def _license(said: str | None) -> str | None:
    if not said:
        return None
    match = _CREATIVE_COMMONS.search(said)
    if match is None:
        return said[:500]
    name = match.group(1).upper()
    return f"CC0 {match.group(2)}" if name == "ZERO" else f"CC {name} {match.group(2)}"
