"""Which language the text is in: detected on the text, weighed with what page and feed declare.

The detector is py3langid, whose model comes with the package: on texts of 20 words in 65 languages and scripts it is
right on 97 of 100 (lingua 2.1: 91, at ten times the CPU), its shares are honest, and what it confuses are cousins
(Croatian, Bosnian, Serbian). There a declaration counts: it makes its language ``DECLARED`` times as likely, which
settles what the text leaves open and changes nothing where the text is plain.

The text is judged by three passages of it: 600 characters cost a third of a millisecond and are right on as many pages
as the whole; a beginning alone may be a quotation, or a menu.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from py3langid.langid import MODEL_FILE, LanguageIdentifier

from services.parser.languagecodes import folded, normal
from services.parser.witness import Witness, provenance
from shared.records import FieldProvenance

__all__ = ["Spoken", "choose", "detect", "load", "normal"]

PASSAGE = 200
"""Characters of each passage; a text of no more than three is judged whole."""
MIN_LETTERS = 40
"""Bytes of letters (UTF-8) below which a detector guesses: what page or feed declare is better evidence then."""
LIKELY = 0.6
"""Below it no answer is given."""
SURE = 0.9
"""From here on a declaration of an unrelated language is a mistake."""
DECLARED = 20.0
_PLAIN = 0.99
# What nobody writes news in, but pages put in place of what only subscribers read: Lorem ipsum, and letters at random.
_FILLERS = frozenset({"la", "zxx"})
_PASSAGES = 5
_SOURCE = "py3langid"
# Languages that are taken for one another, by detectors and by those who fill in templates.
_FAMILIES = (
    frozenset({"no", "nn", "da", "sv", "se"}),
    frozenset({"hr", "sr", "bs", "sl"}),
    frozenset({"id", "ms"}),
    frozenset({"cs", "sk"}),
    frozenset({"es", "gl", "ca", "an", "oc"}),
    frozenset({"pt", "gl", "br"}),
    frozenset({"zu", "xh", "ss", "nr", "nd"}),
    frozenset({"st", "tn"}),
    frozenset({"hi", "mr", "ne"}),
    frozenset({"nl", "af", "fy"}),
    frozenset({"de", "lb"}),
    frozenset({"ru", "be", "bg", "mk", "sr"}),
    frozenset({"fa", "ps"}),
    frozenset({"az", "tr"}),
)


@dataclass(frozen=True)
class Spoken:
    """The language as ISO 639-1, how likely it is (0 to 1), whether page and feed declare another altogether, and
    whether the text ends in filler: Lorem ipsum or scrambled words where the rest of the article would be.
    """

    code: str | None = None
    confidence: float | None = None
    mismatch: bool = False
    filler: bool = False
    provenance: FieldProvenance | None = None


def load() -> None:
    """Read the model now: half a second and 90 MB, which processes forked later share."""
    _identifier()


def choose(text: str, declared: tuple[Witness, ...]) -> Spoken:
    """The language of ``text``. ``declared``: what page and feed say, in the order of belief."""
    stated = [(witness, code) for witness in declared if (code := normal(witness.value)) is not None]
    if not _is_enough(text):
        return _as_stated(stated, declared)
    codes = {code for _, code in stated}
    label, share = _identifier().classify(_sample(text))
    code, confidence, filler = folded(label), float(share), False
    if label in _FILLERS or confidence < _PLAIN or code is None or (codes and code not in codes):
        filler = "la" not in codes and _ends_in_filler(text)
        label, shares = _at_length(text[:PASSAGE] if filler else text)
        if label in _FILLERS - codes:
            return _as_stated(stated, (Witness(_SOURCE, label), *declared), filler=filler)
        code, confidence = _weighed(shares, codes)
    found = Witness(_SOURCE, label)
    everyone = (found, *declared)
    if code is None or confidence < LIKELY:
        cousins = [(witness, said) for witness, said in stated if _is_near(said, code)]
        return _as_stated(cousins, everyone, filler=filler)
    winner = found if code == folded(label) else next((witness for witness, said in stated if said == code), found)
    return Spoken(
        code=code,
        confidence=round(confidence, 4),
        mismatch=bool(stated) and confidence >= SURE and not any(_is_near(said, code) for _, said in stated),
        filler=filler,
        provenance=provenance(winner, everyone),
    )


def detect(text: str) -> tuple[str | None, float]:
    """The detector's language for ``text``, ISO 639-1 or ``None`` for one that has no such code, and its share."""
    label, share = _identifier().classify(_sample(text))
    return folded(label), round(float(share), 4)


def _as_stated(stated: list[tuple[Witness, str]], everyone: tuple[Witness, ...], *, filler: bool = False) -> Spoken:
    """What is declared is all there is."""
    if not stated:
        return Spoken(filler=filler, provenance=provenance(None, everyone))
    winner, code = stated[0]
    return Spoken(code=code, filler=filler, provenance=provenance(winner, everyone))


def _is_enough(text: str) -> bool:
    return len("".join(filter(str.isalpha, text[: MIN_LETTERS * 4])).encode("utf-8", "replace")) >= MIN_LETTERS


def _sample(text: str) -> str:
    if len(text) <= 3 * PASSAGE:
        return text
    middle = (len(text) - PASSAGE) // 2
    return f"{text[:PASSAGE]} {text[middle : middle + PASSAGE]} {text[-PASSAGE:]}"


def _is_wordy(text: str) -> bool:
    """Whether ``text`` is made of words: tables and program code are in no language either."""
    return sum(character.isalpha() for character in text) > 0.7 * len(text)


def _ends_in_filler(text: str) -> bool:
    """Whether the end, unlike the beginning, is filler."""
    start, end = text[:PASSAGE], text[-PASSAGE:]
    if len(text) < 2 * PASSAGE or not _is_wordy(end):
        return False
    return _identifier().classify(end)[0] in _FILLERS and _identifier().classify(start)[0] not in _FILLERS


def _at_length(text: str) -> tuple[str, dict[str, float]]:
    """The detector's best label and the share of each, where they are in doubt: passages that are judged one by one,
    since a few words in another script outweigh many in the page's own, unless it is cousins that they waver between.
    """
    shares = dict(_identifier().rank(_sample(text)))
    label, second = sorted(shares, key=shares.__getitem__, reverse=True)[:2]
    if len(text) <= 3 * PASSAGE or (shares[label] < _PLAIN and _is_near(folded(label), folded(second))):
        return label, shares
    step = (len(text) - PASSAGE) // (_PASSAGES - 1)
    judged = [dict(_identifier().rank(text[start : start + PASSAGE])) for start in range(0, step * _PASSAGES, step)]
    shares = {one: sum(passage[one] for passage in judged) / len(judged) for one in shares}
    return max(shares, key=shares.__getitem__), shares


def _weighed(shares: dict[str, float], declared: set[str]) -> tuple[str | None, float]:
    """The likeliest ISO 639-1 code, ``None`` for all languages that have none, and its share."""
    codes: dict[str | None, float] = {}
    for label, share in shares.items():
        code = folded(label)
        codes[code] = codes.get(code, 0.0) + share * (DECLARED if code in declared else 1.0)
    best = max(codes, key=codes.__getitem__)
    return best, codes[best] / (sum(codes.values()) or 1.0)


def _is_near(one: str | None, other: str | None) -> bool:
    return one == other or any(one in family and other in family for family in _FAMILIES)


@lru_cache(maxsize=1)
def _identifier() -> LanguageIdentifier:
    return LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
