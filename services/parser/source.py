"""The publication: what it is called, and from which country it is, as far as that is said. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable

from services.parser.countries import CODES, code_of
from services.parser.text import plain, words
from services.parser.witness import Witness, refused
from shared.urls import site_of
from shared.webaddress import web_address

NAME_LIMIT = 80
_SEPARATOR = re.compile(r"\s+[|–—·•:\-»>]+\s+|\s*[|｜»]\s*|:\s+|\s+::\s+")
_ADDRESS = re.compile(r"(?:https?:)?//|^@|^www\.[^ ]*/", re.IGNORECASE)
_DOMAIN = re.compile(r"(?:www\.)?[^\s.]+(?:\.[^\s.]+)*\.[a-z]{2,}", re.IGNORECASE)
_FEED_WORDS = re.compile(
    r"^(?:rss|atom)\s*(?:feed)?\s*(?:of|for|:)?\s+|\s+(?:rss|atom)(?:\s+feed)?$|\s+feed$", re.IGNORECASE
)
_NO_NAMES = """
home, homepage, startseite, accueil, inicio, start, news, latest news, top stories, rss, feed, official site, official
website, undefined, null, none, my blog, wordpress, blog, website, site, index, default
"""
_NO_NAME = frozenset(" ".join(name.split()) for name in _NO_NAMES.split(","))
_COMPANY = re.compile(
    r",?\s+(?:inc\.?|llc|l\.l\.c\.|ltd\.?|limited|plc|company|co\.|corp(?:oration)?\.?|gmbh(?: & co\.? kg)?|ag|kg|"
    r"s\.?a\.?|s\.?p\.?a\.?|s\.?r\.?l\.?|a\.?/?s|ab|oy|b\.?v\.?)$",
    re.IGNORECASE,
)
_SLOGAN_WORDS = 3
_LEAST_LETTERS = 5
"""Letters from which a name that is only the beginning of the domain, or the other way round, is the same name."""


def name(said: Iterable[Witness], *, title: str | None, url: str | None) -> Witness | None:
    """The publication's name: the first witness whose words are one once slogans, "Home" and the like are taken off.

    One that is only a domain counts where no other is a name. The end of the page's ``<title>`` is a witness where
    nobody else is, and only where it spells the domain.
    """
    domain = _label(url)
    witnesses = list(said)
    plain_names = {_letters(witness.value) for witness in witnesses}
    domains: list[Witness] = []
    for witness in witnesses:
        cleaned = _cleaned(
            witness.value, domain, plain_names - {_letters(witness.value)}, feed=witness.source == "feed"
        )
        if cleaned is None:
            continue
        if _DOMAIN.fullmatch(cleaned):
            domains.append(Witness(witness.source, cleaned.removeprefix("www.")))
        else:
            return Witness(witness.source, cleaned)
    if title and domain:
        for part in reversed(_SEPARATOR.split(title)[1:]):
            if not _DOMAIN.fullmatch(part) and _spells(part, domain):
                return Witness("title", part.strip())
    return next(iter(domains), None)


def _cleaned(text: str, domain: str, others: set[str], *, feed: bool) -> str | None:
    whole = plain(text, limit=400).strip(" |-–—·:\"'")
    if feed:
        whole = _FEED_WORDS.sub("", whole).strip()
    if not whole or _ADDRESS.search(whole):
        return None
    parts = [part for piece in _SEPARATOR.split(whole) if (part := piece.strip()) and part.casefold() not in _NO_NAME]
    if not parts:
        return None
    if len(parts) > 1 or len(parts[0]) < len(whole):
        known = next((part for part in parts if _letters(part) in others or _spells(part, domain)), None)
        if known is not None:
            whole = known
        elif feed or len(parts) == 1 or any(len(words(part)) >= _SLOGAN_WORDS for part in parts[1:]):
            whole = parts[0]
    if (bare := _COMPANY.sub("", whole)) != whole and _spells(bare, domain):
        whole = bare
    return whole if len(whole) <= NAME_LIMIT and any(map(str.isalnum, whole)) else None


def _letters(text: str) -> str:
    return "".join(words(text))


def _spells(text: str, domain: str) -> bool:
    """Whether a name is what the site's domain spells: ``The Bote`` for ``bote.example`` or ``thebote.example``."""
    letters = _letters(text)
    if not domain or not letters:
        return False
    bare = letters.removeprefix("the")
    if domain in {letters, bare} or letters == domain.removeprefix("the"):
        return True
    shorter, longer = sorted((letters, domain), key=len)
    return len(shorter) >= _LEAST_LETTERS and longer.startswith(shorter)


def _label(url: str | None) -> str:
    return _letters(site_of(url).partition(".")[0]) if url else ""


def country(
    stated: str | None, locales: Iterable[Witness], *, url: str | None
) -> tuple[Witness | None, tuple[Witness, ...]]:
    """The publication's country and everything that was said about it.

    The publisher's postal address says it. A locale with a region (``de-AT``) says for whom a page is made, or what a
    template came with, and a country's domain where a site is registered: either alone is none, both together are one.
    """
    said: list[Witness] = []
    if stated:
        code = code_of(stated)
        if code is not None:
            said.append(Witness("jsonld", code))
        else:
            said.append(refused(Witness("jsonld", stated), "no country that is known"))
    here = _country_domain(url)
    for locale in locales:
        region = re.split("[-_]", locale.value.strip())[-1].upper() if re.search("[-_]", locale.value) else ""
        code = "GB" if region == "UK" else region
        if code in CODES:
            witness = Witness(locale.source, code)
            said.append(witness if code == here else refused(witness, "not the country of the site's domain"))
    winner = next((witness for witness in said if witness.reason is None), None)
    return winner, tuple(said)


def _country_domain(url: str | None) -> str:
    try:
        host = web_address(url).host if url else ""
    except ValueError:
        return ""
    last = host.rpartition(".")[2].upper()
    return "GB" if last == "UK" else last if last in CODES else ""
