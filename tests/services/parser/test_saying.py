"""What follows a label: a sentence of the article, or whose a picture is."""

from __future__ import annotations

import pytest

from services.parser.saying import said_after_label


@pytest.mark.parametrize(
    "line",
    [
        "Quelle: Die Spree entspringt in der Lausitz.",
        "Foto: Der Beweis fehlte dem Gericht.",
        "Listen: it rains.",
        "Watch: a device worn at the wrist.",
    ],
)
def test_a_sentence_after_a_label_is_told(line):
    assert said_after_label(line) == line.partition(": ")[2]


@pytest.mark.parametrize(
    "line",
    [
        "Foto: dpa.",
        "Photo: Ann Lee for the Bote.",
        "Image: courtesy of the artist.",
        "Foto: Stadt Köln / privat.",
        "Source: port authority",
        "A long way to say that: it rains.",
    ],
)
def test_names_owners_and_what_has_no_label_are_no_sentence(line):
    assert said_after_label(line) is None
