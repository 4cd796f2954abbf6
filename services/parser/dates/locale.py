"""How a page writes its dates: in which language, and whether the day or the month comes first. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

Order = Literal["dmy", "mdy", "ymd"]

# CLDR's short date formats: all languages but these put the day first.
_YEAR_FIRST = frozenset({"zh", "ja", "ko", "hu", "lt", "mn", "eo"})
_MONTH_FIRST_REGIONS = frozenset({"us", "ph"})
# The United States write 5/6/2022 for the sixth of May, nearly all others for the fifth of June; Canada writes both.
_DAY_FIRST_ENGLISH = frozenset(
    {"gb", "uk", "au", "nz", "ie", "in", "za", "ke", "ng", "gh", "sg", "my", "hk", "pk", "lk", "mt", "bd", "ug", "tz"}
)
_UNSURE = frozenset({"en", "tl", "fil"})


@dataclass(frozen=True)
class Locale:
    """``language``: two letters. ``order``: in which order a date of three numbers with the year last is meant where it
    could be either; ``None`` where nobody can tell.
    """

    language: str | None = None
    order: Order | None = None


NOWHERE = Locale()


def locale(languages: Iterable[str], host: str | None) -> Locale:
    """The locale of a page that declares ``languages`` (``de``, ``en-GB``, ``en_US``), the first being believed, at
    ``host``.

    English alone says nothing about the order; then the region, or else the country of the domain, does.
    """
    tags = [tag.strip().lower().replace("_", "-").split("-") for tag in languages]
    tags = [tag for tag in tags if len(tag[0]) in (2, 3) and tag[0].isalpha()]
    if not tags:
        return NOWHERE
    language = tags[0][0]
    if language not in _UNSURE:
        return Locale(language[:2], "ymd" if language in _YEAR_FIRST else "dmy")
    regions = [part for tag in tags if tag[0] == language for part in tag[1:] if len(part) == 2]
    country = (host or "").rpartition(".")[2].lower()
    # A template's en-US is on many a page that no American made: the domain's country is asked first.
    for region in ([country] if len(country) == 2 else []) + regions:
        if region in _DAY_FIRST_ENGLISH:
            return Locale(language[:2], "dmy")
        if region in _MONTH_FIRST_REGIONS:
            return Locale(language[:2], "mdy")
    return Locale(language[:2])
