"""The headline: a heading that another witness confirms, else what the page's data say. Pure.

The first ``h1`` that agrees with OpenGraph, JSON-LD, the page's title or the feed is what readers see; of the others,
JSON-LD is the editors' own headline, while OpenGraph and ``<title>`` are written for elsewhere and often carry the
site's name. Where a page calls its article differently in several places, the places that agree outvote the others.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from services.parser.byline.words import letters_of_house
from services.parser.text import word_count, words
from services.parser.witness import Witness

_SEPARATOR = re.compile(r"\s+[|–—·•»«:\-]\s+|\s*[|｜»]\s*")
_CUT = re.compile(r"\s*(?:\.{3,}|…)\s*$")
_GAP = re.compile(r"[\s–—-]+")
# What editors, servers and templates put where nobody has given a page its title. JSON-LD's headline is never one.
_NO_TITLE = frozenset(
    {
        "untitled", "untitled document", "untitled page", "no title", "new page", "document", "title", "page title",
        "null", "undefined", "none", "loading", "home", "homepage", "home page", "index", "default", "main page",
        "startseite", "unbenannt", "unbenanntes dokument", "ohne titel", "accueil", "page d accueil", "sans titre",
        "document sans titre", "inicio", "portada", "página principal", "sin título", "documento sin título", "início",
        "página inicial", "sem título", "documento sem título", "senza titolo", "documento senza titolo",
        "pagina iniziale", "startpagina", "naamloos document", "zonder titel", "hem", "startsida", "namnlöst dokument",
        "hjem", "forside", "forsiden", "etusivu", "strona główna", "bez tytułu", "domů", "úvod", "kezdőlap", "acasă",
        "ana sayfa", "anasayfa", "adsız", "главная", "главная страница", "без названия", "головна", "αρχική",
        "αρχική σελίδα", "الرئيسية", "דף הבית", "首页", "首頁", "ホーム", "無題ドキュメント", "无标题文档", "홈",
    }
)  # fmt: skip
_FILE = re.compile(
    r"(?:index|default|home|main|start|page|article|document)\.(?:[sx]?html?|php\d?|aspx?|jsp)", re.IGNORECASE
)
_KIN = frozenset({"og", "twitter", "meta"})
"""Witnesses that are filled from one field more often than not: they confirm others, and not one another."""
_EDITORS = frozenset({"jsonld", "og"})
_SURELY_LONG = 30
_MAX_PARTS = 4
_MAX_KICKER = 3
_MIN_HEADING = 3
_LONGEST_HOUSE = 6
"""Words beyond which a page that gives its site the name of its article is likelier than such a site."""
_MIN_UNSPACED = 6
"""Words below which a heading is not matched within a longer text: it could be a section's name. Where script has no
spaces, characters are counted.
"""


@dataclass(frozen=True)
class _Form:
    """One wording of the headline, with its words and letters for comparing."""

    source: str
    text: str
    words: tuple[str, ...]
    letters: str
    cut: bool
    """Whether it ends in the dots of an abridgement."""

    @property
    def is_long(self) -> bool:
        return len(self.words) >= _MIN_HEADING or (
            not self.letters.isascii() and word_count(self.text) >= _MIN_UNSPACED
        )


def choose(headings: tuple[str, ...], said: Iterable[Witness], *, sites: tuple[str, ...] = ()) -> Witness | None:
    """The headline among the page's ``h1`` and what the other witnesses say.

    :param said: in the order of belief: ``jsonld``, ``og`` and its kin, ``title``, ``feed``; ``h1`` is not looked at.
    :param sites: the names by which the publication goes: a title that ends in one, or begins with it, loses it.
    """
    said = tuple(witness for witness in said if witness.source != "h1")
    houses = frozenset(letters for site in sites for letters in letters_of_house(site))
    is_same = bool(headings and said) and said[0].value == headings[0] and said[0].source in _EDITORS
    if is_same and _is_plain(headings[0]) and _is_title(_form(said[0].source, headings[0]), houses):
        return Witness("h1", headings[0])
    others = [
        form
        for witness in said
        if (form := _form(witness.source, _without_site(witness.value, houses))).words and _is_title(form, houses)
    ]
    real = [form for heading in headings if (form := _form("h1", heading)).words and _is_title(form, houses)]
    chosen = _confirmed(real, others) or _agreed(real, others) or _best(real, others)
    return _completed(chosen, (*real, *others)) if chosen else None


def _is_title(form: _Form, houses: frozenset[str]) -> bool:
    """Whether this can be a headline: not the site's name, and not what stands where there is no title."""
    if _is_house(form.text, houses) and (form.source == "h1" or len(form.words) <= _LONGEST_HOUSE):
        return False
    if form.source == "jsonld":
        return True
    bare = _without_site(form.text, houses)
    return " ".join(words(bare)) not in _NO_TITLE and not _FILE.fullmatch(bare.strip())


