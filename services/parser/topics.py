"""Sections and tags: lists split as they were meant, and what is no topic left out. Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable

from services.parser.text import plain, words

MAX_TAGS = 50
TAG_LIMIT = 80
_SECTION_LIMIT = 60
_SEPARATOR = re.compile(r"\s*[,;|、，；]\s*")
_PATH = re.compile(r"\s*[>»›|,;]\s*")
_FOLDERS = re.compile(r"/?[^\s/]+(?:/[^\s/]+)*/?")
_LIST_COMMAS = 2
"""Commas from which one of several values must be a list itself: ``Washington, D.C.`` has one."""

# What the section "News", the whole site and the lack of a section are called.
_NO_TOPIC_NAMES = """
home, homepage, home page, front page, frontpage, start, startseite, accueil, inicio, portada, início,
capa, forside, hem, etusivu, główna, strona główna, главная, головна, ana sayfa, anasayfa, 首页, 首頁, ホーム,
トップ, 홈, الرئيسية, news, latest news, top news, all news, latest, recent news, breaking news, website,
portal, nachrichten, aktuell, aktuelles, meldungen, actualité, actualités, actu, noticias, últimas
noticias, notícias, notizie, nyheter, nyheder, uutiset, nieuws, wiadomości, aktualności, zprávy, hírek,
știri, haber, haberler, новости, новини, νέα, ειδήσεις, 新闻, 新聞, ニュース, 뉴스, أخبار, خبر, article, articles,
artikel, story, stories, post, posts, blog, web, page, tag, tags, category, categories, section,
archive, archiv, general, default, uncategorized, uncategorised, allgemein, ohne kategorie, non classé,
sin categoría, senza categoria, sem categoria, bez kategorii, без рубрики, ikke kategoriseret,
okategoriserade, null, none, undefined, n/a, other, others, misc, seo, amp, premium, exclusive,
featured, trending
"""
_NO_TOPIC = frozenset(" ".join(name.split()) for name in _NO_TOPIC_NAMES.split(","))
_LABELLED = re.compile(
    r"(?:section|type|category|primary[ _]category|tag|topic|keyword|word ?count|story ?type|content ?type|author)s?"
    r"\s*:",
    re.IGNORECASE,
)
_MACHINE = re.compile(
    r"[_@].*|[a-z][\w.-]*[:=]\S.*|\S*_\S*|(?!(?:19|20)\d\d$)[\d\s.,/:-]+|[0-9a-f]{8,}(?:-[0-9a-f]{2,})*|https?://.*"
)


def listed(values: Iterable[str]) -> list[str]:
    """The items of values each of which may be a list: ``a, b``, ``["a", "b"]``.

    Of several values none is split, unless one of them is plainly a list: then whoever made them knew no better.
    """
    several = [text for value in values if (text := value.strip())]
    if len(several) == 1 and (inner := _json_list(several[0])) is not None:
        several = inner
    if len(several) > 1 and all(value.count(",") < _LIST_COMMAS for value in several):
        return [item for value in several if (item := value.strip())]
    return [item for value in several for item in _SEPARATOR.split(value) if item]


def tags(values: Iterable[str], *, sites: Iterable[str] = ()) -> list[str]:
    """What of ``values`` is a topic, each once whatever its case; not the site's name nor marks for machines."""
    known = {" ".join(words(site)) for site in sites}
    kept: dict[str, str] = {}
    for value in values:
        text = plain(value, limit=TAG_LIMIT + 1).strip(" #\"'“”[]")
        if len(text) <= TAG_LIMIT and _is_topic(text, known) and not _MACHINE.fullmatch(text):
            kept.setdefault(text.casefold(), text)
    return list(kept.values())


def section(values: Iterable[str], *, sites: Iterable[str] = ()) -> str | None:
    """The first section in ``values`` that says something: not "News", not "Home", not the site's own name.

    A path (``News > Sport``) is read from its left.
    """
    known = {" ".join(words(site)) for site in sites}
    for value in values:
        whole = plain(value, limit=200).strip(" #\"'“”[]-–/")
        for part in whole.split("/") if _FOLDERS.fullmatch(whole) or _starts_nowhere(whole) else _PATH.split(whole):
            text = part.strip()
            if len(text) <= _SECTION_LIMIT and _is_topic(text, known) and not _MACHINE.fullmatch(text):
                return text
    return None


def _starts_nowhere(path: str) -> bool:
    first, slash, _ = path.partition("/")
    return bool(slash) and first.strip().casefold() in _NO_TOPIC


def trail(breadcrumbs: tuple[str, ...], *, titles: Iterable[str]) -> tuple[str, ...]:
    """The steps between the home page and the article: without the first, which is the site, where there are several,
    and without the article's own title.
    """
    own = {" ".join(words(title)) for title in titles}
    steps = [step for step in breadcrumbs if " ".join(words(step)) not in own]
    return tuple(steps[1:] if len(steps) > 1 and _is_home(steps[0]) else steps)


def _is_home(step: str) -> bool:
    return step.strip().casefold() in _NO_TOPIC


def _is_topic(text: str, sites: set[str]) -> bool:
    return (
        bool(text)
        and text.casefold() not in _NO_TOPIC
        and not _LABELLED.match(text)
        and (not (spoken := " ".join(words(text))) or spoken not in sites)
    )


def _json_list(text: str) -> list[str] | None:
    if not (text.startswith("[") and text.endswith("]")):
        return None
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return [item for item in found if isinstance(item, str)] if isinstance(found, list) else None
