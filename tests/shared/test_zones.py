"""What the abbreviations of time zones mean."""

from __future__ import annotations

from datetime import timedelta

import pytest

from shared.zones import offset_of


@pytest.mark.parametrize(("name", "hours"), [("GMT", 0), ("z", 0), ("CEST", 2), ("JST", 9), ("ACST", 9.5), ("PDT", -7)])
def test_a_name_of_one_place_has_an_offset(name: str, hours: float) -> None:
    assert offset_of(name) == timedelta(hours=hours)


@pytest.mark.parametrize("name", ["IST", "BST", "GST", "AST", "NST", "AMT", "XYZT", ""])
def test_a_name_of_several_places_or_none_has_none(name: str) -> None:
    assert offset_of(name, date=f"Tue, 24 Nov 2026 08:00:00 {name}") is None


@pytest.mark.parametrize(
    "date",
    [
        "Tue, 24 Nov 2026 08:00:00 CST",
        "24 Nov 26 08:00 CST",
        "Tuesday, 24-Nov-26 08:00:00 CST",
        "tue 4 nov 2026 8:00 cst",
    ],
)
def test_american_names_have_the_offsets_of_rfc_822_in_its_dates(date: str) -> None:
    assert offset_of("CST", date=date) == timedelta(hours=-6)


@pytest.mark.parametrize("date", ["", "Nov 24, 2026 08:00 CST", "2026-11-24 08:00:00 CST", "Di, 24 Dez 2026 08:00 CST"])
def test_american_names_have_none_in_other_dates(date: str) -> None:
    assert offset_of("CST", date=date) is None
