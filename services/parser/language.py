"""Which language the text is in: detected on the text, compared with what page and feed declare.

The detector is py3langid, whose model comes with the package. It reads no more than the beginning of the text: 1,200
characters cost half a millisecond and are right on as many pages as the whole.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from py3langid.langid import MODEL_FILE, LanguageIdentifier

from services.parser.witness import Witness, provenance
from shared.records import FieldProvenance

SAMPLE = 1_200
MIN_LETTERS = 60
"""Letters below which a detector guesses: what page or feed declare is better evidence then."""
SURE = 0.9
_CODE = re.compile(r"([a-zA-Z]{2,3})(?:[-_].*)?$")
# ISO 639-2, old codes and country codes that pages declare, as ISO 639-1. Bokmål goes under Norwegian, as the detector
# has it: readers who ask for one want the other.
_ALIASES = {"ger": "de", "deu": "de", "eng": "en", "fre": "fr", "fra": "fr", "spa": "es", "ita": "it", "por": "pt",
            "rus": "ru", "iw": "he", "in": "id", "ji": "yi", "cz": "cs", "jp": "ja", "gr": "el", "ua": "uk", "kr": "ko",
            "cn": "zh", "se": "sv", "dk": "da", "nb": "no", "nob": "no"}  # fmt: skip
# Languages that a detector takes for one another: within a family the declared one is believed.
_FAMILIES = (
    frozenset({"no", "nn", "da"}),
    frozenset({"hr", "sr", "bs", "sh", "sl"}),
    frozenset({"id", "ms"}),
    frozenset({"cs", "sk"}),
    frozenset({"es", "gl", "ca", "an", "ast"}),
    frozenset({"pt", "gl"}),
    frozenset({"zu", "xh", "ss", "nr", "st", "tn"}),
    frozenset({"hi", "mr", "ne"}),
    frozenset({"nl", "af"}),
    frozenset({"de", "lb"}),
    frozenset({"ru", "uk", "be", "bg"}) - {"uk"},
    frozenset({"fa", "ps", "ur"}) - {"ur"},
)


@dataclass(frozen=True)
class Spoken:
    """The language as ISO 639-1 (or 639-3), how sure the detector was (0 to 1), and whether what the page declares is
    another language altogether.
    """

    code: str | None = None
    confidence: float | None = None
    mismatch: bool = False
    provenance: FieldProvenance | None = None


def choose(text: str, declared: tuple[Witness, ...]) -> Spoken:
    """The language of ``text``. ``declared``: what page and feed say, in the order of belief."""
    stated = [(witness, code) for witness in declared if (code := normal(witness.value)) is not None]
    letters = sum(character.isalpha() for character in text[: MIN_LETTERS * 4])
    if letters < MIN_LETTERS:
        if not stated:
            return Spoken(provenance=provenance(None, declared))
        winner, code = stated[0]
        return Spoken(code=code, provenance=provenance(winner, declared))
    detected, confidence = detect(text)
    found = Witness("py3langid", detected)
    everyone = (found, *declared)
    for witness, code in stated:
        if code == detected:
            break
        if _related(code, detected) or confidence < SURE:
            return Spoken(code=code, confidence=confidence, provenance=provenance(witness, everyone))
        break
    mismatch = bool(stated) and all(code != detected and not _related(code, detected) for _, code in stated[:2])
    return Spoken(code=detected, confidence=confidence, mismatch=mismatch, provenance=provenance(found, everyone))


def detect(text: str) -> tuple[str, float]:
    """The detector's language for ``text`` and its confidence from 0 to 1."""
    code, confidence = _identifier().classify(text[:SAMPLE])
    return str(code), round(float(confidence), 4)


def normal(code: str) -> str | None:
    """A declared language as a bare code: ``de-DE`` is ``de``; ``None`` for what is none."""
    match = _CODE.match(code.strip())
    if match is None:
        return None
    bare = match.group(1).lower()
    bare = _ALIASES.get(bare, bare)
    return None if bare in {"und", "mul", "zxx", "xx", "mis"} else bare


def _related(one: str, other: str) -> bool:
    return any(one in family and other in family for family in _FAMILIES)


@lru_cache(maxsize=1)
def _identifier() -> LanguageIdentifier:
    return LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
