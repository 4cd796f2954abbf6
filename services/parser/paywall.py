"""Whether the page's markup says that its text is for subscribers.

Most sites ship the parts of their wall with every page, open or not: of 21 pages with an element called ``paywall`` in
the samples, 20 say that they are free. What counts is only what is said of the article itself, and the boxes that
publishing systems put in the place of a text that they hold back.
"""

from __future__ import annotations

import re

from lxml import etree
from lxml.html import HtmlElement

from services.parser.dom import text_of
from services.parser.meta import MetaTags

# article:content_tier is Facebook's; "metered" is free up to a number of articles, which is neither.
_TIERS = {
    "free": True, "open": True, "locked": False, "paid": False, "premium": False, "subscriber": False,
    "subscribers": False, "subscription": False, "plus": False,
}  # fmt: skip
_TIER_NAMES = ("article:content_tier", "og:article:content_tier", "article:content-tier", "article_content_tier")
# k5a is Kilkaya's, cXense Piano's; the others are names that several publishers use for one and the same.
_PAID_NAMES = re.compile(
    r"k5a:paid|cxenseparse:.*(?:ispaidcontent|paywall)|article:premium|ispremium|(?:is)?accessibleforfree|subscriber_only|"
    r"article:paid|content-paid"
)
_YES, _NO = frozenset({"true", "1", "yes", "paid", "premium"}), frozenset({"false", "0", "no", "free"})

# Of the element that holds the article, or of the page's body.
_LOCKED_CLASS = re.compile(
    r"(?:[\w-]*[_-])?(?:article|content|post|story|main)[_-]+(?:is[_-])?"
    r"(?:premium|paid|locked|paywalled|subscribers?[_-]only)(?:[_-](?:article|content|post|story))?"
    r"|(?:is[_-])?(?:premium|paid|locked|paywalled)[_-](?:article|content|post|story)"
    r"|(?:is[_-])?(?:paywalled|subscribers?[_-]only|only[_-]for[_-]subscribers)"
)
_LONGEST_CLASS = 60
_LOCKED_DATA = {
    "data-paywall": {"true", "1", "locked", "closed", "hard"},
    "data-paywalled": {"true", "1"},
    "data-premium": {"true", "1"},
    "data-is-premium": {"true", "1"},
    "data-locked": {"true", "1"},
    "data-content-tier": {"locked", "premium", "paid"},
    "data-access": {"locked", "premium", "paid", "subscriber"},
}
_ABOVE = 30
# What a reader gets in the place of the text from Leaky Paywall, MemberPress, Paid Memberships Pro, Restrict Content
# Pro, WooCommerce Memberships, Ghost and Substack.
_HELD_BACK = etree.XPath(
    "//div[contains(@class,'leaky_paywall_message') or contains(@class,'mepr-unauthorized') or "
    "contains(@class,'pmpro_content_message') or contains(@class,'rcp_restricted') or "
    "contains(@class,'wc-memberships-content-restricted') or @data-testid='paywall'] | "
    "//aside[contains(@class,'gh-post-upgrade-cta')]"
)


def tier(tags: MetaTags) -> bool | None:
    """Whether meta tags call the article free, or paid."""
    for name in _TIER_NAMES:
        if (said := tags.value(name)) is not None and (free := _TIERS.get(said.lower())) is not None:
            return free
    for name in tags.values:
        if _PAID_NAMES.fullmatch(name):
            said = tags.values[name][0].lower()
            paid = True if said in _YES else False if said in _NO else None
            if paid is not None:
                return paid if "forfree" in name else not paid
    return None


def is_held_back(tree: HtmlElement, *, short: bool) -> bool:
    """Whether the markup says that the article's text is for subscribers. ``short``: there is so little of it that it
    may have been held back.
    """
    heading = next(tree.iter("h1"), None)
    element = heading.getparent() if heading is not None else next(tree.iter("body"), None)
    for _ in range(_ABOVE):
        if element is None:
            break
        if _is_locked(element):
            return True
        element = element.getparent()
    return short and any(text_of(box, limit=20) for box in _HELD_BACK(tree)[:5])


def _is_locked(element: HtmlElement) -> bool:
    css = element.get("class")
    if css and any(_LOCKED_CLASS.fullmatch(name) for name in css.lower().split()[:40] if len(name) <= _LONGEST_CLASS):
        return True
    return any(
        (said := element.get(name)) is not None and said.strip().lower() in locked
        for name, locked in _LOCKED_DATA.items()
    )
