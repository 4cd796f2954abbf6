"""The URL rules: which addresses are one page, whose site a request counts against, what a link in a feed means."""

from __future__ import annotations

import re
from functools import lru_cache
from urllib.parse import urljoin

from publicsuffixlist import PublicSuffixList

from shared.webaddress import ADDRESS, AUTHORITY, CONTROL, DEFAULT_PORTS, plain_host, web_address, without_dots

MAX_CANONICAL = 2048

# Parameters that say how a reader came, never what is shown: of advertising networks, social networks, newsletters and
# marketing suites, and audience measurement (Google, Matomo, AT Internet, Webtrekk, Comscore, Yahoo, Alibaba). Only
# names that no site is known to use for anything else: `ref`, `source`, `id`, `cmp`, `ocid`, `from`, `s` and the like
# select content somewhere, so they stay.
TRACKING_PREFIXES = ("utm_", "mtm_", "matomo_", "piwik_", "hsa_", "wt.", "wt_zmc")
_TRACKING = """
dclid epik fbclid gad_source gbraid gclid gclsrc irclickid li_fat_id msclkid rb_clickid rdt_cid sccid srsltid ttclid
twclid wbraid yclid ysclid
__twitter_impression fb_action_ids fb_action_types fb_ref fb_source igsh igshid soc_src soc_trk
__hsfp __hssc __hstc __s _hsenc _hsmi dm_i hsctatracking mc_cid mc_eid mkt_tok ml_subscriber ml_subscriber_hash
oly_anon_id oly_enc_id s_cid sfmc_activityid sfmc_id vero_conv vero_id wickedid
_ga _gl _openstat at_bbc_team at_campaign at_custom1 at_custom2 at_custom3 at_custom4 at_format at_link_id
at_link_origin at_link_type at_medium at_ptr_name cmpid guccounter guce_referrer guce_referrer_sig ns_campaign ns_fee
ns_linkname ns_mchannel ns_source pk_campaign pk_cid pk_content pk_keyword pk_kwd pk_medium pk_source spm wt_mc wtmc
xtor
"""
TRACKING_PARAMETERS = frozenset(_TRACKING.split())

_SCHEME = re.compile(r"([a-z][a-z0-9+.-]*):", re.IGNORECASE)
_PAGE_NAME = re.compile(r"[^\s?#]+\.(?:[sx]?html?|php[0-9]?|aspx?|jspx?|cgi|cfm|do|pdf|xml)(?:[?#].*)?", re.IGNORECASE)
_ESCAPE = re.compile(r"%([0-9A-Fa-f]{2})?")
_UNRESERVED = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")


def canonical_url(url: str) -> str:
    """The key of ``url``: what only differs in spelling, fragment or tracking parameters has the same one.

    Scheme, host and port as RFC 3986 6.2.2 and 6.2.3 and IDNA have them, percent-encoding of unreserved characters
    undone, dot segments resolved, known tracking parameters removed, the others sorted by name. Nothing that any site
    could tell apart is touched: the path's case, blank values, the order of values of one name, ``+`` and ``%20``.

    :raises ValueError: with a few words that say why it is no address of the web.
    """
    url = url.strip()
    if len(url) > MAX_CANONICAL:
        raise ValueError(f"an address of more than {MAX_CANONICAL} characters")
    address = web_address(url)
    path = without_dots(_normal_escapes(address.path)) or "/"
    parameters = [
        parameter
        for parameter in _normal_escapes(address.query or "").split("&")
        if parameter and not _is_tracking(_name(parameter))
    ]
    query = f"?{'&'.join(sorted(parameters, key=_name))}" if parameters else ""
    key = f"{address.scheme}://{address.authority}{path}{query}"
    if len(key) > MAX_CANONICAL:
        raise ValueError(f"an address of more than {MAX_CANONICAL} characters")
    return key


def site_of(url_or_key: str) -> str:
    """The site that answers for an address: its registered domain, where hosts of the public suffix list's private
    section (``x.github.io``) count as sites; an IP address is one of its own, whatever the port.

    What has no host, such as the key of an entry without a link, has no site: ``""``. Never raises.
    """
    match = ADDRESS.match(url_or_key)
    if match is None:
        return ""
    parts = AUTHORITY.fullmatch(match[2].rpartition("@")[2])
    return _site_of_host(parts[1]) if parts is not None else ""


def same_site(url: str, other: str) -> bool:
    """Whether both addresses belong to one site."""
    site = site_of(url)
    return bool(site) and site == site_of(other)


