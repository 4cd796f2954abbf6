"""The article's addresses: what the page calls itself is believed only as far as it can be checked. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from services.parser.text import words
from services.parser.witness import Witness, provenance, refused
from shared.records import FieldProvenance
from shared.urls import absolute_url, canonical_url, same_site
from shared.webaddress import web_address

_HOME = re.compile(
    r"/(?:index\.\w{2,5}|home(?:page)?|start|default\.\w{2,5}|[a-z]{2}(?:[-_][a-z]{2})?)?/?", re.IGNORECASE
)
_LEFT_OUT = re.compile(r"/amp(?=/|$)|\.amp(?=\.|$)|(?<=/)(?:amp|m|mobile)/", re.IGNORECASE)
_AMP = re.compile(r"/amp(?=/|$)|\.amp(?=\.|$)|(?<=/)amp/", re.IGNORECASE)
_NEXT_PAGE = re.compile(r"/(?:page/|seite/)?[2-9]\d?/?", re.IGNORECASE)
_NEXT_PAGE_QUERY = re.compile(r"(?:^|&)(?:page|paged|p|pg|seite|pagina)=[2-9]\d?(?=&|$)", re.IGNORECASE)
_EXTENSION = re.compile(r"\.(?:[sx]?html?|php\d?|aspx?|jsp)$", re.IGNORECASE)
_SLUG_WORDS = 3
"""Words from which the end of a path is a headline in an address."""
_YEAR = re.compile(r"(?:19|20)\d\d")
_NUMBER = re.compile(r"\d{4,}")
# Google's and Bing's caches of AMP pages: the page's own address follows in the path.
_CACHE = re.compile(r"https?://[^/]+\.(?:cdn\.ampproject\.org|bing-amp\.com)/(?:[a-z]/)+(.+)", re.IGNORECASE)


@dataclass(frozen=True)
class Identity:
    """``canonical``: the key the article is known by; ``final``: where the page was."""

    canonical: str | None
    final: str | None
    provenance: FieldProvenance | None


def identify(final: str | None, claims: tuple[Witness, ...]) -> Identity:
    """The canonical address among the page's ``claims`` (rel=canonical, og:url, JSON-LD), in the order of belief.

    A claim counts only on the page's own site, for a page that can be an article, and not against the page's own word:
    else a hostile page could pass for another's article, and a careless template makes one article of a whole site. To
    take two articles for one loses one of them; to take one for two does not. What does not count stays a candidate,
    with the reason.
    """
    resolved = [(claim, absolute_url(final, claim.value) if final else claim.value) for claim in claims]
    own = _key(final)
    says_own = own is not None and any(
        _bare(own) == _bare(key) for _, url in resolved if (key := _key(url)) is not None
    )
    judged: list[Witness] = []
    winner: tuple[Witness, str] | None = None
    for claim, url in resolved:
        reason, key = _judge(url, final, own, says_own=says_own)
        if key is None:
            judged.append(refused(claim, reason))
        else:
            judged.append(claim)
            winner = winner or (claim, key)
    if winner is not None:
        return Identity(canonical=winner[1], final=final, provenance=provenance(winner[0], judged))
    return Identity(
        canonical=own, final=final, provenance=provenance(Witness("final", final) if final else None, judged)
    )


def _judge(url: str | None, final: str | None, own: str | None, *, says_own: bool) -> tuple[str, str | None]:
    """Why a claim is not believed, or the key that it gives."""
    key = _key(url)
    if url is None or key is None:
        return "no address of the web", None
    if final is not None and not same_site(final, url) and not _is_cached(key, final):
        return "another site", None
    path, query = _parts(key)
    if not query and _HOME.fullmatch(path):
        return "the home page", None
    reason = _contradiction(key, own, says_own=says_own) if own is not None else None
    return (reason, None) if reason else ("", key)


def _contradiction(key: str, own: str, *, says_own: bool) -> str | None:
    """What speaks against an address of the page's own site as the page's."""
    (path, query), (own_path, own_query) = _parts(key), _parts(own)
    if _AMP.search(path) and not _AMP.search(own_path) and "amp" not in own_query.lower() and _bare(own) == _bare(key):
        return "the page's AMP rendition"
    if key != own and _is_next_page(path, query, own_path, own_query):
        return "another page of the article"
    if _bare(own) == _bare(key):
        lost = not _is_story(own_path, "") and (numbers := _numbers(own_query)) and not numbers & _numbers(query)
        return "another article" if lost else None
    above = not query and own_path.startswith(f"{path.rstrip('/')}/") and "/" in own_path.removeprefix(path).strip("/")
    if above or (_is_story(own_path, own_query) and not _is_story(path, query)):
        return "a section of the site"
    if says_own and not _is_same_story(own_path, path):
        return "the page also gives its own address"
    return "another article" if _tells_another(own_path, path) else None


def _is_next_page(path: str, query: str, own_path: str, own_query: str) -> bool:
    """Whether an address is that of a later page of what the own one begins."""
    rest = path.removeprefix(own_path.rstrip("/"))
    if own_path != "/" and rest != path and _NEXT_PAGE.fullmatch(rest):
        return True
    return path == own_path and _NEXT_PAGE_QUERY.search(query) is not None and not _NEXT_PAGE_QUERY.search(own_query)


@lru_cache(maxsize=64)  # the claims of a page are mostly one address, and asked for again and again
def _key(url: str | None) -> str | None:
    try:
        return canonical_url(url) if url else None
    except ValueError:
        return None


@lru_cache(maxsize=64)
def _parts(key: str) -> tuple[str, str]:
    address = web_address(key)
    return address.path, address.query or ""


def _bare(key: str) -> str:
    """An address as all its renditions share it: without scheme, host, query, AMP and mobile marks, last slash."""
    path, _ = _parts(key)
    return _LEFT_OUT.sub("", path).rstrip("/").lower() or "/"


def _is_cached(key: str, final: str) -> bool:
    match = _CACHE.fullmatch(final)
    inner = _key(f"https://{match.group(1)}") if match else None
    return inner is not None and same_site(inner, key) and _bare(inner) == _bare(key)


def _numbers(query: str) -> set[str]:
    return set(re.findall(r"\d{2,}", query))


def _ids(path: str) -> set[str]:
    return {number for number in _NUMBER.findall(path) if not _YEAR.fullmatch(number)}


def _slug(path: str) -> list[str]:
    """The words at the end of a path."""
    last = next((part for part in reversed(path.split("/")) if words(_EXTENSION.sub("", part))), "")
    return [word for word in words(_EXTENSION.sub("", last)) if not word.isdigit()]


def _is_story(path: str, query: str) -> bool:
    """Whether an address looks like an article's: a headline or a number in it."""
    return bool(query) or len(_slug(path)) >= _SLUG_WORDS or _NUMBER.search(path) is not None


def _is_same_story(own: str, claimed: str) -> bool:
    """Whether both paths end in the same headline or number, whatever the folders."""
    here, there = _slug(own), _slug(claimed)
    if len(here) >= _SLUG_WORDS and here == there:
        return True
    return bool(_ids(own) & _ids(claimed))


def _tells_another(own: str, claimed: str) -> bool:
    """Whether both paths end in headlines that have no word in common, and share no number."""
    here, there = _slug(own), _slug(claimed)
    if len(here) < _SLUG_WORDS or len(there) < _SLUG_WORDS or set(here) & set(there):
        return False
    return not _ids(own) & _ids(claimed)