def _is_plain(text: str) -> bool:
    """Whether a headline that is the same everywhere needs no second look: no site's name, and not abridged."""
    return len(text) >= _SURELY_LONG and not text.endswith(("...", "…"))


def _form(source: str, text: str) -> _Form:
    spoken = tuple(words(text))
    return _Form(source, text, spoken, "".join(spoken), cut=_CUT.search(text) is not None)


def _named(others: list[_Form], source: str) -> _Form | None:
    return next((form for form in others if form.source == source), None)


def _confirmed(headings: list[_Form], others: list[_Form]) -> _Form | None:
    """The first heading that JSON-LD, OpenGraph or the feed has too."""
    headline, graph = _named(others, "jsonld"), next((form for form in others if form.source == "og"), None)
    for heading in headings:
        if headline and _has_kicker(heading, headline):
            return headline
        if graph and not headline and _has_kicker(heading, graph) and _is_seconded(graph, others):
            return graph
        if headline and graph and _is_part(heading, headline) and headline.letters == graph.letters:
            return graph
        for other in others:
            if other.source != "title" and _agrees(heading, other):
                return heading
    return None


def _agreed(headings: list[_Form], others: list[_Form]) -> _Form | None:
    """Where no heading is confirmed: JSON-LD's headline, unless it stands alone against a heading that is the page's
    title; else what two of the others agree on.
    """
    headline, title = _named(others, "jsonld"), _named(others, "title")
    if headline and not headline.cut:
        titled = next((one for one in headings if title and one.letters == _first_part(title)), None)
        return headline if titled is None or _is_seconded(headline, others) else titled
    return next(
        (form for form in others if form.source not in {"title", "jsonld"} and _is_seconded(form, others)), None
    )


def _best(headings: list[_Form], others: list[_Form]) -> _Form | None:
    title = _named(others, "title")
    for heading in headings:
        if title and (_agrees(heading, title) or heading.letters == _first_part(title)):
            return heading
    if len(headings) == 1 and headings[0].is_long:
        return headings[0]
    ranked = sorted(others, key=lambda form: form.source == "title")
    return next(iter(ranked), headings[0] if headings else None)


def _first_part(title: _Form) -> str:
    return "".join(words(_SEPARATOR.split(title.text, maxsplit=1)[0]))


def _is_seconded(form: _Form, others: list[_Form]) -> bool:
    """Whether another kind of witness says the same."""
    return any(
        other.letters == form.letters and other.source != form.source and not {form.source, other.source} <= _KIN
        for other in others
    )


def _agrees(heading: _Form, other: _Form) -> bool:
    if heading.letters == other.letters:
        return True
    if other.cut and heading.words[: len(other.words)] == other.words:
        return True
    return heading.is_long and f" {' '.join(heading.words)} " in f" {' '.join(other.words)} "


def _is_part(heading: _Form, other: _Form) -> bool:
    """Whether a heading is the end of a headline, whose beginning a page shows above it."""
    extra = len(other.words) - len(heading.words)
    return extra > 0 and heading.is_long and other.words[extra:] == heading.words


def _has_kicker(heading: _Form, headline: _Form) -> bool:
    """Whether a heading is the headline after up to three words of a section or topic."""
    extra = len(heading.words) - len(headline.words)
    return 0 < extra <= _MAX_KICKER and headline.is_long and heading.words[extra:] == headline.words


def _completed(chosen: _Form, forms: tuple[_Form, ...]) -> Witness:
    """The headline, spelled as by another witness where markup glued its words together; what was abridged is taken
    from a witness that has it whole.
    """
    spaces = _spelled_apart(chosen.text)
    for other in forms:
        is_whole = not other.cut and other.source != "title" and other.words[: len(chosen.words)] == chosen.words
        if chosen.cut and is_whole:
            return Witness(other.source, other.text)
        if other.letters == chosen.letters and _spelled_apart(other.text) > spaces:
            return Witness(chosen.source, other.text)
    return Witness(chosen.source, chosen.text)


def _spelled_apart(text: str) -> int:
    return sum(any(character.isalnum() for character in part) for part in _GAP.split(text))


def _is_house(text: str, houses: frozenset[str]) -> bool:
    return "".join(word for word in words(text) if word not in {"the", "www"}) in houses


def _without_site(title: str, houses: frozenset[str]) -> str:
    """``title`` without the publication's name after, or before, its last or first separator."""
    cuts = list(_SEPARATOR.finditer(title))
    for cut in reversed(cuts[-_MAX_PARTS:]):
        if _is_house(title[cut.end() :], houses) and title[: cut.start()].strip():
            return title[: cut.start()].strip()
    for cut in cuts[:_MAX_PARTS]:
        if _is_house(title[: cut.start()], houses) and title[cut.end() :].strip():
            return title[cut.end() :].strip()
    return title