def absolute_url(base: str, link: str) -> str | None:
    """``link`` as a feed or page at ``base`` means it, or ``None`` where it names no web page: other schemes
    (``mailto:``, ``urn:``, ``tag:``), a bare fragment, a guid in place of a link.

    Line breaks inside, with the indentation around them, are a feed's layout. A link without scheme is relative,
    except that nobody has a folder called ``www.something``: that is a host.
    """
    link = "".join(part.strip(" ") for part in CONTROL.split(link)).strip()
    scheme = _SCHEME.match(link)
    if scheme is not None:
        if scheme[1].lower() not in DEFAULT_PORTS:
            return None
        # Browsers read http:/host and http:///host as http://host.
        slashes = re.match(r"[/\\]+", link[scheme.end() :])
        if slashes is None:
            return None
        link = f"{scheme[1].lower()}://{link[scheme.end() + slashes.end() :]}"
    elif link.lower().startswith("www."):
        link = f"//{link}"
    elif not _could_be_relative(link):
        return None
    return follow(base, link)


def follow(base: str, reference: str) -> str | None:
    """``reference`` resolved against ``base`` (RFC 3986 5.2), or ``None`` where that is no http or https address."""
    reference = reference.strip()
    try:
        # urljoin takes what has a scheme but no host ("http://") for relative.
        joined = reference if _SCHEME.match(reference) else urljoin(base.strip(), reference)
    except ValueError:
        return None
    match = ADDRESS.fullmatch(joined)
    return joined if match is not None and match[2] else None


# Pages that lead on by JavaScript, or by hand: no redirect of HTTP goes from the wrapper to the article. Links that do
# redirect (FeedBurner, t.co) are not among them.
_AGGREGATORS = (
    (re.compile(r"news\.google\.com"), re.compile(r"/(?:u/\d+/)?(?:__i/)?(?:rss/|atom/)?(?:rd/)?(?:articles|read)/.+")),
    # Google Alerts and mail: a page with a meta refresh (eafer/rdrview#11).
    (re.compile(r"(?:www\.)?google(?:\.[a-z]{2,3}){1,2}"), re.compile(r"/url")),
    (re.compile(r"apple\.news"), re.compile(r"/A[\w-]{10,}")),
    # Waits for a button to be pressed.
    (re.compile(r"c\.newsnow\.(?:co\.uk|com)"), re.compile(r"/A/.+")),
)


def is_aggregator_link(url: str) -> bool:
    """Whether ``url`` wraps another page in a way that following HTTP redirects never undoes (Google News and Alerts,
    Apple News, NewsNow). Shorteners and counters that do redirect are ordinary links.
    """
    try:
        address = web_address(url)
    except ValueError:
        return False
    return any(host.fullmatch(address.host) and path.fullmatch(address.path) for host, path in _AGGREGATORS)


@lru_cache(maxsize=1)
def _suffixes() -> PublicSuffixList:
    return PublicSuffixList()


@lru_cache(maxsize=16_384)
def _site_of_host(host: str) -> str:
    try:
        plain = plain_host(host)
    except ValueError:
        return ""
    if ":" in plain or plain.rpartition(".")[2].isdigit():
        return plain
    # A public suffix itself (a bare `github.io`, `localhost`, an intranet's `wiki`) answers for itself.
    return _suffixes().privatesuffix(plain) or plain


def _normal_escapes(text: str) -> str:
    """RFC 3986 6.2.2.1 and 6.2.2.2; a percent sign that escapes nothing is escaped itself."""
    return _ESCAPE.sub(_normal_escape, text)


def _normal_escape(match: re.Match[str]) -> str:
    if match[1] is None:
        return "%25"
    character = chr(int(match[1], 16))
    return character if character in _UNRESERVED else match[0].upper()


def _name(parameter: str) -> str:
    return parameter.partition("=")[0]


def _is_tracking(name: str) -> bool:
    name = name.lower()
    return name in TRACKING_PARAMETERS or name.startswith(TRACKING_PREFIXES)


def _could_be_relative(link: str) -> bool:
    """A path, a query or a page's file name; a title, a number or a hash put where the link belongs is none."""
    if link.startswith(("/", "./", "../", "?")):
        return True
    if not link or link.startswith("#") or re.search(r"\s", link):
        return False
    return "/" in link or _PAGE_NAME.fullmatch(link) is not None
